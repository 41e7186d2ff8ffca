"""GSF-ResNet-18 of a quarter of the width, 8 frames, CameraMotion's photographs and footage mixed.

tools/dist_train.sh configs/gsf_r18_mixed_camera_motion.py 1 --seed 0

Not trained to its end by this recipe; by like ones it took 6 to 9 minutes on one thread of a shared CPU.
No result is published yet, nor of the other layers' configs.
"""

_base_ = [
    '_base_/models/r18_camera_motion.py',
    '_base_/datasets/mixed_camera_motion.py',
    '_base_/schedules/mixed_camera_motion.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments)
