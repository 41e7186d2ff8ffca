_base_ = []

from mmgsf.datasets import CAFFE_BGR

# The network takes crops of another size than the others.
inception_crop_size = 229
inception_short_side = 261
# The address was not reached from where this was written; a file works as well.
model = dict(
    type='RecognizerGSF',
    backbone=dict(
        type='InceptionV3GSF',
        channel_ratio=1.0,
        pretrained=(
            'https://yjxiong.blob.core.windows.net/models/inceptionv3-cuhk-0e09b300b493bc74c.pth'
        ),
    ),
    cls_head=dict(
        type='GSFHead', in_channels=2048, dropout_ratio=0.5, init_std=0.001, average_clips='score'
    ),
    data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCHW', **CAFFE_BGR),
    train_cfg=None,
    test_cfg=None,
)
