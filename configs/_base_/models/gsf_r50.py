_base_ = 'mmaction::_base_/models/tsn_r50.py'

# The paper does not state its channel ratio; 25 % and 100 % both fit its published cost.
model = dict(
    type='RecognizerGSF',
    backbone=dict(
        type='ResNetGSF',
        channel_ratio=0.25,
        pretrained='https://download.pytorch.org/models/resnet50-0676ba61.pth',
    ),
    cls_head=dict(type='GSFHead', dropout_ratio=0.5, init_std=0.001, average_clips='score'),
)
