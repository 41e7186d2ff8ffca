"""tools/zoo/study_report.py: index entries and pictures of another record than the one at hand are told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from mmgsf.apis.index import read_index
from mmgsf.checkpoints.whole import sha256
from mmgsf.study import RECORD
from mmgsf.visualization.figures import save_figure
from tests import zoo
from tests.study.made import row, run_row

from .running import ROOT


@pytest.fixture
def folder(tmp_path):
    """A folder with a record, pages and an index that were written from it."""
    result = {'Model': zoo.NAME, **zoo.result(Dataset='several', Log=RECORD)}
    record = {'rows': [row('gsf', 'layers', run_row(0, 40, 20))], 'results': [result]}
    (tmp_path / RECORD).parent.mkdir(parents=True)
    (tmp_path / RECORD).write_text(json.dumps(record))
    for page in ('docs/comparison.md', 'README.md'):
        (tmp_path / page).write_text('<!-- comparison -->\n<!-- end of comparison -->\n')
    (tmp_path / 'configs').mkdir()
    zoo.write_index(tmp_path / 'configs/metafile.yml', zoo.entry(zoo.NAME))
    report(tmp_path)
    return tmp_path


def report(folder: Path, *arguments: str) -> str:
    """The last line that it writes on stderr, empty where all is well."""
    command = [sys.executable, '-W', 'ignore', str(ROOT / 'tools/zoo/study_report.py'), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode != 0) == ('error: ' in done.stderr)
    return done.stderr.strip().split('\n')[-1]


def test_results_of_the_record_are_entered_and_stale_ones_told(folder):
    index = folder / 'configs/metafile.yml'
    assert [found['Dataset'] for found in read_index(index)[zoo.NAME].results] == ['several']
    assert report(folder, '--check') == ''
    index.write_text(index.read_text().replace('95.4', '95.5'))
    assert 'configs/metafile.yml is stale' in report(folder, '--check')


@pytest.mark.slow
def test_pictures_of_another_record_are_told(folder):
    picture = folder / 'docs/comparison_gain.png'
    page = folder / 'docs/comparison.md'
    page.write_text(f'{page.read_text()}![gain]({picture.name})\n')
    words = (
        'comparison_gain.png is missing or of another record; run: python tools/zoo/study_report.py'
    )
    assert words in report(folder, '--check')
    comment = f'{Path(RECORD).name}, sha256 {sha256(folder / RECORD)}'
    save_figure(Figure(), picture, comment)
    assert report(folder, '--check') == ''
    save_figure(Figure(), picture, comment.replace('sha256 ', 'sha256 0'))
    assert words in report(folder, '--check')
