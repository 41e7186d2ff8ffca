"""The arithmetic of docs/scaling.md by hand, and its tables against the program."""

import re
from pathlib import Path

import pytest

from mmgsf import compat
from mmgsf.benchmark.scaling import Footage, Job, Site, estimate, ring_mb
from mmgsf.benchmark.scaling_facts import DATASETS, read_job
from mmgsf.benchmark.scaling_table import dataset_lines, job_lines

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'scaling.md').read_text(encoding='utf-8')
# 10 GMAC a clip, 25 million parameters.
JOB = Job('job', 'ssv2', 10, 10, 8, 4, 10**10, 25 * 10**6, frame_folders=False)
FOOTAGE = Footage(decode_ms=8.0, clip_mb=0.5, stored_mb=0.5)
# 60 TFLOPS sustained are 1000 clips a second.
SITE = Site(
    gpu_tflops=120, utilisation=0.5, gpus=1, transform_ms=1, cores_per_gpu=100, storage_mb_s=10**6
)


def reckoned(**values):
    from dataclasses import replace

    return estimate(JOB, 36_000, 10_800, FOOTAGE, replace(SITE, **values))


def test_by_hand():
    found = reckoned()
    assert found.clips_per_second == pytest.approx(1000)
    # 10 x (36000 + 10800 / 3) / 1000 s.
    assert found.gpu_hours == found.hours == pytest.approx(396 / 3600)
    assert found.cores_per_gpu == pytest.approx(1000 * (8 + 8) / 1000)
    assert found.read_mb_s == pytest.approx(500)
    assert (found.limit, found.gradient_mb_s, found.step_clips) == ('GPUs', 0, 4)


def test_gpus_share_the_work_and_lose_a_little():
    one, eight = reckoned(), reckoned(gpus=8, efficiency=0.8)
    assert eight.gpu_hours == one.gpu_hours
    assert eight.hours == pytest.approx(one.hours / 8 / 0.8)
    assert eight.step_clips == 32


def test_cores_and_storage_set_the_limit_where_they_are_slower():
    cores = reckoned(cores_per_gpu=4)
    assert cores.limit == 'cores'
    assert cores.hours == pytest.approx(10 * 46_800 * 0.016 / 4 / 3600)
    storage = reckoned(storage_mb_s=100)
    assert storage.limit == 'storage'
    assert storage.hours == pytest.approx(10 * 46_800 * 0.5 / 100 / 3600)


def test_gradients_leave_a_machine_only_where_there_are_several():
    assert ring_mb(25 * 10**6, 1) == 0
    assert ring_mb(25 * 10**6, 2) == pytest.approx(100)
    found = reckoned(gpus=16, efficiency=1)
    # 100 MB after each step of 64 clips, 16,000 clips a second.
    assert found.gradient_mb_s == pytest.approx(100 * 16_000 / 64)


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'gpus': 0}, 'gpus=0: take a number above 0'),
        ({'storage_mb_s': float('nan')}, 'storage_mb_s=nan'),
        ({'utilisation': 1.5}, 'utilisation=1.5 is a share'),
    ],
)
def test_impossible_sites_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Site(**values)


def test_page_has_each_config_of_the_five_sets():
    names = re.findall(r'^\| `(\w+)` \|', PAGE, re.MULTILINE)
    there = {p.stem for slug in DATASETS for p in (ROOT / 'configs').glob(f'*_{slug}.py')}
    assert len(names) == len(there)
    assert set(names) == there
    assert {slug for slug in DATASETS if any(name.endswith(slug) for name in names)} == set(
        DATASETS
    )


def test_table_of_sets_is_what_the_program_writes():
    assert '\n'.join(dataset_lines(Site())) in PAGE


# The whole table takes longer: python tools/scaling.py --check.
@pytest.mark.parametrize(
    'name',
    ['gsf_r50_ssv1', 'gsf_r50_ssv2', 'gsf_r50_diving48', 'gsf_r50_frames_epic100', 'tsn_r50_k400'],
)
def test_table_of_trainings_is_what_the_program_writes(name):
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401

    job = read_job(ROOT / 'configs' / f'{name}.py')
    header, rule, row = job_lines([job], Site())
    assert f'{header}\n{rule}\n' in PAGE
    assert f'{row}\n' in PAGE


def test_other_configs_are_refused(tmp_path):
    (tmp_path / 'other.py').touch()
    with pytest.raises(ValueError, match='ends in none of ssv1'):
        read_job(tmp_path / 'other.py')
    with pytest.raises(FileNotFoundError, match='is not there'):
        read_job(tmp_path / 'none_ssv2.py')
