_base_ = 'camera_motion.py'

# The first epochs show photographs, the last four footage (CurriculumSampler of the data).
max_epochs = 18
warmup_epochs = 3

train_cfg = dict(max_epochs=max_epochs, val_begin=4, val_interval=4)
# Norms over 16 clips, not 32: in 18 epochs of these none of two networks began to see motion.
optim_wrapper = dict(accumulative_counts=2)
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
