"""TSN with a ResNet-18 of a quarter of the width, 8 frames, CameraMotion: GSF's network without it.

tools/dist_train.sh configs/tsn_r18_camera_motion.py 2

Expected: chance (12.5 %), since no frame gives away the motion; the quick start runs it.
"""

_base_ = 'gsf_r18_camera_motion.py'

model = dict(backbone=dict(layer=None))
