"""TSM-ResNet-50, 8 frames, Kinetics-400.

    tools/dist_train.sh configs/tsm_r50_k400.py 8

Cost: 32.7 GMAC and 24.33 M parameters for a clip of 8 frames. Not trained here. MMAction2's TSM, by
the recipe of gsf_r50_k400.py, for comparison.
"""

_base_ = 'gsf_r50_k400.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='ResNetTSM',
        depth=50,
        pretrained=_base_.model.backbone.pretrained,
    )
)
