"""GSF-ResNet-50, 8 frames, EPIC-Kitchens-100, from the released frame folders.

    tools/dist_train.sh configs/gsf_r50_frames_epic100.py 8

As gsf_r50_epic100.py, recipe inferred and cost the same, for lists of frame folders. Not trained
here.
"""

_base_ = 'gsf_r50_epic100.py'

from mmgsf.datasets import with_frame_folders

train_pipeline = with_frame_folders(_base_.train_pipeline)
val_pipeline = with_frame_folders(_base_.val_pipeline)
test_pipeline = with_frame_folders(_base_.test_pipeline)
folders = dict(_delete_=True, img=_base_.data_root)
train_dataloader = dict(dataset=dict(data_prefix=folders, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=folders, pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(data_prefix=folders, pipeline=test_pipeline))
