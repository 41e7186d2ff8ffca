"""Annotation lists of Something-Something V2 from the provider's own files."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from .class_names import class_names

VIDEO_FOLDERS = ('videos', '20bn-something-something-v2')
# The newer release and the older one.
ANNOTATIONS = {
    'train': ('labels/train.json', 'something-something-v2-train.json'),
    'val': ('labels/validation.json', 'something-something-v2-validation.json'),
}
LIST_NAME = 'sthv2_{split}_list_videos.txt'


def write_ssv2_lists(root: str | Path) -> dict[str, tuple[int, int]]:
    """Writes MMAction2's annotation lists for SSv2, lines `ID.webm LABEL`.

    Args:
        root: folder with the provider's json files, under `labels/` or side by side, and the videos
            under `videos/` or `20bn-something-something-v2/`; the latter gets a link `videos`.

    Returns:
        For each split the number of rows written and of videos left out because they are missing.

    Raises:
        FileNotFoundError: a file or folder of the provider is missing.
        ValueError: a row lacks a key, or its template is none of the 174 classes.
    """
    root = Path(root)
    videos = _video_folder(root)
    present = {path.stem: path.name for path in videos.iterdir()}
    labels = {name: label for label, name in enumerate(class_names('ssv2'))}
    lists, counts = {}, {}
    for split, candidates in ANNOTATIONS.items():
        source = _first(root, candidates)
        rows = [
            (present.get(str(row['id'])), _label(row, labels, source))
            for row in json.loads(source.read_text(encoding='utf-8'))
        ]
        lines = [f'{name} {label}' for name, label in rows if name is not None]
        lists[root / LIST_NAME.format(split=split)] = lines
        counts[split] = (len(lines), len(rows) - len(lines))
    for path, lines in lists.items():
        write_lines(path, lines)
    return counts


def write_lines(path: Path, lines: list[str]) -> None:
    """Writes a text file whole or not at all."""
    beside = path.with_name(f'{path.name}.part')
    beside.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    os.replace(beside, path)


def _video_folder(root: Path) -> Path:
    folder = _first(root, VIDEO_FOLDERS)
    videos = root / VIDEO_FOLDERS[0]
    if folder != videos:
        videos.symlink_to(folder.name)
    return videos


def _first(root: Path, candidates: tuple[str, ...]) -> Path:
    for candidate in candidates:
        if (root / candidate).exists():
            return root / candidate
    raise FileNotFoundError(
        f'{root} holds neither {" nor ".join(candidates)}; put the files of '
        "Something-Something V2's download there"
    )


def _label(row: Mapping, labels: Mapping[str, int], source: Path) -> int:
    try:
        name = row['template'].replace('[', '').replace(']', '')
        return labels[name]
    except KeyError as error:
        raise ValueError(
            f'{source}, id {row.get("id")}: {error} is no class of Something-Something V2 or no key '
            "of a row; use the provider's file as it is"
        ) from error
