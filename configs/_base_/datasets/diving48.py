_base_ = 'benchmark.py'

from mmgsf.datasets import class_names, training_root

num_segments = 16
classes = class_names('diving48')
num_classes = len(classes)

data_root = 'data/diving48'
prepare_command = f'python tools/prepare_data.py diving48 {data_root}'
reencode_command = f'{prepare_command} --reencode'
# Or the folder in it where that command has put copies that are faster to read.
clips_root = training_root(data_root)

train_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='DecordDecode'),
    *_base_.augmentation,
    # No class names a direction.
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

dataset = dict(
    type='VideoDataset',
    data_prefix=dict(video=f'{clips_root}/videos'),
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=1,
    dataset=dict(
        ann_file=f'{clips_root}/diving48_train_list_videos.txt',
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    batch_size=1,
    dataset=dict(
        ann_file=f'{clips_root}/diving48_val_list_videos.txt',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader
