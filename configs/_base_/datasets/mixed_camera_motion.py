_base_ = []

from mmgsf.datasets import class_names, flip_label_map

num_segments = 8
classes = class_names('camera_motion')
num_classes = len(classes)

# Photographs and footage in turn; in training and validation each video is decoded once and kept.
data_root = 'data/mixed_camera_motion'
prepare_command = f'python tools/prepare_data.py camera_motion {data_root} --setting mixed'

size = 64
train_pipeline = [
    dict(type='CachedDecordInit', size=size),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='ArrayDecode'),
    dict(type='Flip', flip_ratio=0.5, flip_label_map=flip_label_map(classes)),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    train_pipeline[0],
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='ArrayDecode'),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = [
    dict(type='DecordInit'),
    val_pipeline[1],
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(size, size), keep_ratio=False, interpolation='area'),
    dict(type='CenterCrop', crop_size=size),
    *val_pipeline[3:],
]

dataset = dict(
    type='VideoDataset',
    data_prefix=dict(video=f'{data_root}/videos'),
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type='CurriculumSampler', easy_epochs=11),
    dataset=dict(
        ann_file=f'{data_root}/camera_motion_train_list_videos.txt',
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/camera_motion_val_list_videos.txt',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/camera_motion_val_list_videos.txt',
        pipeline=test_pipeline,
        test_mode=True,
        **dataset,
    ),
)

val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
