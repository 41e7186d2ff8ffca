# What the five benchmarks share: behind the decoder, as the authors train and test, and around it.
crop_size = 224
short_side = 256

augmentation = [
    dict(type='ClipRandAugment'),
    dict(type='Resize', scale=(-1, short_side)),
    dict(
        type='MultiScaleCrop',
        input_size=crop_size,
        scales=(1, 0.875, 0.75, 0.66),
        random_crop=False,
        max_wh_scale_gap=1,
        num_fixed_crops=13,
    ),
    dict(type='Resize', scale=(crop_size, crop_size), keep_ratio=False),
]
center_crop = [
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='CenterCrop', crop_size=crop_size),
]
packing = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]

train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
