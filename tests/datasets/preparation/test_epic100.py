"""EPIC-Kitchens-100's segments, cut from videos or read from frame folders."""

import csv
import json
import os

import numpy as np
import pytest
from PIL import Image

from mmgsf.datasets.preparation import scan_dataset

from ...trees import EPIC_COLUMNS, EPIC_RATE, EPIC_SEGMENTS, grey_level, make_epic100, write_csv
from .test_segments import frame_numbers


def prepare(tree, **options):
    preparation = scan_dataset('epic100', tree, workers=1)
    preparation.write(**options)
    return preparation.report


def rows(tree, split):
    with (tree / f'epic100_{split}_list.tsv').open(newline='') as file:
        return list(csv.DictReader(file, delimiter='\t'))


def edit(tree, split, change):
    """Rewrites an annotation file after `change` of its rows, dicts by column."""
    path = tree / f'EPIC_100_{split}.csv'
    with path.open(newline='') as file:
        reader = csv.DictReader(file)
        found = list(reader)
    change(found)
    write_csv(path, reader.fieldnames, [row.values() for row in found])


@pytest.fixture
def videos(tmp_path):
    return make_epic100(tmp_path / 'epic100')


@pytest.fixture
def folders(tmp_path):
    return make_epic100(tmp_path / 'epic100', frames=True)


def test_segments_of_videos_become_clips_of_their_own(videos):
    report = prepare(videos)
    assert list(report.splits) == ['train', 'val', 'test']
    header = 'narration_id\tparticipant_id\tpath\tstart_frame\tnum_frames\tverb_class\tnoun_class'
    assert (videos / 'epic100_test_list.tsv').read_text().splitlines() == [
        header,
        'P03_105_0\tP03\tclips/P03/P03_105_0.mp4\t0\t25\t\t',
        'P03_105_1\tP03\tclips/P03/P03_105_1.mp4\t0\t38\t\t',
        'P03_105_2\tP03\tclips/P03/P03_105_2.mp4\t0\t43\t\t',
    ]
    for split, video in (('train', 'P01_101'), ('val', 'P02_103'), ('test', 'P03_105')):
        for i, row in enumerate(rows(videos, split)):
            start, stop = (EPIC_RATE * float(time) for time in EPIC_SEGMENTS[i])
            wanted = [n for n in range(150) if start <= n < stop]
            assert row['narration_id'] == f'{video}_{i}'
            assert row['participant_id'] == video[:3]
            assert row['path'] == f'clips/{video[:3]}/{video}_{i}.mp4'
            assert (row['start_frame'], row['num_frames']) == ('0', str(len(wanted)))
            assert frame_numbers(videos / row['path'], wanted[0]) == wanted
            classes = ('', '') if split == 'test' else ('3', str(i))
            assert (row['verb_class'], row['noun_class']) == classes


def test_segments_of_frame_folders_are_read_by_their_frames(folders):
    report = prepare(folders)
    assert report.notes == ['segments are read from frame folders']
    found = rows(folders, 'val')
    places = [(row['path'], row['start_frame'], row['num_frames']) for row in found]
    folder = 'P02/rgb_frames/P02_103'
    # The last segment's annotation ends at frame 148 of a folder with 146.
    assert places == [(folder, '1', '25'), (folder, '26', '39'), (folder, '105', '42')]
    for row in found:
        first = int(row['start_frame'])
        for number in (first, first + int(row['num_frames']) - 1):
            with Image.open(folders / row['path'] / f'frame_{number:010}.jpg') as image:
                assert abs(np.asarray(image).mean() - grey_level(number - 1)) < 3
    assert report.splits['val'].frames == {'16-31': 1, '32-63': 2}


def test_only_lost_or_changed_clips_are_cut_again(videos):
    prepare(videos)
    clips = sorted((videos / 'clips').glob('*/*.mp4'))
    before = {path: path.stat().st_mtime_ns for path in clips}
    wanted = clips[4].read_bytes()
    clips[4].unlink()
    edit(videos, 'train', lambda found: found[0].update(stop_timestamp='00:00:00.60'))
    prepare(videos)
    after = {path: path.stat().st_mtime_ns for path in clips}
    assert [path for path in clips if before[path] != after[path]] == [clips[0], clips[4]]
    assert clips[4].read_bytes() == wanted
    assert rows(videos, 'train')[0]['num_frames'] == '30'
    os.utime(videos / 'P02' / 'videos' / 'P02_103.MP4', ns=(0, 0))
    prepare(videos)
    changed = [path for path in clips if path.stat().st_mtime_ns != after[path]]
    assert changed == [path for path in clips if path.parent.name == 'P02']


