_base_ = []

from mmgsf.datasets import CAFFE_BGR

# The address was not reached from where this was written; a file works as well.
model = dict(
    type='RecognizerGSF',
    backbone=dict(
        type='BNInceptionGSF',
        channel_ratio=1.0,
        pretrained='https://yjxiong.blob.core.windows.net/models/bn_inception-9f5701afb96c8044.pth',
    ),
    cls_head=dict(
        type='GSFHead', in_channels=1024, dropout_ratio=0.5, init_std=0.001, average_clips='score'
    ),
    data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCHW', **CAFFE_BGR),
    train_cfg=None,
    test_cfg=None,
)
