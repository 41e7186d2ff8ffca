"""TSM (MMAction2's) in GSF's network, ResNet-18 of a quarter of the width, 8 frames, CameraMotion mixed.

tools/dist_train.sh configs/tsm_r18_mixed_camera_motion.py 1 --seed 0

Cost: four minutes on one CPU core. Results: docs/comparison.md.
"""

_base_ = 'gsf_r18_mixed_camera_motion.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='ResNetTSMWidth',
        depth=18,
        base_channels=_base_.base_channels,
        pretrained=None,
        # MMAction2's ResNetTSM reads a file of weights without this.
        pretrained2d=False,
    )
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
