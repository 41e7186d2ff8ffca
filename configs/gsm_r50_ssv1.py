"""GSM-ResNet-50, 8 frames, Something-Something V1.

    tools/dist_train.sh configs/gsm_r50_ssv1.py 8

Cost: 33.9 GMAC and 24.30 M parameters for a clip of 8 frames. Not trained here. GSM in the place of
GSF, by the recipe of gsf_r50_ssv1.py, for comparison.
"""

_base_ = 'gsf_r50_ssv1.py'

model = dict(backbone=dict(layer='gsm', channel_ratio=1.0))
