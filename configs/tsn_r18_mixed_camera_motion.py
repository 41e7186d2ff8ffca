"""TSN: GSF's network without it, ResNet-18 of a quarter of the width, 8 frames, CameraMotion mixed.

tools/dist_train.sh configs/tsn_r18_mixed_camera_motion.py 1 --seed 0

Cost: three minutes on one CPU core. Results: docs/comparison.md (chance, as it cannot see order).
"""

_base_ = 'gsf_r18_mixed_camera_motion.py'

model = dict(backbone=dict(layer=None))
optim_wrapper = dict(optimizer=dict(lr=1e-3))
