"""GSF-ResNet-50, 16 frames, Diving48 (V2 labels).

    tools/dist_train.sh configs/gsf_r50_diving48.py 8

Cost: 66.0 GMAC and 23.72 M parameters for a clip of 16 frames. Not trained here. Epochs, batch,
frames and dropout are those that GSM's author names for this set; rate and warm-up are inferred
(_base_/schedules/gsf_20e_diving48.py). No result of GSF is published.
"""

_base_ = [
    '_base_/models/gsf_r50.py',
    '_base_/datasets/diving48.py',
    '_base_/schedules/gsf_20e_diving48.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(
    num_segments=num_segments,
    cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.7),
)
