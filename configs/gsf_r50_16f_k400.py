"""GSF-ResNet-50, 16 frames spread over the video, Kinetics-400.

    tools/dist_train.sh configs/gsf_r50_16f_k400.py 8

Cost: 66.0 GMAC and 24.44 M parameters for a clip of 16 frames. Not trained here. The authors
publish no result for this set; their recipe is known for V1 of Something-Something and inferred
here.
"""

_base_ = 'gsf_r50_k400.py'

from mmgsf.datasets import with_num_segments

num_segments = 16
model = dict(num_segments=num_segments)

train_pipeline = with_num_segments(_base_.train_pipeline, num_segments)
val_pipeline = with_num_segments(_base_.val_pipeline, num_segments)
test_pipeline = with_num_segments(_base_.test_pipeline, num_segments)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
