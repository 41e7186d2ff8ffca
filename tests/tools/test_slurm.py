"""The SLURM launchers, with stand-ins for srun and scontrol that start the tasks here."""

from pathlib import Path

import pytest

from .running import ROOT, run, small

SRUN = """#!/usr/bin/env bash
# Starts the tasks that srun would, on this machine.
echo "srun $*"
export SLURM_NTASKS=2 SLURM_NODELIST=localhost
while [[ $1 == --* ]]; do shift; done
for task in 0 1; do SLURM_PROCID=$task SLURM_LOCALID=$task "$@" & tasks+=($!); done
code=0
for task in "${tasks[@]}"; do wait "$task" || code=$?; done
exit $code
"""


@pytest.fixture
def cluster(tmp_path) -> dict[str, str]:
    """Environment with the stand-ins on the path."""
    from .running import environment

    folder = tmp_path / 'bin'
    folder.mkdir()
    for name, text in (('srun', SRUN), ('scontrol', '#!/bin/sh\necho localhost\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {'PATH': f'{folder}:{environment()["PATH"]}', 'GPUS': '2', 'OMP_NUM_THREADS': '1'}


@pytest.mark.slow
def test_two_tasks_train(tmp_path, cluster, camera_motion: Path):
    log = run(
        ROOT / 'tools/slurm_train.sh',
        'partition',
        'job',
        ROOT / 'configs/gsf_r18_camera_motion.py',
        *small(4, train_cfg__max_epochs=1),
        cwd=camera_motion,
        **cluster,
        SRUN_ARGS='--qos=low --comment=test',
    )
    assert '--partition=partition --job-name=job --gres=gpu:2 --ntasks=2' in log
    assert '--qos=low --comment=test' in log
    assert 'Epoch(train) [1][7/7]' in log  # 56 clips, 2 tasks of 4


def test_environment_reaches_srun(tmp_path, cluster):
    (tmp_path / 'bin' / 'srun').write_text('#!/usr/bin/env bash\necho "$@"\n')
    where = {**cluster, 'GPUS': '16', 'GPUS_PER_NODE': '4', 'CPUS_PER_TASK': '7'}
    output = run(
        ROOT / 'tools/slurm_test.sh', 'p', 'j', 'c.py', 'a.pth', '--amp', cwd=tmp_path, **where
    )
    tasks = '--gres=gpu:4 --ntasks=16 --ntasks-per-node=4 --cpus-per-task=7 --kill-on-bad-exit=1'
    assert output.startswith(f'--partition=p --job-name=j {tasks} python -u ')
    assert output.rstrip().endswith('/test.py c.py a.pth --amp --launcher slurm')


def test_wrong_use(tmp_path):
    output = run(ROOT / 'tools/slurm_test.sh', 'partition', 'job', cwd=tmp_path, code=2)
    assert output.startswith('error: usage: tools/slurm_test.sh PARTITION JOB_NAME CONFIG')
