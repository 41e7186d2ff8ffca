"""A sample of the files is looked at and decoded, and no more than that."""

import pytest

from mmgsf.engine.preflight import PreflightError, check_config, files
from mmgsf.engine.preflight.files import sample

from ...videos import noise_clip, write_video
from .building import frame_config, only_error, texts, video_config


@pytest.mark.parametrize('number', [1, 2, 5, 16, 17, 200_000])
def test_samples_are_spread_and_bounded(number):
    found = sample(range(number), 16)
    assert found[0] == 0
    assert found[-1] == number - 1
    assert len(found) == min(number, 16)
    steps = {after - before for before, after in zip(found, found[1:], strict=False)}
    assert not steps or max(steps) - min(steps) <= 1


@pytest.mark.parametrize('content', [b'', b'no video', None])
def test_damaged_video_is_refused(tmp_path, content):
    config = video_config(tmp_path)
    path = tmp_path / 'videos' / 'b.mp4'
    path.write_bytes(path.read_bytes()[:400] if content is None else content)
    error = only_error(config)
    assert error.startswith('1 of 3 clips sampled from')
    assert 'cannot be decoded by DecordDecode, first b.mp4 (' in error
    assert 'prepare_data.py' in error


@pytest.mark.parametrize('decoder', ['OpenCV', 'PyAV'])
def test_the_pipelines_own_decoder_is_used(tmp_path, decoder):
    steps = [{'type': f'{decoder}Init'}, {'type': f'{decoder}Decode'}]
    config = video_config(tmp_path, pipeline=steps)
    assert texts(config, 'error') == []
    assert '3 sampled clips are decoded' in ' '.join(texts(config, 'ok'))
    (tmp_path / 'videos' / 'a.mp4').write_bytes(b'no video')
    assert f'by {decoder}Decode, first a.mp4' in only_error(config)


@pytest.mark.parametrize('content', [b'', b'no picture'])
def test_damaged_frame_is_refused(tmp_path, content):
    config = frame_config(tmp_path)
    (tmp_path / 'frames' / 'c' / '00001.jpg').write_bytes(content)
    assert 'cannot be decoded by RawFrameDecode, first c (' in only_error(config)


def test_unknown_decoder_is_named(tmp_path):
    config = video_config(tmp_path, pipeline=[{'type': 'MyDecode'}])
    assert 'MyDecode' in only_error(config)


def test_pipeline_without_a_decoder(tmp_path):
    config = video_config(tmp_path, pipeline=[{'type': 'MyLoader'}])
    assert texts(config, 'error') == []
    assert 'no decoder known here' in ' '.join(texts(config, 'info'))


def test_short_videos_of_the_sample_are_counted(tmp_path):
    config = video_config(tmp_path)
    write_video(tmp_path / 'videos' / 'b.mp4', noise_clip(0, num_frames=2))
    (warning,) = texts(config, 'warning')
    assert '1 of 3 sampled clips have fewer than 3 frames' in warning


def test_names_without_a_suffix_are_those_of_mp4_files(tmp_path):
    assert texts(video_config(tmp_path, 'a 0\nb 1\nc 2\n'), 'error', 'warning') == []


def test_videos_are_no_frame_folders(tmp_path):
    config = frame_config(tmp_path)
    config['train_dataloader']['dataset']['type'] = 'VideoDataset'
    (tmp_path / 'train.txt').write_text('a 0\nb 1\nc 2\n')
    assert '3 of 3 files sampled from' in only_error(config)


def test_few_files_are_opened_however_long_the_list(tmp_path, monkeypatch):
    config = video_config(tmp_path, 'a.mp4 0\nb.mp4 1\nc.mp4 2\n' * 20_000)
    opened = []
    first_frame = files._first_frame
    monkeypatch.setattr(
        files, '_first_frame', lambda *args: opened.append(args) or first_frame(*args)
    )
    assert texts(config, 'error', 'warning') == []
    assert len(opened) == files.DECODED_FILES


def test_a_run_starts_with_few_damaged_clips_and_not_with_many(tmp_path):
    config = video_config(tmp_path)
    (tmp_path / 'videos' / 'b.mp4').write_bytes(b'')
    found = []
    check_config(config, ('train',), report=found.append)
    (warning,) = [finding.text for finding in found if finding.level == 'warning']
    assert '1 of 3 clips sampled' in warning
    assert 'the run will list all such clips' in warning
    (tmp_path / 'videos' / 'c.mp4').unlink()
    (tmp_path / 'videos' / 'a.mp4').unlink()
    with pytest.raises(PreflightError, match='2 of 3 files sampled'):
        check_config(config, ('train',))


def test_a_test_with_a_damaged_clip_starts_only_where_it_counts_as_wrong(tmp_path):
    config = video_config(tmp_path)
    config['test_dataloader'] = config['train_dataloader']
    (tmp_path / 'videos' / 'b.mp4').write_bytes(b'')
    with pytest.raises(PreflightError, match='1 of 3 clips sampled'):
        check_config(config, ('test',))
    check_config({**config, 'bad_videos': {'evaluation': 'wrong'}}, ('test',))
