_base_ = 'gsf_r18_mixed_camera_motion.py'

model = dict(backbone=dict(layer='gsm'))
