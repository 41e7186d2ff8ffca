"""GSF-ResNet-50, 8 frames, fine-tuned on your own videos; the stem and two stages stay frozen.

    tools/dist_train.sh configs/gsf_r50_finetune.py 1 --cfg-options load_from=CHECKPOINT

It reads data/own; `python tools/prepare_data.py folder ROOT` writes a config for any folder, which
inherits this one and needs no options (docs/own_data.md). Frozen stages need a checkpoint of GSF to
start from. Cost: 33.0 GMAC for a clip of 8 frames. Not trained here.
"""

_base_ = [
    '_base_/models/gsf_r50.py',
    '_base_/datasets/own.py',
    '_base_/finetune.py',
]

num_segments = _base_.num_segments
model = dict(
    num_segments=num_segments,
    backbone=dict(frozen_stages=2),
    cls_head=dict(num_classes=_base_.num_classes),
)
