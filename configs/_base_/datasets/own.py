_base_ = 'benchmark.py'

from mmgsf.datasets import list_delimiter, read_class_names

# tools/prepare_data.py folder ROOT writes a config with this for another folder.
num_segments = 8
data_root = 'data/own'
prepare_command = f'python tools/prepare_data.py folder {data_root}'
classes = read_class_names(f'{data_root}/classes.txt', stand_ins=('first', 'second'))
num_classes = len(classes)

train_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='DecordDecode'),
    *_base_.augmentation,
    dict(type='Flip', flip_ratio=0.5),
    *_base_.packing,
]
val_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='DecordDecode'),
    *_base_.center_crop,
    *_base_.packing,
]
test_pipeline = val_pipeline

train_list = f'{data_root}/train_list_videos.txt'
val_list = f'{data_root}/val_list_videos.txt'
dataset = dict(
    type='VideoDataset',
    data_prefix=dict(video=data_root),
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(
        ann_file=train_list,
        delimiter=list_delimiter(train_list),
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(
        ann_file=val_list,
        delimiter=list_delimiter(val_list),
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader
