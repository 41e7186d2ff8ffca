"""GSF-ResNet-18 of a quarter of the width, 8 frames, CameraMotion's photographs and footage mixed.

tools/dist_train.sh configs/gsf_r18_mixed_camera_motion.py 1 --seed 0

Cost: five minutes on one CPU core. Results of three seeds, beside the other layers': docs/comparison.md.
"""

_base_ = [
    '_base_/models/r18_camera_motion.py',
    '_base_/datasets/mixed_camera_motion.py',
    '_base_/schedules/mixed_camera_motion.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments)
