_base_ = []

from mmgsf.datasets import class_names

num_segments = 8
verb_classes = class_names('epic100_verbs')
noun_classes = class_names('epic100_nouns')

data_root = 'data/epic100'
prepare_command = f'python tools/prepare_data.py epic100 {data_root}'

train_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='DecordDecode'),
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
    # No verb or noun names a direction.
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('narration_id', 'participant_id')),
]
val_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('narration_id', 'participant_id')),
]
test_pipeline = val_pipeline

dataset = dict(
    type='EpicKitchens100',
    data_prefix=dict(video=data_root),
    metainfo=dict(verb_classes=verb_classes, noun_classes=noun_classes),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        ann_file=f'{data_root}/epic100_train_list.tsv', pipeline=train_pipeline, **dataset
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/epic100_val_list.tsv',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader

# With the organisers' lists in annotation_dir, tail classes and unseen participants as well.
val_evaluator = dict(type='EpicMetric')
test_evaluator = val_evaluator
