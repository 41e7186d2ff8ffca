"""Frame folders that template and start index do not fit are refused, with what would fit."""

import pytest

from mmgsf.engine.preflight.folders import numbering_of

from .building import frame_config, only_error, texts

NAMES = ['img_{:05}.jpg', '{:05}.jpg', '{:06}.jpg', 'frame_{:010}.jpg', 'v2_{:04}.png', '{}.jpg']


@pytest.mark.parametrize('first', [0, 1])
@pytest.mark.parametrize('name', NAMES)
def test_the_fitting_template_and_start_index_are_named(tmp_path, name, first):
    wrong = 'image_{:05}.jpg'
    config = frame_config(
        tmp_path, names=name, first=first, filename_tmpl=wrong, start_index=1 - first
    )
    error = only_error(config)
    assert f'set filename_tmpl={name!r} and start_index={first} of the dataset' in error
    dataset = config['train_dataloader']['dataset']
    dataset.update(filename_tmpl=name, start_index=first)
    assert texts(config, 'error', 'warning') == []
    assert f'frames {name} from {first} fit' in ' '.join(texts(config, 'ok'))


@pytest.mark.parametrize('first', [0, 1])
def test_start_index_alone(tmp_path, first):
    error = only_error(frame_config(tmp_path, first=first, start_index=1 - first))
    assert f'; set start_index={first} of the dataset' in error
    assert f'there lie 10 frames {first:05}.jpg to {first + 9:05}.jpg' in error


def test_mmaction2s_defaults_are_known(tmp_path):
    config = frame_config(tmp_path)
    del config['train_dataloader']['dataset']['filename_tmpl']
    error = only_error(config)
    assert 'first img_00001.jpg' in error
    assert "; set filename_tmpl='{:05}.jpg' of the dataset" in error


def test_list_that_tells_of_more_frames_than_there_are(tmp_path):
    error = only_error(frame_config(tmp_path, 'a 10 0\nb 12 1\nc 10 2\n'))
    assert '2 of the 12 frames' in error
    assert 'first 00011.jpg; there lie 10 frames 00001.jpg to 00010.jpg; make it by' in error


def test_gap_in_the_frames(tmp_path):
    config = frame_config(tmp_path)
    (tmp_path / 'frames' / 'b' / '00004.jpg').unlink()
    error = only_error(config)
    assert '1 of the 10 frames' in error
    assert 'first 00004.jpg' in error


@pytest.mark.parametrize('first', [0, 1])
def test_frames_that_the_list_leaves_out_are_a_warning(tmp_path, first):
    config = frame_config(tmp_path, 'a 9 0\nb 9 1\nc 9 2\n', first=first)
    (warning,) = texts(config, 'warning')
    assert f'holds 10 frames {first:05}.jpg to' in warning
    assert 'the list reads 9 from 00001.jpg' in warning


def test_offsets_are_added(tmp_path):
    rows = 'a 0 5 0\nb 5 5 1\nc 2 8 2\n'
    assert texts(frame_config(tmp_path, rows, with_offset=True), 'error', 'warning') == []
    (tmp_path / 'train.txt').write_text(rows.replace('c 2 8', 'c 3 8'))
    config = frame_config(tmp_path / 'again', rows.replace('c 2 8', 'c 3 8'), with_offset=True)
    assert 'first 00011.jpg' in only_error(config)


def test_empty_folder(tmp_path):
    config = frame_config(tmp_path)
    for file in (tmp_path / 'frames' / 'a').iterdir():
        file.unlink()
    assert 'there lie no numbered pictures; make it by' in only_error(config)


@pytest.mark.parametrize('template', ['img_%05d.jpg', '{}_{:05}.jpg', '{name}.jpg', '{:5'])
def test_template_that_is_none(tmp_path, template):
    error = only_error(frame_config(tmp_path, filename_tmpl=template))
    assert "has no place for a number; write it as 'img_{:05}.jpg'" in error


def test_short_clips_are_counted(tmp_path):
    config = frame_config(tmp_path, 'a 10 0\nb 2 1\nc 3 2\n')
    warnings = texts(config, 'warning')
    assert '1 of 3 clips of the list have fewer than 3 frames' in warnings[0]
    assert '2 of 3 clips of the list have fewer than 4 frames; their' in texts(config, 'info')[-1]


def test_numbers_beyond_the_width_belong_to_it():
    found = numbering_of(['07.jpg', '99.jpg', '100.jpg', 'cover.jpg', 'notes_1.txt'])
    assert (found.template, found.numbers) == ('{:02}.jpg', {7, 99, 100})
    assert numbering_of(['a.jpg', '1.txt']) is None
