_base_ = 'gsf_60e.py'

from mmgsf.schedules import warmup_cosine

# GSM's author gives epochs and batch for Diving48; the rate is SSv1's by the linear rule, the
# warm-up SSv1's share of the epochs.
max_epochs = 20
batch_size = 8
param_scheduler = warmup_cosine(max_epochs, warmup_epochs=3)
train_cfg = dict(max_epochs=max_epochs)

optim_wrapper = dict(
    optimizer=dict(
        lr=_base_.optim_wrapper.optimizer.lr * batch_size / _base_.auto_scale_lr.base_batch_size
    )
)

# 8 GPUs x 1 clip. Elsewhere: --auto-scale-lr.
auto_scale_lr = dict(base_batch_size=batch_size)
