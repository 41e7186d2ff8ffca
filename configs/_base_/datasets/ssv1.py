_base_ = 'benchmark.py'

from mmgsf.datasets import class_names, flip_label_map

num_segments = 8
classes = class_names('ssv1')
num_classes = len(classes)

data_root = 'data/sthv1'
prepare_command = f'python tools/prepare_data.py ssv1 {data_root}'

train_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='RawFrameDecode'),
    *_base_.augmentation,
    dict(type='Flip', flip_ratio=0.5, flip_label_map=flip_label_map(classes)),
    *_base_.packing,
]
val_pipeline = [
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='RawFrameDecode'),
    *_base_.center_crop,
    *_base_.packing,
]
test_pipeline = val_pipeline

dataset = dict(
    type='RawframeDataset',
    data_prefix=dict(img=f'{data_root}/rawframes'),
    filename_tmpl='{:05}.jpg',
    metainfo=dict(classes=classes),
)
train_dataloader = dict(
    dataset=dict(
        ann_file=f'{data_root}/sthv1_train_list_rawframes.txt',
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    dataset=dict(
        ann_file=f'{data_root}/sthv1_val_list_rawframes.txt',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader
