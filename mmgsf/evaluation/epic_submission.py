"""The challenge's submission: a zip with test.json, written from scores and checked."""

import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

from mmgsf.files import replacing

from .epic_annotations import num_classes
from .epic_scores import EpicScores, refuse_other_ids

MEMBER = 'test.json'
HEADER = {'version': '0.2', 'challenge': 'action_recognition'}
# Levels of supervision, 0 to 5: pre-training, training labels, training data.
SUPERVISION = ('sls_pt', 'sls_tl', 'sls_td')


def write_submission(
    path: str | Path,
    scores: EpicScores,
    narration_ids: Sequence[str],
    sls_pt: int = 0,
    sls_tl: int = 0,
    sls_td: int = 0,
) -> None:
    """Writes and checks the zip for the challenge, whole or not at all.

    Args:
        path: file to write, .zip.
        scores: raw scores of the test segments.
        narration_ids: the test segments.
        sls_pt: level of supervision in pre-training, 0 to 5, as the challenge defines it.
        sls_tl: level of supervision in training labels, likewise.
        sls_td: level of supervision in training data, likewise.

    Raises:
        ValueError: the scores are not those of exactly the test segments, a level is outside 0 to
            5, or `path` does not end in .zip.
    """
    if Path(path).suffix != '.zip':
        raise ValueError(f'{path}: the challenge takes a zip; name the file .zip')
    ordered = scores.of(narration_ids)
    header = {**HEADER, 'sls_pt': sls_pt, 'sls_tl': sls_tl, 'sls_td': sls_td}
    with replacing(path) as beside:
        with (
            zipfile.ZipFile(beside, 'w', zipfile.ZIP_DEFLATED) as archive,
            archive.open(MEMBER, 'w') as file,
        ):
            # One segment at a time: the whole text is 100 MB.
            file.write(f'{json.dumps(header)[:-1]}, "results": {{'.encode())
            for row, name in enumerate(ordered.narration_ids):
                entry = {
                    'verb': _named(ordered.verb[row].tolist()),
                    'noun': _named(ordered.noun[row].tolist()),
                }
                comma = ',\n' if row else '\n'
                file.write(f'{comma}{json.dumps(name)}: {json.dumps(entry)}'.encode())
            file.write(b'}}')
        check_submission(beside, narration_ids)


def check_submission(path: str | Path, narration_ids: Sequence[str]) -> dict[str, int]:
    """Checks a zip for the challenge: every segment once, all 97 and 300 scores, finite.

    Args:
        path: the zip.
        narration_ids: the test segments.

    Returns:
        The three levels of supervision that it declares.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the first fault found, with its place.
    """
    content = _read(Path(path))
    for key, value in HEADER.items():
        if content.get(key) != value:
            raise ValueError(f'{path}: {key} is {content.get(key)!r}; it must be {value!r}')
    levels = {key: content.get(key) for key in SUPERVISION}
    for key, level in levels.items():
        if type(level) is not int or not 0 <= level <= 5:
            raise ValueError(f'{path}: {key} is {level!r}; it must be a whole number from 0 to 5')
    results = content.get('results')
    if not isinstance(results, dict):
        raise ValueError(f'{path}: results is no object of narration ids; write it from scores')
    refuse_other_ids(f'{path}: results', list(results), narration_ids)
    for name, entry in results.items():
        for kind in ('verb', 'noun'):
            _check_entry(f'{path}: {name} {kind}', entry, kind)
    return levels


def _check_entry(where: str, entry: object, kind: str) -> None:
    scores = entry.get(kind) if isinstance(entry, dict) else None
    count = num_classes(kind)
    if not isinstance(scores, dict) or scores.keys() != _labels(kind):
        raise ValueError(f'{where}: it must hold the keys "0" to "{count - 1}", each once')
    for label, score in scores.items():
        if type(score) not in (int, float) or not math.isfinite(score):
            raise ValueError(f'{where}: score {label} is {score!r}; it must be a finite number')


def _labels(kind: str) -> set[str]:
    return {str(label) for label in range(num_classes(kind))}


def _named(scores: list[float]) -> dict[str, float]:
    return {str(label): score for label, score in enumerate(scores)}


def _read(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f'{path} is not there; check the path')
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.namelist() != [MEMBER]:
                raise ValueError(f'it holds {archive.namelist()}, not {MEMBER} alone')
            content = json.loads(archive.read(MEMBER), object_pairs_hook=_unique)
    except (ValueError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise ValueError(f'{path} is no zip with a sound {MEMBER}: {error}') from error
    if not isinstance(content, dict):
        raise ValueError(f'{path}: {MEMBER} is no object; write it from scores')
    return content


def _unique(pairs: list[tuple[str, object]]) -> dict:
    """A JSON object; the standard reader would keep the last of two equal keys without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'key {twice!r} stands there twice')
    return found
