_base_ = 'mmaction::_base_/default_runtime.py'

custom_imports = dict(imports=['mmgsf.register'], allow_failed_imports=False)
runner_type = 'GSFRunner'
default_hooks = dict(checkpoint=dict(interval=1, save_best='auto', max_keep_ckpts=3))
