"""TSN-ResNet-50, 8 frames, Kinetics-400.

    tools/dist_train.sh configs/tsn_r50_k400.py 8

Cost: 32.7 GMAC and 24.33 M parameters for a clip of 8 frames. Not trained here. The network of
gsf_r50 without a temporal layer, by the recipe of gsf_r50_k400.py, for comparison.
"""

_base_ = 'gsf_r50_k400.py'

model = dict(backbone=dict(layer=None))
