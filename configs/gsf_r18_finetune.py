"""GSF-ResNet-18 of a quarter of the width, 8 frames of 64x64, fine-tuned on your own videos.

    tools/dist_train.sh configs/gsf_r18_finetune.py 1 --cfg-options load_from=CHECKPOINT

It reads data/own; `python tools/prepare_data.py folder ROOT --base gsf_r18_finetune` writes a config
for any folder (docs/own_data.md). CHECKPOINT is one of gsf_r18_camera_motion.py: small enough for a
CPU, to try out the way from videos to a model. The stem and the first stage stay frozen.
"""

_base_ = [
    '_base_/models/r18_camera_motion.py',
    '_base_/datasets/own.py',
    '_base_/finetune.py',
]

from mmgsf.datasets import with_sizes

num_segments = _base_.num_segments
model = dict(
    num_segments=num_segments,
    backbone=dict(frozen_stages=1),
    cls_head=dict(num_classes=_base_.num_classes),
)

crop_size = 64
short_side = 72
train_pipeline = with_sizes(_base_.train_pipeline, crop_size, short_side)
val_pipeline = with_sizes(_base_.val_pipeline, crop_size, short_side)
test_pipeline = val_pipeline
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
# Ten times what ResNet-50 takes: a small network is far from done, and its steps cost little.
optim_wrapper = dict(optimizer=dict(lr=0.01))
