"""GSF-BNInception, 16 frames, Something-Something V1.

    tools/dist_train.sh configs/gsf_bninception_16f_ssv1.py 8

Cost: 32.7 GMAC and 10.50 M parameters for a clip of 16 frames. Not trained here. The authors
publish 50.63 % top-1 on V1 for 16 frames (their README).
"""

_base_ = 'gsf_bninception_ssv1.py'

from mmgsf.datasets import with_num_segments

num_segments = 16
model = dict(num_segments=num_segments)

train_pipeline = with_num_segments(_base_.train_pipeline, num_segments)
val_pipeline = with_num_segments(_base_.val_pipeline, num_segments)
test_pipeline = with_num_segments(_base_.test_pipeline, num_segments)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
