"""TSN-ResNet-50, 16 frames, Diving48 (V2 labels).

    tools/dist_train.sh configs/tsn_r50_diving48.py 8

Cost: 65.4 GMAC and 23.61 M parameters for a clip of 16 frames. Not trained here. The network of
gsf_r50 without a temporal layer, by the recipe of gsf_r50_diving48.py, for comparison.
"""

_base_ = 'gsf_r50_diving48.py'

model = dict(backbone=dict(layer=None))
