"""GSF-InceptionV3, 16 frames, Diving48 (V2 labels).

    tools/dist_train.sh configs/gsf_inceptionv3_diving48.py 8

Cost: 53.4 GMAC and 21.96 M parameters for a clip of 16 frames. Not trained here. Epochs, batch,
frames and dropout are those that GSM's author names for this set; rate and warm-up are inferred
(_base_/schedules/gsf_20e_diving48.py). No result of GSF is published.
"""

_base_ = [
    '_base_/models/gsf_inceptionv3.py',
    '_base_/datasets/diving48.py',
    '_base_/schedules/gsf_20e_diving48.py',
    '_base_/default_runtime.py',
]

from mmgsf.datasets import with_sizes

num_segments = _base_.num_segments
model = dict(
    num_segments=num_segments,
    cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.7),
)

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
