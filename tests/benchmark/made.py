"""Results of a made-up machine, small and complete."""

MACHINE = {
    'processor': 'Abacus',
    'architecture': 'wood',
    'cores': 2,
    'threads': 2,
    'bfloat16': [],
    'system': 'Linux',
    'python': '3.11.0',
    'torch': '2.13.0',
    'date': '2026-01-02',
}
LAYERS = {'plain': 1.0, 'tsm': 1.02, 'gsf25': 1.04, 'gsf100': 1.3}


def row(layer: str, factor: float, task: str, mode: str = 'eager') -> dict:
    """A ResNet-50 that takes `factor` times the plain one's second, in three rounds of drift."""
    found = {
        'network': 'r50',
        'layer': layer,
        'mode': mode,
        'name': f'r50/{layer}/{mode}',
        'baseline': f'r50/plain/{mode}',
        'size': 224,
        'parameters': 24_000_000,
        'macs': 33_000_000_000,
        'seconds': [factor * drift for drift in (1.0, 2.0, 4.0)],
    }
    if task == 'train':
        found.update(saved_bytes=int(700e6 * factor), peak_bytes=int(900e6 * factor))
    return found


def results() -> dict:
    """With all sections but data."""
    sections = {
        task: {
            'clips': 1,
            'frames': 8,
            'repeats': 3,
            'rows': [row(layer, factor, task) for layer, factor in LAYERS.items()],
        }
        for task in ('model', 'train')
    }
    rows = sections['model']['rows']
    rows += [row('plain', 0.5, 'model', 'compiled'), row('gsf25', 0.6, 'model', 'compiled')]
    rows += [row(*one, 'model', 'layer-compiled') for one in (('plain', 1.0), ('gsf25', 1.01))]
    return {'machine': MACHINE, 'command': 'tools/benchmark.py all', **sections, 'layer': layer()}


def layer() -> dict:
    """Cost in proportion to frames; overhead in proportion to the ratio."""
    return {
        'frames': 8,
        'size': 224,
        'repeats': 3,
        'places': [
            {
                'place': place,
                'blocks': blocks,
                'channels': 256,
                'task': task,
                'contestant': name,
                'seconds': [seconds, seconds, 2 * seconds],
            }
            for place, blocks in (('stage1', 3), ('stage2', 4))
            for task in ('model', 'train')
            for name, seconds in (('conv', 0.01), ('gsf25', 0.02))
        ],
        'growth': [
            {
                'clips': clips,
                'frames': frames,
                'contestant': name,
                'seconds': [clips * frames * cost] * 3,
            }
            for name, cost in (('gsf25', 0.001), ('gsf100', 0.003))
            for clips, frames in ((1, 4), (1, 8), (1, 16), (2, 8), (4, 8))
        ],
        'ratios': [
            {'task': task, 'contestant': name, 'channel_ratio': ratio, 'seconds': [seconds] * 3}
            for task in ('model', 'train')
            for name, ratio, seconds in (
                ('plain', None, 1.0),
                ('tsm', None, 1.02),
                ('gsf25', 0.25, 1.05),
                ('gsf100', 1.0, 1.2),
            )
        ],
    }
