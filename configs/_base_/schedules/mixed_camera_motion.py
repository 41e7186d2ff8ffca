_base_ = 'camera_motion.py'

# Ten epochs of photographs, then six of footage (CurriculumSampler of the data).
max_epochs = 16
warmup_epochs = 1

train_cfg = dict(max_epochs=max_epochs, val_begin=2, val_interval=2)
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

# SGD at 0.1 left one of two seeds of GSF at chance, AdamW at 3e-3 TSM.
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type='AdamW', lr=1e-3, weight_decay=0.02),
)

auto_scale_lr = dict(base_batch_size=16)
