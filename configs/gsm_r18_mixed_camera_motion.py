"""GSM in GSF's network, ResNet-18 of a quarter of the width, 8 frames, CameraMotion mixed.

tools/dist_train.sh configs/gsm_r18_mixed_camera_motion.py 1 --seed 0

Cost: five minutes on one CPU core. Results: docs/comparison.md.
"""

_base_ = 'gsf_r18_mixed_camera_motion.py'

model = dict(backbone=dict(layer='gsm'))
