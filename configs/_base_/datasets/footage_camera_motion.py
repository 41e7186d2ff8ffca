_base_ = []

from mmgsf.datasets import class_names

num_segments = 8
classes = class_names('camera_motion')
num_classes = len(classes)

# Test reads files; training and validation film their clips in memory.
data_root = 'data/footage_camera_motion'
prepare_command = f'python tools/prepare_data.py camera_motion {data_root} --setting footage'

size = 64
# The whole frame comes down to a square, so that its rim, where no subject is, stays.
squeeze = dict(type='Resize', scale=(size, size), keep_ratio=False, interpolation='area')
train_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='ArrayDecode'),
    squeeze,
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    *train_pipeline[1:],
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(
        type='StretchSampleFrames',
        num_clips=num_segments,
        stretches=((16, 3), (48, 3), (None, 1)),
        test_mode=True,
    ),
    dict(type='DecordDecode'),
    squeeze,
    dict(type='CenterCrop', crop_size=size),
    *train_pipeline[3:],
]

rendered = dict(
    type='RenderedFootage',
    size=size,
    num_frames=num_segments,
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        split='train', num_samples=2048, standing=0.06, pipeline=train_pipeline, **rendered
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='val', num_samples=192, pipeline=val_pipeline, test_mode=True, **rendered),
)
test_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoDataset',
        ann_file=f'{data_root}/camera_motion_val_list_videos.txt',
        data_prefix=dict(video=f'{data_root}/videos'),
        metainfo=dict(classes=classes),
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
