"""EPIC-Kitchens-100's segments come out of clips and of frame folders as the same frames."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from ..epic_tree import SEGMENTS, frames_of, make_clips, make_frames

CLASSES = {'verb_classes': ['v'] * 97, 'noun_classes': ['n'] * 300}
PACK = {'type': 'PackActionInputs', 'meta_keys': ('narration_id', 'participant_id', 'img_shape')}
END = [{'type': 'FormatShape', 'input_format': 'NCHW'}, PACK]
SAMPLE = {'type': 'SegmentSampleFrames', 'num_clips': 4, 'test_mode': True}
PIPELINES = {
    'video': [{'type': 'DecordInit'}, SAMPLE, {'type': 'DecordDecode'}, *END],
    'img': [SAMPLE, {'type': 'RawFrameDecode'}, *END],
}


@pytest.fixture(scope='module')
def roots(tmp_path_factory):
    clips, frames = (tmp_path_factory.mktemp(name) for name in ('clips', 'frames'))
    return {'video': make_clips(clips), 'img': make_frames(frames)}


def build(root, kind: str, split: str = 'val', **options):
    init_default_scope('mmaction')
    return DATASETS.build(
        {
            'type': 'EpicKitchens100',
            'ann_file': str(root / f'epic100_{split}_list.tsv'),
            'data_prefix': {kind: str(root)},
            'pipeline': PIPELINES[kind],
            'metainfo': CLASSES,
            **options,
        }
    )


@pytest.mark.parametrize('kind', ['video', 'img'])
@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_frames_labels_and_ids(roots, kind, split):
    segments = SEGMENTS['validation' if split == 'val' else split]
    dataset = build(roots[kind], kind, split, test_mode=split == 'test')
    assert len(dataset) == len(segments)
    for packed, segment in zip(dataset, segments, strict=True):
        sample = packed['data_samples']
        assert sample.gt_label.tolist() == [segment.verb_class, segment.noun_class]
        assert (sample.narration_id, sample.participant_id) == (
            segment.narration_id,
            segment.participant_id,
        )
        centres = ((np.arange(4) + 0.5) * segment.num_frames / 4).astype(int)
        expected = frames_of(segment)[centres].mean((1, 2, 3))
        # Frames that follow each other differ by 8.
        means = packed['inputs'].numpy().mean((1, 2, 3))
        np.testing.assert_allclose(means, expected, atol=2)


def test_segment_of_a_folder_reads_no_frame_outside_it(roots):
    dataset = build(roots['img'], 'img')
    for index, segment in enumerate(SEGMENTS['validation']):
        info = dataset.get_data_info(index)
        first = info['start_index'] + info['offset']
        assert first == segment.start_frame
        assert first + info['total_frames'] - 1 == segment.stop_frame


def edited(root, tmp_path, old: str, new: str):
    """A copy of the validation list with one change, in a folder of its own."""
    text = (root / 'epic100_val_list.tsv').read_text(encoding='utf-8')
    assert old in text
    (tmp_path / 'epic100_val_list.tsv').write_text(text.replace(old, new, 1), encoding='utf-8')
    return tmp_path


@pytest.mark.parametrize(
    ('old', 'new', 'match'),
    [
        ('narration_id\t', 'id\t', r'val_list\.tsv line 1: no column narration_id'),
        ('\t10\t4', '\t97\t4', r'line 3: verb_class 97 is outside 0\.\.96'),
        ('\t10\t4', '\t10\t300', r'line 3: noun_class 300 is outside 0\.\.299'),
        ('\t10\t4', '\t10\t', r"line 3: noun_class='' is no whole number"),
        ('\t10\t4', '\t10', 'line 3: the row has not the 7 fields'),
        ('\t10\t4', '\t\t', "line 3: verb_class='' is no whole number"),
        (
            'P02_03_1\t',
            'P02_03_0\t',
            r"line 4: narration_id 'P02_03_0' stands at .* line 3 already",
        ),
        ('mp4\t0\t9\t', 'mp4\t0\t0\t', 'line 2: the segment has no frames'),
        ('mp4\t0\t9\t', 'mp4\t1\t9\t', r'line 2: start_frame 1 .*frame folder; .*dict\(img='),
        ('mp4\t0\t9\t', 'mp4\t-1\t9\t', r"line 2: start_frame='-1' is no whole number"),
    ],
)
def test_wrong_rows_are_refused_with_their_line(roots, tmp_path, old, new, match):
    with pytest.raises(ValueError, match=match):
        build(edited(roots['video'], tmp_path, old, new), 'video')


def test_clips_are_not_read_as_folders(roots):
    with pytest.raises(ValueError, match=r'start_frame 0 belongs to a clip; .*dict\(video='):
        build(roots['video'], 'img')


def test_empty_list_is_refused(roots, tmp_path):
    text = (roots['video'] / 'epic100_val_list.tsv').read_text()
    (tmp_path / 'epic100_val_list.tsv').write_text(text.splitlines()[0] + '\n')
    with pytest.raises(ValueError, match='has no rows'):
        build(tmp_path, 'video')


def test_training_without_labels_is_refused(roots):
    with pytest.raises(ValueError, match="test_list.tsv line 2: verb_class='' is no whole number"):
        build(roots['video'], 'video', 'test')


@pytest.mark.parametrize('prefix', [{}, {'video': 'a', 'img': 'b'}, {'prefix': 'a'}])
def test_data_prefix_says_what_lies_there(roots, prefix):
    with pytest.raises(ValueError, match=r'give dict\(video=FOLDER\) .* or dict\(img=FOLDER\)'):
        build(roots['video'], 'video', data_prefix=prefix)
