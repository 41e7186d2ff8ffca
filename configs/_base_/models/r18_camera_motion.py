_base_ = []

from mmgsf.datasets import IMAGENET_RGB

# What the three models of CameraMotion share: a narrow ResNet-18, trained from nothing.
base_channels = 16
in_channels = 8 * base_channels
data_preprocessor = dict(type='ActionDataPreprocessor', format_shape='NCHW', **IMAGENET_RGB)
head = dict(in_channels=in_channels, dropout_ratio=0.0, init_std=0.01, average_clips='score')
