"""GSF-ResNet-50, 8 frames, Diving48 (V2 labels).

    tools/dist_train.sh configs/gsf_r50_8f_diving48.py 8

Cost: 33.0 GMAC and 23.72 M parameters for a clip of 8 frames. Not trained here. Epochs, batch and
dropout are those that GSM's author names for this set; rate and warm-up are inferred
(_base_/schedules/gsf_20e_diving48.py). No result of GSF is published.
"""

_base_ = 'gsf_r50_diving48.py'

from mmgsf.datasets import with_num_segments

num_segments = 8
model = dict(num_segments=num_segments)

train_pipeline = with_num_segments(_base_.train_pipeline, num_segments)
val_pipeline = with_num_segments(_base_.val_pipeline, num_segments)
test_pipeline = with_num_segments(_base_.test_pipeline, num_segments)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
