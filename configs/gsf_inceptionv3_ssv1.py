"""GSF-InceptionV3, 8 frames, Something-Something V1.

    tools/dist_train.sh configs/gsf_inceptionv3_ssv1.py 8

Cost: 26.7 GMAC and 22.22 M parameters for a clip of 8 frames. Not trained here. The authors publish
no result of it.
"""

_base_ = [
    '_base_/models/gsf_inceptionv3.py',
    '_base_/datasets/ssv1.py',
    '_base_/schedules/gsf_60e.py',
    '_base_/default_runtime.py',
]

from mmgsf.datasets import with_sizes

num_segments = _base_.num_segments
model = dict(num_segments=num_segments, cls_head=dict(num_classes=_base_.num_classes))

train_pipeline = with_sizes(
    _base_.train_pipeline, _base_.inception_crop_size, _base_.inception_short_side
)
val_pipeline = with_sizes(
    _base_.val_pipeline, _base_.inception_crop_size, _base_.inception_short_side
)
test_pipeline = with_sizes(
    _base_.test_pipeline, _base_.inception_crop_size, _base_.inception_short_side
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
