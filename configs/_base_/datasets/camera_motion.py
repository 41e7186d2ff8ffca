_base_ = []

from mmgsf.datasets import class_names, flip_label_map

num_segments = 8
classes = class_names('camera_motion')
num_classes = len(classes)

data_root = 'data/camera_motion'
prepare_command = f'python tools/prepare_data.py camera_motion {data_root}'

# The clips are 64 pixels wide; other videos come down to that.
train_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='DecordDecode'),
    dict(type='Flip', flip_ratio=0.5, flip_label_map=flip_label_map(classes)),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 64)),
    dict(type='CenterCrop', crop_size=64),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = val_pipeline

dataset = dict(
    type='VideoDataset',
    data_prefix=dict(video=f'{data_root}/videos'),
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        ann_file=f'{data_root}/camera_motion_train_list_videos.txt',
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/camera_motion_val_list_videos.txt',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
