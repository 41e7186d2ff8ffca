"""GSF-ResNet-18 of a quarter of the width, 8 frames, CameraMotion.

tools/dist_train.sh configs/gsf_r18_camera_motion.py 2

Cost: about two and a half minutes on two CPU cores. Expected: above 95 % top-1 on photographs that
were not trained on.
"""

_base_ = [
    '_base_/models/r18_camera_motion.py',
    '_base_/datasets/camera_motion.py',
    '_base_/schedules/camera_motion.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments)
