"""GSM-ResNet-50, 16 frames, Diving48 (V2 labels).

    tools/dist_train.sh configs/gsm_r50_diving48.py 8

Cost: 67.8 GMAC and 24.04 M parameters for a clip of 16 frames. Not trained here. GSM in the place
of GSF, by the recipe of gsf_r50_diving48.py, for comparison.
"""

_base_ = 'gsf_r50_diving48.py'

model = dict(backbone=dict(layer='gsm', channel_ratio=1.0))
