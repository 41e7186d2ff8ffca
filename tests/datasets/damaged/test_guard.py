"""Another sample in training, an error in val and test, and the same again on resuming."""

import mmgsf.register  # noqa: F401, I001

import json
import pickle
import random

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from mmgsf.datasets.damaged import BadVideos, BadVideosError, Settings, guard_dataset
from mmgsf.datasets.damaged.checked import CheckedFiles
from mmgsf.datasets.decoding import DamagedClip
from mmgsf.datasets.place import set_sample_place

from ...trees import write_frames
from ...videos import noise_clip, write_video

DECODE = [
    {'type': 'DecordInit'},
    {'type': 'SegmentSampleFrames', 'num_clips': 4},
    {'type': 'DecordDecode'},
]
PACK = [{'type': 'FormatShape', 'input_format': 'NCHW'}, {'type': 'PackActionInputs'}]


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmaction')


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    """A list of twenty clips, of which 3 is empty and 7 missing."""
    folder = tmp_path_factory.mktemp('clips')
    for number in range(20):
        write_video(folder / f'{number}.mp4', noise_clip(number))
    (folder / '3.mp4').write_bytes(b'')
    (folder / '7.mp4').unlink()
    (folder / 'list.txt').write_text(''.join(f'{n}.mp4 {n % 3}\n' for n in range(20)))
    return folder


def build(clips, work_dir, split='train', pipeline=None, **settings):
    dataset = DATASETS.build(
        {
            'type': 'VideoDataset',
            'ann_file': str(clips / 'list.txt'),
            'data_prefix': {'video': str(clips)},
            'pipeline': DECODE + PACK if pipeline is None else pipeline,
            'test_mode': split != 'train',
        }
    )
    records = BadVideos(work_dir, Settings(**{'share': 1.0, **settings}))
    records.resume()
    records.total = guard_dataset(dataset, split, records)
    assert records.total == 20
    return dataset, records


def draw(dataset, index, epoch=0):
    """A sample whose random numbers follow from its place."""
    for function in (random.seed, np.random.seed, torch.manual_seed):
        function(1000 * epoch + index)
    set_sample_place(epoch, index)
    sample = dataset[index]
    return sample['inputs'].numpy(), int(sample['data_samples'].gt_label)


def test_another_sample_is_taken_and_the_file_listed_once(clips, tmp_path):
    dataset, records = build(clips, tmp_path)
    first = [draw(dataset, index) for index in (3, 7, 3)]
    assert np.array_equal(first[0][0], first[2][0])
    assert [(path, reason) for path, _, reason in records.entries()] == [
        (str(clips / '3.mp4'), 'empty, 0 bytes'),
        (str(clips / '7.mp4'), 'there is no such file'),
    ]
    lines = (tmp_path / 'bad_videos.txt').read_text().splitlines()
    assert lines[0].split('\t') == [str(clips / '3.mp4'), 'train', 'empty, 0 bytes']
    again, _ = build(clips, tmp_path / 'other')
    assert np.array_equal(draw(again, 3)[0], first[0][0])


def test_whole_samples_are_as_without_the_guard(clips, tmp_path):
    dataset, _ = build(clips, tmp_path)
    plain = DATASETS.build(
        {
            'type': 'VideoDataset',
            'ann_file': str(clips / 'list.txt'),
            'data_prefix': {'video': str(clips)},
            'pipeline': DECODE + PACK,
        }
    )
    for index in (0, 5):
        assert np.array_equal(draw(dataset, index)[0], draw(plain, index)[0])


class TimesOut:
    """A decoder that takes too long over some clips, some random numbers later."""

    def __init__(self, names):
        self.names, self.calls = names, []

    def __call__(self, data):
        name = data['filename'].rpartition('/')[2]
        self.calls.append(name)
        if name in self.names:
            np.random.rand(5)
            raise DamagedClip('too long', 'decoding took longer than 1 s', transient=True)
        data.update(
            imgs=[np.full((8, 8, 3), data['sample_idx'], np.uint8)], clip_len=1, num_clips=1
        )
        return data


