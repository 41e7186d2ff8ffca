"""GSF-ResNet-50, 16 frames, Something-Something V1.

    tools/dist_train.sh configs/gsf_r50_16f_ssv1.py 8

Cost: 66.0 GMAC and 23.97 M parameters for a clip of 16 frames. Not trained here. The authors
publish 51.54 % top-1 (their README).
"""

_base_ = 'gsf_r50_ssv1.py'

from mmgsf.datasets import with_num_segments

num_segments = 16
model = dict(num_segments=num_segments)

train_pipeline = with_num_segments(_base_.train_pipeline, num_segments)
val_pipeline = with_num_segments(_base_.val_pipeline, num_segments)
test_pipeline = with_num_segments(_base_.test_pipeline, num_segments)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
