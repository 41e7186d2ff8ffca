"""Datasets in their providers' layout, a few seconds of video each."""

import json
import subprocess
import sys
from pathlib import Path

from mmgsf.datasets import class_names

from .videos import noise_clip, write_video

ROOT = Path(__file__).parents[1]


def make_ssv2(root: Path) -> Path:
    """Something-Something V2 as it is downloaded: webm (VP9) files and json annotations.

    Made by another process: where decord is loaded, its libvpx hides the one that PyAV needs.
    """
    command = [sys.executable, '-m', 'tests.trees', str(root)]
    subprocess.run(command, check=True, cwd=ROOT)
    return root


def _make_ssv2(root: Path, train: int = 4, val: int = 2) -> None:
    names = class_names('ssv2')
    (root / 'labels').mkdir(parents=True)
    ids = iter(range(100, 100 + train + val))
    for split, count in (('train', train), ('validation', val)):
        rows = []
        for i in range(count):
            number = next(ids)
            template = names[(37 * number) % len(names)].replace('something', '[something]')
            rows.append(
                {
                    'id': str(number),
                    'label': template.replace('[something]', 'a cup'),
                    'template': template,
                    'placeholders': ['a cup'] * template.count('[something]'),
                }
            )
            video = root / '20bn-something-something-v2' / f'{number}.webm'
            write_video(video, noise_clip(i), codec='libvpx-vp9', deadline='realtime')
        (root / 'labels' / f'{split}.json').write_text(json.dumps(rows), encoding='utf-8')
    index = {name: str(label) for label, name in enumerate(names)}
    (root / 'labels' / 'labels.json').write_text(json.dumps(index), encoding='utf-8')


if __name__ == '__main__':
    _make_ssv2(Path(sys.argv[1]))
