_base_ = 'benchmark.py'

from mmgsf.datasets import class_names, list_delimiter, training_root

num_segments = 8
classes = class_names('k400')
num_classes = len(classes)

data_root = 'data/kinetics400'
prepare_command = f'python tools/prepare_data.py k400 {data_root}'
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

train_list = f'{clips_root}/kinetics400_train_list_videos.txt'
val_list = f'{clips_root}/kinetics400_val_list_videos.txt'
dataset = dict(type='VideoDataset', metainfo=dict(classes=classes))
train_dataloader = dict(
    dataset=dict(
        ann_file=train_list,
        data_prefix=dict(video=f'{clips_root}/videos_train'),
        # Names of classes hold spaces.
        delimiter=list_delimiter(train_list),
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    dataset=dict(
        ann_file=val_list,
        data_prefix=dict(video=f'{clips_root}/videos_val'),
        delimiter=list_delimiter(val_list),
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader
