"""The README's table, the program's text and the picture show the figures of the results."""

import matplotlib.image

from mmgsf.benchmark.goals import goals
from mmgsf.benchmark.report import bfloat16_lines, goal_lines, place_lines, readme_lines
from mmgsf.benchmark.text import text_lines
from mmgsf.visualization.benchmark import draw_benchmark, is_drawn_from

from . import made


def test_table_has_ratios_and_the_plain_networks_own_figures():
    lines = list(readme_lines(made.results()))
    assert lines[0].split(' | ')[4:] == [
        'inference',
        'network compiled',
        'layers compiled',
        'training step',
        'kept for backward',
        'peak memory |',
    ]
    rows = {line.split(' | ')[1]: line.split(' | ')[4:] for line in lines[2:6]}
    assert rows['none'] == ['2000 ms', '1000 ms', '2000 ms', '2000 ms', '700 MB', '900 MB |']
    assert rows['GSF 25 %'] == ['1.04', '1.20', '1.01', '1.04', '1.04', '1.04 |']
    assert rows['TSM'] == ['1.02', '', '', '1.02', '1.02', '1.02 |']
    assert 'Abacus (wood, no bf16), 2 cores, 2 threads' in '\n'.join(lines)


def test_table_says_where_training_was_measured_in_eager_mode_only():
    results = made.results()
    assert 'eager mode only; `tools/benchmark.py train' in '\n'.join(readme_lines(results))
    results['train']['rows'] += [made.row('plain', 0.5, 'train', 'compiled')]
    assert 'eager mode only' not in '\n'.join(readme_lines(results))


def test_column_without_figures_is_left_out():
    results = made.results()
    for row in results['train']['rows']:
        row['peak_bytes'] = None
    assert 'peak memory' not in next(readme_lines(results))


def test_goals_are_told_with_quartiles_and_verdict():
    lines = list(goal_lines(made.results()))
    rows = [line.strip('| ').split(' | ') for line in lines if line.startswith('|')]
    found = {cells[0]: cells[1:] for cells in rows[2:]}
    assert found['ResNet-50, GSF 25 %: inference'] == ['1.05', '1.040 (1.040-1.040)', 'met']
    assert found['ResNet-50, GSF 100 %: peak memory'] == ['1.25', '1.300', '**missed**']
    assert found['BNInception, GSF 100 %: inference'][-1] == 'not measured'
    # Nothing that the program has a bar for is left out.
    assert len(found) == len(rows) - 2 >= len(goals())
    assert 'Abacus' in lines[-1]


def test_bf16_is_told_where_both_were_measured():
    results = made.results()
    results['model']['rows'] += [made.row('gsf25', 0.26, 'model', 'bf16')]
    assert list(bfloat16_lines(results))[2:] == ['| ResNet-50 | GSF 25 % | 2080 | 520 | 0.25 |']


def test_places_add_up_over_their_blocks():
    lines = list(place_lines(made.results()))
    assert lines[0] == (
        '| ms | inference: convolution | inference: GSF 25 % | training: convolution | '
        'training: GSF 25 % |'
    )
    assert lines[2:] == [
        '| stage1, each of 3 | 10.0 | 20.0 | 10.0 | 20.0 |',
        '| stage2, each of 4 | 10.0 | 20.0 | 10.0 | 20.0 |',
        '| all 7 | 70 | 140 | 70 | 140 |',
    ]


def test_text_states_the_goals():
    text = '\n'.join(text_lines(made.results()))
    lines = {line.split('  ')[0]: line for line in text.splitlines()}
    assert lines['ResNet-50, GSF 25 %: inference'].endswith('1.05    1.040  met')
    assert lines['ResNet-50, GSF 100 %: inference'].endswith('1.25    1.300  missed')
    assert 'BNInception' not in text
    assert '2000.0 (1500.0-3000.0)' in text


def test_text_says_where_the_time_of_reading_goes():
    row = {'name': 'as they are', 'seconds': [0.1], 'clips_per_second': 10.0, 'bytes': 2_000_000}
    row['steps'] = {'DecordDecode': 0.075, 'Resize': 0.025}
    results = {'machine': made.MACHINE, 'data': {'videos': 1, 'repeats': 1, 'rows': [row]}}
    text = '\n'.join(text_lines(results))
    assert 'as they are: 10.0 clips a second, 2.00 MB' in text
    assert '75.00 ms    75%' in text


def test_picture_has_both_panels(tmp_path):
    path = tmp_path / 'benchmark.png'
    draw_benchmark(made.layer(), path)
    picture = matplotlib.image.imread(path)
    middle = picture.shape[1] // 2
    for panel in (picture[:, :middle], picture[:, middle:]):
        assert panel[..., :3].std() > 0.05


def test_picture_names_the_figures_it_was_drawn_from(tmp_path):
    path = tmp_path / 'benchmark.png'
    layer = made.layer()
    assert not is_drawn_from(path, layer)
    draw_benchmark(layer, path)
    assert is_drawn_from(path, made.layer())
    layer['ratios'][0]['seconds'][0] += 0.1
    assert not is_drawn_from(path, layer)
