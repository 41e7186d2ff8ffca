_base_ = []

from mmgsf.schedules import warmup_cosine

# As the authors' code really trains: one parameter group, decay on all of it.
max_epochs = 60
param_scheduler = warmup_cosine(max_epochs, warmup_epochs=10)

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=1, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=5e-4),
    clip_grad=dict(max_norm=20, norm_type=2),
)

# 8 GPUs x 4 clips. Elsewhere: --auto-scale-lr.
auto_scale_lr = dict(enable=False, base_batch_size=32)
