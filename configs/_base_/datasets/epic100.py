_base_ = 'benchmark.py'

from mmgsf.datasets import class_names, with_meta_keys

num_segments = 8
verb_classes = class_names('epic100_verbs')
noun_classes = class_names('epic100_nouns')

data_root = 'data/epic100'
prepare_command = f'python tools/prepare_data.py epic100 {data_root}'

packing = with_meta_keys(_base_.packing, ('narration_id', 'participant_id'))
train_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments),
    dict(type='DecordDecode'),
    *_base_.augmentation,
    # No verb or noun names a direction.
    dict(type='Flip', flip_ratio=0.5),
    *packing,
]
val_pipeline = [
    dict(type='DecordInit'),
    dict(type='SegmentSampleFrames', num_clips=num_segments, test_mode=True),
    dict(type='DecordDecode'),
    *_base_.center_crop,
    *packing,
]
test_pipeline = val_pipeline

dataset = dict(
    type='EpicKitchens100',
    data_prefix=dict(video=data_root),
    metainfo=dict(verb_classes=verb_classes, noun_classes=noun_classes),
)
train_dataloader = dict(
    dataset=dict(
        ann_file=f'{data_root}/epic100_train_list.tsv',
        pipeline=train_pipeline,
        **dataset,
    ),
)
val_dataloader = dict(
    dataset=dict(
        ann_file=f'{data_root}/epic100_val_list.tsv',
        pipeline=val_pipeline,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader

# With the organisers' lists in annotation_dir, tail classes and unseen participants as well.
val_evaluator = dict(type='EpicMetric')
test_evaluator = val_evaluator
