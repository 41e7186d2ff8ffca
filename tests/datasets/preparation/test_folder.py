"""A user's folder of videos: lists, class names and a config, or one line on what is wrong."""

import ast

import pytest

from mmgsf.datasets import list_delimiter
from mmgsf.datasets.preparation import Finetuning, scan_dataset

from ...videos import noise_clip, write_video

TRAIN, VAL, CLASSES, CONFIG = (
    'train_list_videos.txt',
    'val_list_videos.txt',
    'classes.txt',
    'gsf_finetune.py',
)


@pytest.fixture(scope='module')
def video(tmp_path_factory) -> bytes:
    return write_video(tmp_path_factory.mktemp('v') / 'a.mp4', noise_clip(0)).read_bytes()


@pytest.fixture
def make(tmp_path, video):
    """Writes a video at each place below the root."""

    def write(*places: str, content: bytes = video):
        for place in places:
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_bytes(content)
        return tmp_path

    return write


def videos(folder: str, number: int) -> list[str]:
    return [f'{folder}/{i}.mp4' for i in range(number)]


def prepare(root, max_missing=0.2, **options):
    preparation = scan_dataset('folder', root, workers=1, **options)
    preparation.write(max_missing)
    return preparation.report


def rows(path) -> list[tuple[str, str]]:
    return [tuple(line.split(list_delimiter(path))) for line in path.read_text().splitlines()]


def test_every_class_is_split_by_its_share(make):
    root = make(*videos('walk', 10), *videos('run', 5), *videos('rare', 2))
    report = prepare(root, val_share=0.2)
    assert (root / CLASSES).read_text() == 'rare\nrun\nwalk\n'
    train, val = rows(root / TRAIN), rows(root / VAL)
    labels = [[int(label) for _, label in some] for some in (train, val)]
    assert [[some.count(label) for label in range(3)] for some in labels] == [[1, 4, 8], [1, 1, 2]]
    assert not {path for path, _ in train} & {path for path, _ in val}
    assert all(path.startswith(f'{("rare", "run", "walk")[int(n)]}/') for path, n in train + val)
    assert report.notes[-1] == '3 classes (train+val): rare 1+1, run 4+1, walk 8+2'


def test_split_follows_from_the_seed_and_stays_as_videos_come(make):
    root = make(*videos('a', 20), *videos('b', 20))
    lists = []
    for seed in (0, 0, 1):
        prepare(root, seed=seed)
        lists.append(rows(root / VAL))
    assert lists[0] == lists[1] != lists[2]
    make('a/new.mp4')
    prepare(root, seed=1)
    assert len(set(lists[2]) ^ set(rows(root / VAL))) <= 2


def test_folder_that_is_split_itself_stays_so(make):
    root = make('train/a/1.mp4', 'train/b/2.mp4', 'val/a/3.MP4', 'val/b/4.mp4', 'notes/x.txt')
    report = prepare(root)
    assert rows(root / TRAIN) == [('train/a/1.mp4', '0'), ('train/b/2.mp4', '1')]
    assert rows(root / VAL) == [('val/a/3.MP4', '0'), ('val/b/4.mp4', '1')]
    assert 'beside train/ and val/, left out: notes' in report.notes


def test_names_with_spaces_get_tabs(make):
    root = make('a b/1 2.mp4', 'a b/deep er/3.mp4', *videos('c', 2))
    prepare(root, val_share=0.5)
    assert '\t' in (root / TRAIN).read_text()
    found = {path for path, _ in rows(root / TRAIN) + rows(root / VAL)}
    assert {'a b/1 2.mp4', 'a b/deep er/3.mp4'} < found


def test_what_is_no_video_of_a_class_is_noted(make):
    root = make(*videos('a', 2), *videos('b', 2), 'loose.mp4', '.hidden/x.mp4', 'work_dirs/log.txt')
    notes = prepare(root).notes
    assert 'no class: work_dirs/ holds no video (.webm, .mp4, .mkv, .avi, .mov)' in notes
    assert '1 videos in no folder of a class are left out, first loose.mp4' in notes
    assert (root / CLASSES).read_text() == 'a\nb\n'


