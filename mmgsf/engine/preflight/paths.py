"""Do the rows of a list stay below the data's folder?"""

import os.path as osp
from collections.abc import Iterator

from .findings import Finding, PreflightError
from .lists import ClipList

OPTION = 'allow_outside_paths'


def check_paths(cfg: dict, clips: ClipList) -> Iterator[Finding]:
    """Lists come from others; a row must not make the run read any file of the machine.

    Paths are compared as they are written. Links below the folder are the user's own, and followed.
    """
    folder = osp.abspath(clips.folder)
    outside = 0
    for line, entry in enumerate(clips.entries, start=clips.first_line):
        path = entry.path
        # Nothing else leads out, and lists are long.
        if ('..' not in path and not osp.isabs(path)) or _is_below(folder, path):
            continue
        if not cfg.get(OPTION):
            raise PreflightError(
                f'{clips.ann_file} line {line}: {path!r} lies outside of {clips.folder}; name it '
                f'relative to that folder, or, if you trust the list, set {OPTION}=True in the '
                f'config or by --cfg-options {OPTION}=True'
            )
        outside += 1
    if outside:
        yield Finding(
            'info', f'{clips.split}: {outside} paths lie outside of {clips.folder} ({OPTION})'
        )


def _is_below(folder: str, path: str) -> bool:
    place = osp.normpath(osp.join(folder, path))
    return place.startswith(osp.join(folder, ''))
