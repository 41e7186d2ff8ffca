_base_ = []

from mmgsf.datasets import class_names, flip_label_map

num_segments = 8
classes = class_names('ssv1')
num_classes = len(classes)

data_root = 'data/sthv1'
prepare_command = f'python tools/prepare_data.py ssv1 {data_root}'

train_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='RawFrameDecode'),
    dict(type='ClipRandAugment'),
    dict(type='Resize', scale=(-1, 256)),
    dict(
        type='MultiScaleCrop',
        input_size=224,
        scales=(1, 0.875, 0.75, 0.66),
        random_crop=False,
        max_wh_scale_gap=1,
        num_fixed_crops=13,
    ),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5, flip_label_map=flip_label_map(classes)),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='RawFrameDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = val_pipeline

dataset = dict(
    type='RawframeDataset',
    data_prefix=dict(img=f'{data_root}/rawframes'),
    filename_tmpl='{:05}.jpg',
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        ann_file=f'{data_root}/sthv1_train_list_rawframes.txt', pipeline=train_pipeline, **dataset
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/sthv1_val_list_rawframes.txt',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
