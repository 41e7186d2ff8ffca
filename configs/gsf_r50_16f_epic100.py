"""GSF-ResNet-50, 16 frames, EPIC-Kitchens-100, each segment a clip of its own.

    tools/dist_train.sh configs/gsf_r50_16f_epic100.py 8

Cost: 66.0 GMAC and 24.43 M parameters for a clip of 16 frames. Not trained here. The recipe is
inferred, as in gsf_r50_epic100.py. CAST (NeurIPS 2023, table 9) gives for GSF-ResNet-50 with 16
frames and 2x3 views, validation: verb 68.8, noun 52.7, action 44.0.
"""

_base_ = 'gsf_r50_epic100.py'

from mmgsf.datasets import with_num_segments

num_segments = 16
model = dict(num_segments=num_segments)

train_pipeline = with_num_segments(_base_.train_pipeline, num_segments)
val_pipeline = with_num_segments(_base_.val_pipeline, num_segments)
test_pipeline = with_num_segments(_base_.test_pipeline, num_segments)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
