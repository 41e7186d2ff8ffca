"""GSM-InceptionV3, 8 frames, Something-Something V1.

    tools/dist_train.sh configs/gsm_inceptionv3_ssv1.py 8

Cost: 26.7 GMAC and 22.21 M parameters for a clip of 8 frames. By the recipe of GSF, for comparison.
Not trained here. GSM's authors publish 49.01 % top-1 for 8 frames by their own recipe (their
README).
"""

_base_ = 'gsf_inceptionv3_ssv1.py'

model = dict(backbone=dict(layer='gsm'))
