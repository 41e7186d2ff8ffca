"""GSM-InceptionV3, 16 frames, Something-Something V1.

    tools/dist_train.sh configs/gsm_inceptionv3_16f_ssv1.py 8

Cost: 53.4 GMAC and 22.21 M parameters for a clip of 16 frames. By the recipe of GSF, for
comparison. Not trained here. GSM's authors publish 50.63 % top-1 for 16 frames by their own recipe
(their README).
"""

_base_ = 'gsf_inceptionv3_16f_ssv1.py'

model = dict(backbone=dict(layer='gsm'))
