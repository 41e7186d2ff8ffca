"""tools/visualize.py, with a model of random weights on clips of CameraMotion."""

import csv
import importlib.util

import av
import numpy as np
import pytest
import torch

from mmgsf.checkpoints import save_weights
from mmgsf.datasets import class_names
from mmgsf.engine.command_line import run as run_program
from mmgsf.evaluation.score_dump import ScoreDump, write_dump
from tests.visualization.pictures import read_picture

from .running import ROOT, options, run

CONFIG = ROOT / 'configs/gsf_r18_camera_motion.py'


@pytest.fixture(scope='module')
def folder(camera_motion):
    """The small CameraMotion with a checkpoint and two dumps."""
    from mmgsf.apis import load_model

    torch.manual_seed(0)
    model = load_model(CONFIG, device='cpu')
    save_weights(camera_motion / 'w.pth', model.state_dict(), {})
    labels = np.array([0, 0, 1, 2])
    for name, predicted in (('before', [0, 1, 1, 0]), ('after', [0, 0, 1, 0])):
        dump = ScoreDump(['a', 'b', 'c', 'd'], labels, np.eye(3)[predicted], ['x', 'y', 'z'])
        write_dump(camera_motion / f'{name}.npz', dump)
    return camera_motion


@pytest.fixture
def visualize(folder, monkeypatch, tmp_path, capsys):
    """Runs the program in this process; gives the lines of its output and its folder."""
    monkeypatch.chdir(folder)
    specification = importlib.util.spec_from_file_location('visualize', ROOT / 'tools/visualize.py')
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)

    def call(*arguments: object, code: int = 0):
        arguments = [str(argument) for argument in arguments]
        monkeypatch.setattr('sys.argv', ['visualize.py', *arguments, '--out', str(tmp_path)])
        if code:
            with pytest.raises(SystemExit) as ended:
                run_program(program.main, program.parse_args())
            assert ended.value.code == code
        else:
            run_program(program.main, program.parse_args())
        captured = capsys.readouterr()
        return (captured.err if code else captured.out).splitlines(), tmp_path

    return call


def video(number: int = 0) -> str:
    return f'data/camera_motion/videos/val/{number:05}.mp4'


def rows(path) -> list[dict]:
    with path.open(newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def test_gates(visualize):
    lines, out = visualize('gates', CONFIG, 'w.pth', video(), '--layers', 'layer1.1*')
    assert len(lines) == 2
    assert read_picture(out / 'gates_00000.png').shape[1] > 1000
    found = rows(out / 'gates_00000.csv')
    assert len(found) == 2 * 8
    assert {row['layer'] for row in found} == {'layer1.1.conv2.conv'}
    with av.open(str(out / 'gates_00000.mp4')) as container:
        assert sum(1 for _ in container.decode(video=0)) == 8


def test_another_clip_gives_other_numbers(visualize):
    _, out = visualize('energy', CONFIG, 'w.pth', video())
    visualize('energy', CONFIG, 'w.pth', video(1))
    first, second = (read_picture(out / f'energy_0000{number}.png') for number in (0, 1))
    assert (first != second).any()
    assert rows(out / 'energy_00000.csv') != rows(out / 'energy_00001.csv')


@pytest.mark.parametrize(('command', 'count'), [('fusion', 0), ('saliency', 8)])
def test_pictures_of_a_clip(visualize, command, count):
    lines, out = visualize(command, CONFIG, 'w.pth', video())
    assert lines == [f'wrote {out}/{command}_00000.png and {command}_00000.csv']
    assert read_picture(out / f'{command}_00000.png').size
    found = rows(out / f'{command}_00000.csv')
    channels = 2 * (16 + 32 + 64 + 128)
    assert len(found) == (count or 8 * channels)


def test_a_model_of_the_zoo_needs_no_files(visualize):
    _, out = visualize('energy', video())
    _, named = visualize('energy', video(), '--model', 'gsf_r18_footage_camera_motion')
    found = rows(out / 'energy_00000.csv')
    assert found == rows(named / 'energy_00000.csv')
    both = (CONFIG, 'w.pth', video(), '--model', 'gsf_r18_footage_camera_motion')
    lines, _ = visualize('energy', *both, code=1)
    assert 'leave out one' in lines[0]


def test_saliency_of_a_class_by_name(visualize):
    name = class_names('camera_motion')[3]
    _, out = visualize('saliency', CONFIG, 'w.pth', video(), '--target', name)
    assert {row['target'] for row in rows(out / 'saliency_00000.csv')} == {'3'}


def test_embedding_of_the_test_set_and_of_its_file(visualize):
    loader = options(test_dataloader__num_workers=0, test_dataloader__persistent_workers=False)
    lines, out = visualize('embedding', CONFIG, 'w.pth', *loader)
    name = 'gsf_r18_camera_motion'
    assert lines[0] == f'wrote {out}/features_{name}.npz'
    first = rows(out / f'embedding_{name}_tsne.csv')
    assert len(first) == 24
    assert len({row['class'] for row in first}) == 8
    visualize('embedding', out / f'features_{name}.npz')
    assert rows(out / f'embedding_features_{name}_tsne.csv') == first


def test_scores(visualize):
    lines, out = visualize('gain', 'before.npz', 'after.npz', '--names', 'TSN', 'GSF')
    assert lines == [f'wrote {out}/gain_GSF_over_TSN.png and gain_GSF_over_TSN.csv']
    assert [row['gain'] for row in rows(out / 'gain_GSF_over_TSN.csv')] == ['50.0', '0.0', '0.0']
    visualize('confusion', 'before.npz')
    assert rows(out / 'confusion_before.csv')[0]['share_of_class'] == '0.5'
    assert read_picture(out / 'confusion_before.png').size


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('gates', CONFIG, 'w.pth', 'none.mp4'), 'none.mp4 is no file'),
        (('gates', CONFIG, 'w.pth', 'text.mp4'), 'text.mp4'),
        (('gates', CONFIG, 'none.pth', video()), 'none.pth is not there'),
        (('gates', 'none.py', 'w.pth', video()), 'config none.py is not there'),
        (('gates', CONFIG, 'w.pth'), 'gates takes CONFIG CHECKPOINT VIDEO'),
        (
            ('fusion', CONFIG, 'w.pth', video(), '--layers', 'layer9.*'),
            "layer 'layer9.*' is not in the network; near it: layer4",
        ),
        (('saliency', CONFIG, 'w.pth', video(), '--layer', 'neck'), "layer 'neck' is not in"),
        (('saliency', CONFIG, 'w.pth', video(), '--target', 'left'), "--target 'left' is no class"),
        (('energy', CONFIG, 'w.pth', video(), '--view', 2), '--view 2: the test takes 1 views'),
        (('embedding', 'before.npz'), 'no array features in it'),
        (('gain', 'before.npz', 'none.npz'), 'none.npz is not there'),
        (('confusion', 'text.mp4'), 'text.mp4 does not hold the arrays'),
    ],
)
def test_errors_are_one_line_and_leave_nothing(visualize, folder, arguments, message):
    (folder / 'text.mp4').write_text('no video\n')
    lines, out = visualize(*arguments, code=1)
    assert len(lines) == 1
    assert lines[0].startswith('error: ')
    assert message in lines[0]
    assert not list(out.iterdir())


def test_as_a_program(folder, tmp_path):
    command = ('python', ROOT / 'tools/visualize.py', 'energy', CONFIG, 'w.pth')
    output = run(*command, video(), '--out', tmp_path, cwd=folder)
    assert f'wrote {tmp_path}/energy_00000.png' in output
