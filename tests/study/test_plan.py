"""Every row of the plan is a network that can be built, with what its title says."""

import mmgsf.register  # noqa: F401, I001

import json
from pathlib import Path
from statistics import fmean

import pytest

from mmgsf.layers import GateShift, GateShiftFuse
from mmgsf.models.complexity import measure_complexity
from mmgsf.study import RECORD
from mmgsf.study.plan import GROUPS, ROWS, chosen
from mmgsf.study.results import accuracies
from mmgsf.study.runs import read_row

ROOT = Path(__file__).parents[2]
BUILT = {row.name: read_row(row) for row in ROWS}


def layers(name: str) -> dict:
    """Temporal layers of a row by their place."""
    from mmaction.registry import MODELS

    model = MODELS.build({**BUILT[name].model, '_scope_': 'mmaction'})
    kinds = GateShiftFuse | GateShift
    return {place: found for place, found in model.named_modules() if isinstance(found, kinds)}


def test_names_are_unique_and_groups_known():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {row.group for row in ROWS} == set(GROUPS)


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.name)
def test_pipelines_and_network_take_as_many_frames(row):
    config = BUILT[row.name]
    parts = (config.train_dataloader, config.val_dataloader, config.test_dataloader)
    samplers = [
        step
        for part in parts
        for step in part.dataset.pipeline
        if step.type == 'SegmentSampleFrames'
    ]
    assert {step.num_clips for step in samplers} == {config.model.num_segments}
    assert config.num_segments == config.model.num_segments
    assert measure_complexity(config.model.to_dict(), config.model.num_segments, 64).macs > 1e7


def test_compared_rows_share_recipe_and_data():
    """But for the layers' rates, which docs/comparison.md states."""
    rates = {name: BUILT[name].optim_wrapper.optimizer.lr for name in ('gsf', 'gsm', 'tsm', 'tsn')}
    assert rates == {'gsf': 2e-3, 'gsm': 2e-3, 'tsm': 1e-3, 'tsn': 1e-3}

    def recipe(name: str) -> tuple:
        config = BUILT[name]
        return (
            config.train_cfg,
            {**config.optim_wrapper, 'optimizer': {**config.optim_wrapper.optimizer, 'lr': None}},
            config.param_scheduler,
            config.train_dataloader,
            config.model.cls_head,
        )

    for group in GROUPS:
        names = [row.name for row in ROWS if row.group == group]
        assert all(row.seeds == (0, 1, 2) for row in ROWS if row.group == 'layers')
        for name in names:
            if name.startswith('frames'):
                continue
            assert recipe(name)[:3] == recipe(names[0])[:3], name
            assert recipe(name)[3] == recipe(names[0])[3], name


def test_short_schedule_fits_its_epochs():
    config = BUILT['gsf_short']
    epochs = config.train_cfg.max_epochs
    rising, falling = config.param_scheduler
    assert rising.end <= falling.begin < falling.end == epochs
    assert falling.T_max == falling.end - falling.begin
    assert config.train_dataloader.sampler.easy_epochs == epochs
    assert config.train_cfg.val_begin == epochs


ORDINALS = {6: 'sixth'}
NUMBERS = {3: 'three', 5: 'five', 6: 'six', 9: 'nine', 11: 'eleven', 16: 'sixteen'}


def test_the_pages_recipe_is_that_of_the_configs():
    page = ' '.join((ROOT / 'docs' / 'comparison.md').read_text(encoding='utf-8').split())
    whole, short = BUILT['gsf'], BUILT['gsf_short']
    easy, all_epochs = whole.train_dataloader.sampler.easy_epochs, whole.train_cfg.max_epochs
    assert (
        f'{NUMBERS[easy]} epochs of photographs, then {NUMBERS[all_epochs - easy]} of footage, '
        f'{whole.optim_wrapper.optimizer.type}, '
        f'{whole.train_dataloader.batch_size} clips a step' in page
    )
    rising, falling = short.param_scheduler
    assert rising.end == 1
    assert (
        f"for {NUMBERS[short.train_cfg.max_epochs]} epochs, at GSF's rate, which rises in the first, "
        f'stays until the {ORDINALS[falling.begin]} and falls in the last {NUMBERS[falling.T_max]}'
        in page
    )
    titles = {row.group: GROUPS[row.group] for row in ROWS if 'easy_epochs' in str(row.options)}
    assert set(titles) == {'ablations', 'backbones'}
    for title in titles.values():
        assert f'{NUMBERS[short.train_cfg.max_epochs]} epochs of photographs' in title
    readme = (ROOT / 'README.md').read_text(encoding='utf-8')
    assert f'for {NUMBERS[all_epochs]} epochs' in ' '.join(readme.split())


def test_gains_in_the_pages_text_are_those_of_the_record():
    page = ' '.join((ROOT / 'docs' / 'comparison.md').read_text(encoding='utf-8').split())
    record = json.loads((ROOT / RECORD).read_text(encoding='utf-8'))
    gsf, tsm, gsm = (
        next(accuracies(row['runs'], 'footage') for row in record['rows'] if row['name'] == name)
        for name in ('gsf', 'tsm', 'gsm')
    )
    assert f'GSF is {fmean(gsf) - fmean(tsm):.1f} points above TSM in the mean' in page
    assert f'GSF is above GSM by {fmean(gsf) - fmean(gsm):.1f} points on footage' in page
    assert "one of three GSF's is below all three TSM's" in page
    assert min(gsf) < min(tsm) < sorted(gsf)[1]
    assert "GSM's best seed is above GSF's worst" in page
    assert max(gsm) > min(gsf)


def test_changes_are_what_the_titles_say():
    assert not any(layer.fuse for layer in layers('no_fusion').values())
    assert {layer.gate for layer in layers('gate_plus').values()} == {1.0}
    assert {layer.gate for layer in layers('gate_minus').values()} == {-1.0}
    assert {place.split('.')[1] for place in layers('late')} == {'layer3', 'layer4'}
    assert all('.conv1.' in place for place in layers('conv1'))
    whole = {place: layer.touched for place, layer in layers('gsf').items()}
    for name, share in (('ratio_25', 4), ('ratio_50', 2), ('ratio_12', 8)):
        found = {place: layer.touched for place, layer in layers(name).items()}
        assert found == {place: whole[place] // share for place in found}
        assert len(found) == (len(whole) if name != 'ratio_12' else len(whole) * 3 // 4)
    assert layers('tsn') == {}
    assert {type(layer) for layer in layers('gsm').values()} == {GateShift}


def test_rows_are_chosen_in_the_plans_order():
    assert [row.name for row in chosen(['tsm', 'gsf'])] == ['gsf', 'tsm']
    assert chosen() == list(ROWS)
    with pytest.raises(ValueError, match="row 'gfs' is not in the plan; choose of gsf, tsm"):
        chosen(['gfs'])
