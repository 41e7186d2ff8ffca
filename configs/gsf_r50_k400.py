"""GSF-ResNet-50, 8 frames spread over the video, Kinetics-400.

    tools/dist_train.sh configs/gsf_r50_k400.py 8

Cost: 33.0 GMAC and 24.44 M parameters for a clip of 8 frames. Not trained here. The authors publish
no result for this set; their recipe is known for V1 of Something-Something and inferred here.
"""

_base_ = [
    '_base_/models/gsf_r50.py',
    '_base_/datasets/k400.py',
    '_base_/schedules/gsf_60e.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments, cls_head=dict(num_classes=_base_.num_classes))