class SlowDecode(TimesOut):
    pass


def test_time_out_is_replayed_on_resuming(clips, tmp_path):
    (tmp_path / 'run').mkdir()
    decoder = SlowDecode({'4.mp4'})
    dataset, records = build(clips, tmp_path / 'run', pipeline=[decoder, *PACK])
    taken = draw(dataset, 4)
    other = draw(dataset, 9)
    assert 'longer than 1 s' in (tmp_path / 'run' / 'taken_out.jsonl').read_text()
    assert taken[0].max() != 4
    # The disk is fast again: the resumed run takes out the same sample all the same.
    quick = SlowDecode(set())
    resumed, _ = build(clips, tmp_path / 'run', pipeline=[quick, *PACK])
    assert np.array_equal(draw(resumed, 4)[0], taken[0])
    assert '4.mp4' not in quick.calls
    assert np.array_equal(draw(resumed, 9)[0], other[0])
    # A fresh run knows nothing of it.
    records.begin()
    fresh, _ = build(clips, tmp_path / 'run', pipeline=[SlowDecode(set()), *PACK])
    assert draw(fresh, 4)[0].max() == 4


def test_from_the_next_epoch_on_a_clip_stays_out_resumed_or_not(clips, tmp_path):
    first, second, third = SlowDecode({'4.mp4'}), SlowDecode({'4.mp4'}), SlowDecode(set())
    one, _ = build(clips, tmp_path, pipeline=[first, *PACK])
    two, _ = build(clips, tmp_path, pipeline=[second, *PACK])
    draw(one, 4)
    taken = draw(two, 4, epoch=1)
    resumed, _ = build(clips, tmp_path, pipeline=[third, *PACK])
    assert np.array_equal(draw(one, 4, epoch=1)[0], taken[0])
    assert np.array_equal(draw(resumed, 4, epoch=1)[0], taken[0])
    assert first.calls.count('4.mp4') == 1
    assert '4.mp4' not in second.calls + third.calls
    (entry,) = map(json.loads, (tmp_path / 'taken_out.jsonl').read_text().splitlines())
    assert (entry['epoch'], entry['index'], entry['path']) == (0, 4, str(clips / '4.mp4'))


def test_journal_with_half_a_line_is_read(clips, tmp_path):
    dataset, records = build(clips, tmp_path, pipeline=[SlowDecode({'4.mp4'}), *PACK])
    draw(dataset, 4)
    with (tmp_path / 'taken_out.jsonl').open('a') as file:
        file.write('{"draw": "ab')
    records.resume()
    assert len(records.replayed) == 1
    records.take_out('cd', 'x.mp4', 0, 1, 'slow')
    records.resume()
    assert set(records.replayed.values()) == {'decoding took longer than 1 s', 'slow'}


@pytest.mark.parametrize('split', ['val', 'test'])
def test_evaluation_ends_with_path_reason_and_cure(clips, tmp_path, split):
    dataset, _ = build(clips, tmp_path, split)
    with pytest.raises(BadVideosError, match=rf'{split}: .*/3\.mp4 .*empty.*replace the file'):
        dataset[3]
    assert dataset[4]['inputs'].shape == (4, 3, 48, 64)


def test_evaluation_hands_out_a_marked_blank_by_option(clips, tmp_path):
    dataset, records = build(clips, tmp_path, 'test', evaluation='wrong')
    whole, blank = dataset[4], dataset[7]
    assert whole['data_samples'].get('damaged') is None
    assert blank['data_samples'].damaged == 'there is no such file'
    assert blank['inputs'].shape == whole['inputs'].shape
    assert blank['inputs'].max() == 0
    assert int(blank['data_samples'].gt_label) == 7 % 3
    assert records.entries()[0][:2] == (str(clips / '7.mp4'), 'test')