def test_damaged_video_is_left_out_and_named(make):
    root = make(*videos('a', 10), *videos('b', 10))
    make('a/0.mp4', content=b'no video')
    report = prepare(root)
    unreadable = {**report.splits['train'].unreadable, **report.splits['val'].unreadable}
    assert list(unreadable) == ['a/0.mp4']
    assert 'a/0.mp4' not in (root / TRAIN).read_text() + (root / VAL).read_text()
    with pytest.raises(ValueError, match=r'1 unreadable of .* first a/0\.mp4; no list was written'):
        prepare(root, max_missing=0.0)


@pytest.mark.parametrize(
    ('places', 'message'),
    [
        (['a.mp4', 'b.mp4'], 'holds no folder with videos; make two or more folders in it'),
        (videos('a', 3), "holds only the class 'a'; make two or more"),
        ([*videos('a', 3), 'b/1.mp4'], r'b holds 1 video; a class needs 2 or more'),
        (['train/a/1.mp4', 'train/b/1.mp4'], r'has train/ with folders in it, but no val/'),
        (
            ['train/a/1.mp4', 'train/b/1.mp4', 'val/c/1.mp4'],
            r'val/c is a class without videos in .*train; the names',
        ),
        ([*videos('a', 2), *videos('b\tc', 2)], r"b\\tc': the name begins or ends with a space"),
        ([*videos('a', 2), *videos(' b', 2)], 'the name begins or ends with a space'),
    ],
)
def test_folder_of_another_form_is_refused(make, places, message):
    with pytest.raises(ValueError, match=message):
        prepare(make(*places))


def test_class_of_which_damage_leaves_nothing_is_refused(make):
    root = make(*videos('a', 10), *videos('b', 10))
    make(*videos('a', 10), content=b'no video')
    with pytest.raises(ValueError, match=r"class 'a' has no readable train video: .*a/\d\.mp4"):
        prepare(root)
    assert not (root / TRAIN).exists()


@pytest.mark.parametrize('share', [0, 1, -0.2])
def test_share_outside_its_range_is_refused(make, share):
    with pytest.raises(ValueError, match=f'val_share={share}: give a share'):
        prepare(make(*videos('a', 2), *videos('b', 2)), val_share=share)


def test_sides_are_told_and_swapped(make):
    root = make(*videos('turn left', 2), *videos('turn right', 2))
    assert (
        "'turn left' and 'turn right' change places where frames are mirrored in training"
        in prepare(root).notes
    )
    root = make(*videos('lean left', 2))
    assert any('frames are not mirrored in training' in note for note in prepare(root).notes)


def test_config_is_python_and_changed_only_by_force(make):
    root = make(*videos('a', 2), *videos('b', 2))
    preparation = scan_dataset('folder', root, workers=1)
    preparation.write(0.2)
    ast.parse((root / CONFIG).read_text())
    preparation.keep(CONFIG, 'rename it')
    (root / CONFIG).write_text('# mine\n')
    with pytest.raises(
        ValueError, match=r'gsf_finetune\.py is there and not what would be written'
    ):
        preparation.keep(CONFIG, 'rename it')


def test_files_of_somebody_else_are_kept(make):
    root = make(*videos('a', 2), *videos('b', 2))
    (root / CLASSES).write_text('mine\n')
    preparation = scan_dataset('folder', root, workers=1)
    with pytest.raises(ValueError, match=r'classes\.txt is there and not what would be written'):
        preparation.keep(CONFIG, 'rename it')
    (root / CLASSES).unlink()
    preparation.write(0.2)
    # Its own lists are made anew.
    make('a/new.mp4')
    scan_dataset('folder', root, workers=1).keep(CONFIG, 'rename it')


@pytest.mark.parametrize(
    ('arguments', 'error', 'message'),
    [
        ({'base': 'gsf_r50_ssv2'}, ValueError, r"take one of \['gsf_r18_finetune', 'gsf_r50"),
        ({'load_from': 'none.pth'}, FileNotFoundError, r'checkpoint none\.pth is not there'),
        ({'load_from': 'tsn_r50_ssv2'}, ValueError, 'the zoo index has no weights of tsn_r50_ssv2'),
    ],
)
def test_what_a_config_cannot_start_from_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Finetuning(**arguments)
