"""From a folder of videos to a model, by the commands of docs/own_data.md and nothing else."""

import io
import json
import re
import runpy
import shlex
import shutil
import signal
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmgsf.apis import get_config, load_model
from mmgsf.checkpoints import save_weights
from mmgsf.engine.trackers import LOCAL, with_trackers
from mmgsf.evaluation.score_dump import read_dump

from ..videos import write_video
from ..web.running import Page
from .running import ROOT, environment, run

PAGE = (ROOT / 'docs/own_data.md').read_text(encoding='utf-8')
COMMANDS = [
    line for block in re.findall(r'```sh\n(.*?)```', PAGE, re.DOTALL) for line in block.splitlines()
]
EXAMPLES = re.findall(r'```python\n(.*?)```', PAGE, re.DOTALL)
CLIPS = ROOT.parent / 'shared' / 'clips'
# So many that random features and what is trained on them tell stripes apart.
EPOCHS = 10
FROZEN = ('backbone.conv1.', 'backbone.layer1.')


def command(*words: str) -> str:
    """The one command of the page that holds these words."""
    found = [line for line in COMMANDS if all(word in line for word in words)]
    assert len(found) == 1, found
    return found[0]


def stripes(seed: int, across: bool) -> np.ndarray:
    """Frames (T, 48, 64, 3) of stripes that move, across the frame or upright."""
    rng = np.random.default_rng(seed)
    colours = np.stack([rng.integers(0, 100, 3), rng.integers(156, 256, 3)]).astype(np.uint8)
    width, start = int(rng.integers(4, 9)), int(rng.integers(0, 20))
    rows, columns = np.mgrid[:48, :64]
    place = rows if across else columns
    return np.stack([colours[(place + start + t) // width % 2] for t in range(12)])


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """A place to work in as in the repository, with videos of two classes and checkpoints."""
    folder = tmp_path_factory.mktemp('own')
    for name in ('tools', 'configs'):
        (folder / name).symlink_to(ROOT / name)
    for seed in range(20):
        for across, name in enumerate(('lying stripes', 'upright stripes')):
            path = folder / 'data/actions' / name / f'{seed:02} take.mp4'
            write_video(path, stripes(2 * seed + across, across=not across))
    (folder / 'data/actions/lying stripes/broken.mp4').write_bytes(b'no video')
    save_checkpoint(folder / 'gsf_r18.pth')
    (folder / 'gsf.pth').symlink_to('gsf_r18.pth')
    return folder


def save_checkpoint(path: Path) -> None:
    torch.manual_seed(0)
    model = load_model(get_config('gsf_r18_camera_motion'), device='cpu')
    meta = {'num_segments': 8, 'dataset_meta': {'classes': list(model.cfg.classes)}}
    save_weights(path, model.state_dict(), meta)


def execute(folder: Path, line: str, *more: object, code: int = 0, **variables: str) -> str:
    return run(*shlex.split(line), *more, cwd=folder, code=code, **variables)


def execute_here(folder: Path, line: str) -> str:
    """As `execute`, in this process, which has imported already what takes a program seconds."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        python, program, *arguments = shlex.split(line)
        assert python == 'python'
        patch.setattr('sys.argv', [program, *arguments])
        before = signal.getsignal(signal.SIGTERM)
        try:
            runpy.run_path(program, run_name='__main__')
        finally:
            signal.signal(signal.SIGTERM, before)
    return said.getvalue()


@pytest.fixture(scope='module')
def prepared(folder) -> Path:
    log = execute(folder, command('prepare_data', '--load-from gsf.pth'))
    assert 'lying stripes/broken.mp4' in log
    assert log.splitlines()[-1] == 'ready: python tools/train.py data/actions/gsf_finetune.py'
    log = execute(folder, command('prepare_data', '--base gsf_r18_finetune'))
    assert '2 classes (train+val): lying stripes 16+4, upright stripes 16+4' in log
    assert execute_here(folder, command('tools/preflight.py')).count('ok') > 5
    return folder


QUICK = ('--cfg-options', 'train_dataloader.num_workers=0', 'train_dataloader.persistent_workers=0')
QUICK += ('val_dataloader.num_workers=0', 'val_dataloader.persistent_workers=0')


@pytest.fixture(scope='module')
def trained(prepared) -> Path:
    """By the page's two lines of training at once: the second adds TensorBoard to the first."""
    plain, board = command('tools/train.py', '--seed 0'), command('also_log_to=tensorboard')
    line, option = board.split(' --cfg-options ')
    assert plain == f'{line} --seed 0'
    changes = ('train_dataloader.batch_size=4', f'train_cfg.max_epochs={EPOCHS}')
    log = execute(prepared, plain, *QUICK, option, *changes)
    assert 'the classifier of 2 classes starts anew: ' in log
    assert 'has one of 8 classes' in log
    return prepared / f'work_dirs/gsf_finetune-actions/epoch_{EPOCHS}.pth'


def of_epoch(line: str) -> str:
    return line.replace('epoch_30', f'epoch_{EPOCHS}')


def test_model_has_learned_the_classes(prepared, trained):
    log = execute_here(prepared, of_epoch(command('tools/test.py')))
    dump = read_dump(prepared / 'scores.npz')
    assert dump.classes == ['lying stripes', 'upright stripes']
    assert {name.split('/')[0] for name in dump.names} == set(dump.classes)
    accuracy = (dump.scores.argmax(1) == dump.labels).mean()
    assert f'acc/top1: {accuracy:.4f}' in log
    assert accuracy > 0.8
    meta = torch.load(trained, weights_only=True)['meta']
    assert meta['dataset_meta']['classes'] == list(dump.classes)


def test_python_of_the_page_recognizes(prepared, trained):
    example, *_ = EXAMPLES
    shutil.copy(prepared / 'data/actions/upright stripes/03 take.mp4', prepared / 'a video.mp4')
    (prepared / 'example.py').write_text(of_epoch(example))
    said = execute_here(prepared, 'python example.py').splitlines()[-1]
    assert said in ('lying stripes', 'upright stripes')


def test_lines_of_the_page_for_a_config_do_what_it_says(prepared):
    _, lines, line = EXAMPLES
    path = prepared / 'data/actions/longer.py'
    path.write_text((prepared / 'data/actions/gsf_finetune.py').read_text() + lines + line)
    config = Config.fromfile(path)
    assert config.train_cfg.max_epochs == config.param_scheduler[-1].end == 12
    assert config.param_scheduler[0].end == 3
    assert len(config.param_scheduler) == 2
    by_hand = dict(config.visualizer)
    assert by_hand == with_trackers({**by_hand, 'vis_backends': [LOCAL]}, 'tensorboard')


def test_features_of_the_page(prepared, trained):
    log = execute_here(prepared, of_epoch(command('extract_features', '--list', '--out')))
    assert '8 videos: 8 written to features' in log
    paths = sorted((prepared / 'features').rglob('*.npz'))
    assert {path.parent.name for path in paths} == {'lying stripes', 'upright stripes'}
    with np.load(paths[0], allow_pickle=False) as loaded:
        assert loaded['features'].shape == (1, 128)
        assert json.loads(str(loaded['meta']))['model'] == 'gsf_finetune'


def test_tensorboard_gets_loss_and_accuracy(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (events,) = trained.parent.rglob('events.out.tfevents.*')
    read = EventAccumulator(str(events))
    read.Reload()
    assert {'loss', 'lr', 'acc/top1'} <= set(read.Tags()['scalars'])
    losses, accuracies = read.Scalars('loss'), read.Scalars('acc/top1')
    assert len(accuracies) == EPOCHS
    assert min(point.value for point in accuracies) >= 0
    assert max(point.value for point in accuracies) <= 1
    # The run's own file has the same.
    rows = next(trained.parent.rglob('scalars.json')).read_text().splitlines()
    logged = [row['loss'] for row in map(json.loads, rows) if 'loss' in row]
    assert [point.value for point in losses] == pytest.approx(logged, rel=1e-4)


def test_frozen_stage_is_as_it_was_given(prepared, trained):
    before = torch.load(prepared / 'gsf_r18.pth', weights_only=True)['state_dict']
    after = torch.load(trained, weights_only=True)['state_dict']
    same = {name for name, value in before.items() if torch.equal(after[name], value)}
    # Running statistics and temporal layers too.
    frozen = {name for name in before if name.startswith(FROZEN)}
    assert any('.temporal.norm.running_mean' in name for name in frozen)
    assert frozen <= same
    assert not [name for name in same if name.startswith('backbone.layer4.')]


@pytest.mark.slow
def test_mim_runs_the_written_config(prepared):
    train = (*QUICK, 'train_cfg.max_epochs=1')
    execute(prepared, command('mim train', '--gpus'), '--work-dir', 'by_mim', *train)
    line = command('mim test').replace('work_dirs/gsf_finetune-actions/epoch_30', 'by_mim/epoch_1')
    assert 'acc/top1' in execute(prepared, line)
    assert 'Flops' in execute(prepared, command('mim run', '--shape'))


@pytest.mark.slow
def test_page_of_the_trained_model_recognizes(prepared, trained):
    line = of_epoch(command('mmgsf web', '--model'))
    words = [*shlex.split(line), '--port', '0', '--no-examples']
    told = {'stdout': subprocess.PIPE, 'text': True}
    with subprocess.Popen(words, cwd=prepared, env=environment(), **told) as process:
        try:
            address = process.stdout.readline().split()[0]
            page = Page(int(address.rstrip('/').rpartition(':')[2]))
            (model,) = json.loads(page.ask('GET', '/choices')[2])['models']
            video = prepared / 'data/actions/upright stripes/03 take.mp4'
            status, answers = page.run(f'model={model}&name=a.mp4', video.read_bytes())
        finally:
            process.terminate()
    assert status == 200
    top = answers[-1]['result']['recognition']['top']
    assert {one['class'] for one in top} == {'lying stripes', 'upright stripes'}


def test_every_command_of_the_page_is_run_here():
    """Told by the words that the tests find their commands by."""
    source = Path(__file__).read_text(encoding='utf-8')
    calls = re.findall(r'\bcommand\(((?:\'[^\']+\'(?:, )?)+)\)', source)
    found = {command(*re.findall(r"'([^']+)'", words)) for words in calls}
    assert sorted(set(COMMANDS) - found) == []


def test_changed_config_is_kept_until_forced(prepared):
    line = command('prepare_data', '--load-from gsf.pth')
    last = execute(prepared, line, code=1).splitlines()[-1]
    assert last.startswith('error: data/actions/gsf_finetune.py is there and not what would be')
    assert '--force' in last


@pytest.mark.slow
def test_checkpoint_of_another_network_is_refused(prepared):
    torch.save({'state_dict': {'conv1.weight': torch.zeros(4)}}, prepared / 'other.pth')
    line = command('tools/train.py', '--seed 0')
    log = execute(prepared, line, *QUICK, 'load_from=other.pth', 'work_dir=other', code=1)
    assert log.splitlines()[-1].startswith('error: other.pth holds no weights of this backbone')
    assert 'Traceback' not in log


def test_bad_input_ends_with_one_line(prepared):
    line = 'python tools/prepare_data.py folder nowhere'
    said = execute(prepared, line, code=1)
    assert (
        said == 'error: nowhere is no folder; give the one with the videos (--debug shows where)\n'
    )
    assert 'Traceback' in execute(prepared, f'{line} --debug', code=1)


def cut(source: Path, target: Path, parts: int) -> None:
    """Every n-th part of a clip as a video of its own."""
    import av

    with av.open(str(source)) as container:
        frames = [frame.to_ndarray(format='rgb24') for frame in container.decode(video=0)]
    frames = [
        frame[::4, ::4][: frame.shape[0] // 8 * 2, : frame.shape[1] // 8 * 2] for frame in frames
    ]
    for part, some in enumerate(np.array_split(np.stack(frames), parts)):
        write_video(target / f'{part}.mp4', some)


@pytest.mark.slow
@pytest.mark.skipif(not CLIPS.is_dir(), reason='the clips are not beside this repository')
def test_real_clips(tmp_path):
    sources = sorted((CLIPS / 'asl').glob('*.mkv'))[:2]
    for source in sources:
        cut(source, tmp_path / 'asl' / source.stem, parts=4)
    save_checkpoint(tmp_path / 'gsf.pth')
    prepare = ('python', ROOT / 'tools/prepare_data.py', 'folder', 'asl', '--no-flip')
    run(*prepare, '--base', 'gsf_r18_finetune', '--load-from', 'gsf.pth', cwd=tmp_path)
    train = ('python', ROOT / 'tools/train.py', 'asl/gsf_finetune.py', *QUICK)
    log = run(*train, 'train_cfg.max_epochs=2', cwd=tmp_path)
    assert log.count('acc/top1: ') == 2
    checkpoint = torch.load(tmp_path / 'work_dirs/gsf_finetune-asl/epoch_2.pth', weights_only=True)
    assert checkpoint['meta']['dataset_meta']['classes'] == [source.stem for source in sources]
