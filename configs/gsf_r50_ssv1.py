"""GSF-ResNet-50, 8 frames, Something-Something V1.

    tools/dist_train.sh configs/gsf_r50_ssv1.py 8

Cost: 33.0 GMAC and 23.97 M parameters for a clip of 8 frames. Not trained here. The authors publish
no result of it.
"""

_base_ = [
    '_base_/models/gsf_r50.py',
    '_base_/datasets/ssv1.py',
    '_base_/schedules/gsf_60e.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments, cls_head=dict(num_classes=_base_.num_classes))
