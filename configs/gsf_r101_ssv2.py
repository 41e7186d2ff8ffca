"""GSF-ResNet-101, 8 frames, Something-Something V2.

    tools/dist_train.sh configs/gsf_r101_ssv2.py 8

Cost: 62.9 GMAC and 43.09 M parameters for a clip of 8 frames. Not trained here. The authors publish
no result for this set; their recipe is known for V1 and inferred here.
"""

_base_ = 'gsf_r50_ssv2.py'

model = dict(
    backbone=dict(
        depth=101, pretrained='https://download.pytorch.org/models/resnet101-63fe2227.pth'
    )
)
