# What the three models of CameraMotion share: a narrow ResNet-18, trained from nothing.
base_channels = 16
in_channels = 8 * base_channels
data_preprocessor = dict(
    type='ActionDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCHW',
)
head = dict(in_channels=in_channels, dropout_ratio=0.0, init_std=0.01, average_clips='score')
