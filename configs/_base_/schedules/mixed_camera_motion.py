_base_ = 'camera_motion.py'

# Eleven epochs of photographs, then five of footage (CurriculumSampler of the data).
max_epochs = 16
warmup_epochs = 1

train_cfg = dict(max_epochs=max_epochs, val_begin=4, val_interval=4)
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

# The rate of GSF and GSM. TSM may start to learn late at it, so its config and TSN's have half of it.
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type='AdamW', lr=2e-3, weight_decay=0.02),
)

auto_scale_lr = dict(base_batch_size=16)
