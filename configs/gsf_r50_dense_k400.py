"""GSF-ResNet-50, 8 frames of one stretch of the video, Kinetics-400.

    tools/dist_train.sh configs/gsf_r50_dense_k400.py 8

Cost: 33.0 GMAC and 24.44 M parameters for a clip of 8 frames. Not trained here. The cost is that of
one of the ten stretches that test takes. The authors publish no result for this set; their recipe
is known for V1 of Something-Something and inferred here.
"""

_base_ = 'gsf_r50_k400.py'

from mmgsf.datasets import with_dense_sampling

train_pipeline = with_dense_sampling(_base_.train_pipeline)
val_pipeline = with_dense_sampling(_base_.val_pipeline)
test_pipeline = with_dense_sampling(_base_.test_pipeline)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
