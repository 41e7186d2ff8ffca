_base_ = []

from mmgsf.datasets import IMAGENET_RGB, class_names

# What the models of CameraMotion share: a narrow ResNet-18, trained from nothing; T comes with the data.
base_channels = 16
model = dict(
    type='RecognizerGSF',
    backbone=dict(
        type='ResNetGSF',
        depth=18,
        base_channels=base_channels,
        channel_ratio=1.0,
        pretrained=None,
        fuse_init='uniform',
    ),
    cls_head=dict(
        type='GSFHead',
        num_classes=len(class_names('camera_motion')),
        in_channels=8 * base_channels,
        dropout_ratio=0.0,
        init_std=0.01,
        average_clips='score',
    ),
    data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCHW', **IMAGENET_RGB),
)
