"""The weights that ship: whole, small, what their record says, and able to do what they are for."""

import json
import re
from pathlib import Path

import pytest
import torch

from mmgsf.apis import get_config, load_model, model_classes, read_clip, score_clips
from mmgsf.apis.index import find_entry
from mmgsf.checkpoints import load_from_local
from mmgsf.checkpoints.whole import stated_checksum
from mmgsf.datasets import CameraMotion
from mmgsf.datasets.motions import CLASSES
from mmgsf.evaluation.judge_footage import judge, judge_rendered
from mmgsf.publishing.measuring import correct_of

ROOT = Path(__file__).parents[2]
NAME = 'gsf_r18_footage_camera_motion'
(FILE,) = (ROOT / 'mmgsf' / 'apis' / 'weights').glob(f'{NAME}-*.safetensors')
RECORD = json.loads((ROOT / 'docs' / 'logs' / f'{NAME}.json').read_text(encoding='utf-8'))
FOOTAGE = ROOT.parent / 'shared' / 'clips' / 'asl'


@pytest.fixture(scope='module')
def model():
    return load_model(get_config(NAME), FILE, device='cpu')


def test_file_is_small_whole_and_half_precision():
    assert FILE.name == RECORD['weights']
    assert stated_checksum(FILE.name) == RECORD['sha256'][:8]
    assert FILE.stat().st_size == RECORD['bytes'] <= 8_000_000
    weights = load_from_local(str(FILE))['state_dict']
    assert {value.dtype for value in weights.values()} == {torch.float16, torch.int64}


def test_file_says_what_it_is(model):
    meta = load_from_local(str(FILE))['meta']
    assert meta['name'] == NAME
    assert meta['num_segments'] == model.num_segments == 8
    assert meta['dataset_meta']['classes'] == model_classes(model)
    assert meta['commands'][-1].startswith(f'tools/dist_train.sh configs/{NAME}.py ')
    assert all(f'--seed {meta["seed"]}' in command for command in meta['commands'])
    assert len(RECORD['epochs']) == model.cfg.train_cfg.max_epochs


def test_index_has_the_figures_of_the_record():
    """tools/verify_zoo.py measures them anew."""
    results = {result['Dataset']: result for result in find_entry(NAME).results}
    for setting in ('photograph', 'footage'):
        found, judged = results[f'CameraMotion ({setting})'], RECORD['accuracy'][setting]
        assert found['Clips'] == judged['clips']
        counts = [correct_of(value, found['Clips']) for value in found['Metrics'].values()]
        assert counts == [judged['correct'], judged['correct_backwards']]
    gliding = results['CameraMotion (gliding windows)']
    judged = RECORD['accuracy']['gliding windows']['accuracy']['all']
    assert gliding['Clips'] == judged['clips']
    assert correct_of(gliding['Metrics']['Top 1 Accuracy'], gliding['Clips']) == judged['correct']
    assert list(results.values()) == RECORD['results']


def test_page_has_the_counts_of_the_record():
    page = (ROOT / 'docs' / 'camera_motion.md').read_text(encoding='utf-8')
    found = re.findall(r'^\| (.+) \| (\d+) of (\d+) \| ([\d.]+) % \|$', page, re.MULTILINE)
    judged = RECORD['accuracy']
    gliding = judged['gliding windows']
    counts = [
        (judged[part][way], judged[part]['clips'])
        for part in ('photograph', 'footage')
        for way in ('correct', 'correct_backwards')
    ]
    groups = {name: (row['correct'], row['clips']) for name, row in gliding['accuracy'].items()}
    wanted = [*counts, groups['all'], *groups.values()]
    assert [(int(correct), int(clips)) for _, correct, clips, _ in found] == wanted
    assert [share for *_, share in found] == [f'{100 * c / n:.1f}' for c, n in wanted]
    assert [name for name, *_ in found[5:]] == list(groups)
    names = ['plain', 'backwards', 'footage', 'backwards', f'{len(gliding["videos"])} real videos']
    assert all(name.endswith(end) for (name, *_), end in zip(found[:5], names, strict=True))
    low, middle, high = (f'{100 * value:.1f}' for value in gliding['displacement'])
    assert f'{low} to {high} % of the window a frame (median {middle} %)' in page
    unmoved = judged['unmoved']
    text = ' '.join(page.split())
    assert f'was {unmoved["mean_highest_probability"]:.2f} on average' in text
    left = CLASSES.index('Turning the camera left')
    assert f'"turning left" came first in {unmoved["first"][left]}.' in text


def test_footage_of_unseen_photographs_forwards_and_backwards(model):
    found = judge_rendered(model, 'footage', num_clips=24, seed=7)
    assert found['correct'] >= 17
    assert found['correct_backwards'] >= 17


def test_time_reversal_turns_the_answer_round(model):
    benchmark = CameraMotion(seed=8, num_val=24)
    turned = 0
    for clip in benchmark.clips('val'):
        frames = benchmark.render(clip)
        there, back = (
            int(score_clips(model, [read_clip(model, f)]).argmax()) for f in (frames, frames[::-1])
        )
        turned += (there, back) == (clip.label, clip.reversed().label)
    assert turned >= 20


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason='the real clips are not here')
def test_real_footage(model):
    verdict = judge(model, sorted(FOOTAGE.glob('*.mkv'))[:2], clips_per_video=8)
    assert verdict.hits.mean() >= 0.7
