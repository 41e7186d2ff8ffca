"""GSM-BNInception, 8 frames, Something-Something V1.

    tools/dist_train.sh configs/gsm_bninception_ssv1.py 8

Cost: 16.3 GMAC and 10.50 M parameters for a clip of 8 frames. By the recipe of GSF, for comparison.
Not trained here.
"""

_base_ = 'gsf_bninception_ssv1.py'

model = dict(backbone=dict(layer='gsm'))
