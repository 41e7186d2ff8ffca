"""GSF-ResNet-50, 8 frames, EPIC-Kitchens-100, each segment a clip of its own.

    tools/dist_train.sh configs/gsf_r50_epic100.py 8

Cost: 33.0 GMAC and 24.43 M parameters for a clip of 8 frames. Not trained here. The authors never
released their code for this set; their recipe is known for Something-Something V1 and inferred
here, the flip too.
"""

_base_ = [
    '_base_/models/gsf_r50.py',
    '_base_/datasets/epic100.py',
    '_base_/schedules/gsf_60e.py',
    '_base_/default_runtime.py',
]

num_segments = _base_.num_segments
model = dict(
    num_segments=num_segments,
    cls_head=dict(
        _delete_=True,
        type='VerbNounHead',
        num_verbs=len(_base_.verb_classes),
        num_nouns=len(_base_.noun_classes),
        in_channels=2048,
        dropout_ratio=0.5,
        init_std=0.001,
        average_clips='score',
    ),
)