def test_missing_videos_and_folders_are_counted(videos, folders):
    (videos / 'P03' / 'rgb_frames').rename(videos / 'P03' / 'elsewhere')
    assert 'none of 3 clips is there' in prepare(videos).notes[1]
    (videos / 'P02' / 'rgb_frames').rename(videos / 'P02' / 'elsewhere')
    with pytest.raises(ValueError, match='val: 3 clips are missing'):
        prepare(videos, max_missing=0.9)


def test_damaged_video_is_named_for_each_of_its_segments(videos):
    edit(videos, 'train', lambda found: found[0].update(video_id='P01_102'))
    edit(videos, 'train', lambda found: found[0].update(narration_id='P01_102_0'))
    (videos / 'P01' / 'videos' / 'P01_102.MP4').write_bytes(b'no video')
    report = prepare(videos, max_missing=0.4)
    assert report.splits['train'].unreadable == {
        'P01_102_0': 'InvalidDataError: Invalid data found when processing input'
    }


def test_segment_after_the_last_frame_is_named(folders):
    edit(folders, 'train', lambda found: found[2].update(start_frame=147))
    report = prepare(folders, max_missing=0.4)
    assert report.splits['train'].unreadable == {'P01_101_2': 'starts at frame 147, of 146'}


@pytest.mark.parametrize(
    ('change', 'problem'),
    [
        ({'verb_class': '97'}, "verb_class='97' is no whole number from 0 to 96"),
        ({'noun_class': ''}, "noun_class='' is no whole number from 0 to 299"),
        ({'stop_timestamp': '00:00:00.53'}, 'the segment ends before it starts'),
        ({'stop_frame': '25'}, 'the segment ends before it starts'),
        ({'start_timestamp': '0.53'}, "start_timestamp='0.53' is not HH:MM:SS.ss"),
        (
            {'participant_id': '../P01', 'video_id': '../P01_101', 'narration_id': '../P01_101_1'},
            r'\.\./P01, \.\./P01_101 and \.\./P01_101_1 must be letters, digits',
        ),
        ({'participant_id': 'P02'}, 'P02, P01_101 and P01_101_1 do not belong together'),
    ],
)
def test_wrong_row_is_refused(folders, change, problem):
    edit(folders, 'train', lambda found: found[1].update(change))
    with pytest.raises(ValueError, match=rf'EPIC_100_train\.csv line 3: {problem}'):
        prepare(folders)


def test_missing_column_is_refused(folders):
    write_csv(folders / 'EPIC_100_train.csv', EPIC_COLUMNS[:8], [])
    with pytest.raises(ValueError, match=r'train\.csv line 1: no column verb_class, noun_class'):
        prepare(folders)


def test_classes_of_another_order_are_refused(folders):
    path = folders / 'EPIC_100_noun_classes.csv'
    path.write_text(path.read_text().replace('0,tap,', '0,spigot,'))
    with pytest.raises(ValueError, match=r"noun_classes\.csv: class 0 is 'spigot'"):
        prepare(folders)


def test_folder_without_videos_is_refused(folders):
    for participant in ('P01', 'P02', 'P03'):
        (folders / participant).rename(folders / f'other {participant}')
    with pytest.raises(FileNotFoundError, match='holds no video .* and no folder'):
        prepare(folders)


@pytest.mark.parametrize(
    ('video', 'fps', 'duration', 'said'),
    [
        ('P01_101', 47.952, 146 / 47.952, True),
        ('P01_101', 47.952, 146 / 50, False),
        ('P01_101', 50.0, 146 / 50, False),
        ('P01_07', 59.94, 146 / 60, False),
        ('P01_07', 47.952, 146 / 47.952, True),
    ],
)
def test_frame_folders_of_another_rate_are_said(folders, video, fps, duration, said):
    if video != 'P01_101':
        path = folders / 'EPIC_100_train.csv'
        path.write_text(path.read_text().replace('P01_101', video))
        frames = folders / 'P01' / 'rgb_frames'
        (frames / 'P01_101').rename(frames / video)
    rows = [(video, duration, fps, '64x48'), ('P09_01', 100.0, 50.0, '64x48')]
    columns = ('video_id', 'duration', 'fps', 'resolution')
    write_csv(folders / 'EPIC_100_video_info.csv', columns, rows)
    notes = [note for note in prepare(folders).notes if 'own rate' in note]
    assert len(notes) == said
    assert all('1 frame folders have as many' in n and f'first {video};' in n for n in notes)


def test_report_is_stored(folders):
    report = prepare(folders)
    assert json.loads((folders / 'epic100_report.json').read_text()) == report.as_json()