def test_too_many_end_the_run_with_the_list(clips, tmp_path):
    dataset, _ = build(clips, tmp_path, share=0.05)
    draw(dataset, 3)
    with pytest.raises(BadVideosError) as error:
        draw(dataset, 7)
    text = str(error.value)
    assert '2 of 20 training videos (10.0%) are damaged' in text
    for part in ('3.mp4: empty', '7.mp4: there is no', 'bad_videos.txt', 'bad_videos.share=0.05'):
        assert part in text


def test_a_fault_of_a_transform_is_no_damage(clips, tmp_path):
    def broken(data):
        raise ZeroDivisionError('a bug')

    dataset, records = build(clips, tmp_path, pipeline=[*DECODE, broken, *PACK])
    with pytest.raises(ZeroDivisionError):
        draw(dataset, 0)
    assert records.entries() == []


def test_frame_folders_are_guarded_too(tmp_path):
    for name in 'ab':
        write_frames(tmp_path / name, 10, '{:05}.jpg')
    (tmp_path / 'list.txt').write_text('a 10 0\nb 10 1\n')
    for number in range(1, 11):
        frame = tmp_path / 'a' / f'{number:05}.jpg'
        frame.write_bytes(frame.read_bytes()[:200])
    dataset = DATASETS.build(
        {
            'type': 'RawframeDataset',
            'ann_file': str(tmp_path / 'list.txt'),
            'data_prefix': {'img': str(tmp_path)},
            'filename_tmpl': '{:05}.jpg',
            'pipeline': [DECODE[1], {'type': 'RawFrameDecode'}, *PACK],
        }
    )
    records = BadVideos(tmp_path / 'work', Settings(share=0.5))
    records.total = guard_dataset(dataset, 'train', records)
    assert draw(dataset, 0)[1] == 1
    ((path, _, reason),) = records.entries()
    assert path == str(tmp_path / 'a')
    assert '.jpg: ' in reason


def test_wrapped_and_pickled_datasets_are_guarded(clips, tmp_path):
    dataset, records = build(clips, tmp_path)
    assert guard_dataset(dataset, 'train', records) == 0
    copy = pickle.loads(pickle.dumps(dataset))
    assert np.array_equal(draw(copy, 3)[0], draw(dataset, 3)[0])
    inner = DATASETS.build(
        {
            'type': 'VideoDataset',
            'ann_file': str(clips / 'list.txt'),
            'data_prefix': {'video': str(clips)},
            'pipeline': DECODE + PACK,
        }
    )
    wrapped = DATASETS.build({'type': 'RepeatDataset', 'dataset': inner, 'times': 2})
    assert guard_dataset(wrapped, 'train', records) == 20
    assert draw(wrapped, 23)[0].shape == (4, 3, 48, 64)


def test_files_are_checked_whole_once(clips, tmp_path):
    build(clips, tmp_path)
    dataset, _ = build(clips, tmp_path)
    marks = dataset.pipeline.pipeline.transforms[0].decoding.marks
    assert isinstance(marks, CheckedFiles)
    assert marks[0] == 0
    draw(dataset, 0)
    again, _ = build(clips, tmp_path)
    assert again.pipeline.pipeline.transforms[0].decoding.marks[0] == marks[0] != 0
    dataset, _ = build(clips, tmp_path, check='read')
    assert dataset.pipeline.pipeline.transforms[0].decoding.marks is None


@pytest.mark.parametrize(
    'values',
    [
        {'share': 1.5},
        {'timeout': 0},
        {'check': 'half'},
        {'evaluation': 'skip'},
        {'ignore': 'text'},
    ],
)
def test_settings_outside_their_range_are_refused(values):
    with pytest.raises(ValueError, match=f'bad_videos.{next(iter(values))}='):
        Settings(**values)
