"""GSF-ResNet-18 of a quarter of the width, 8 frames, CameraMotion's footage: the embedded model.

From nothing, footage takes long before the network sees order; so it goes on from epoch 10 of 14 of
CameraMotion's photographs:

python tools/train.py configs/gsf_r18_camera_motion.py --seed 0 \\
    --cfg-options default_hooks.checkpoint.max_keep_ckpts=5
tools/dist_train.sh configs/gsf_r18_footage_camera_motion.py 2 --seed 0 \\
    --cfg-options load_from=work_dirs/gsf_r18_camera_motion/epoch_10.pth

Cost: 12 minutes for the second on two shared CPU cores. Expected: about 90 % top-1, see docs/camera_motion.md.
"""

_base_ = [
    '_base_/models/r18_camera_motion.py',
    '_base_/datasets/footage_camera_motion.py',
    '_base_/schedules/footage_camera_motion.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(num_segments=num_segments)
