"""The README's table, the program's text and the picture show the figures of the results."""

import matplotlib.image

from mmgsf.benchmark.report import readme_lines
from mmgsf.benchmark.text import text_lines
from mmgsf.visualization.benchmark import draw_benchmark

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
    assert 'Abacus (wood, no bf16), 2 cores, 2 threads' in lines[-1]


def test_column_without_figures_is_left_out():
    results = made.results()
    for row in results['train']['rows']:
        row['peak_bytes'] = None
    assert 'peak memory' not in next(readme_lines(results))


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
