"""GSM-ResNet-50, 8 frames, Kinetics-400.

    tools/dist_train.sh configs/gsm_r50_k400.py 8

Cost: 33.9 GMAC and 24.77 M parameters for a clip of 8 frames. Not trained here. GSM in the place of
GSF, by the recipe of gsf_r50_k400.py, for comparison.
"""

_base_ = 'gsf_r50_k400.py'

model = dict(backbone=dict(layer='gsm', channel_ratio=1.0))
