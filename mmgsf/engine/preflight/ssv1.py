"""Something-Something V1's lists exist in two label orders, which numbers alone do not tell apart."""

from collections.abc import Iterator, Sequence

from mmgsf.datasets.class_names import class_names
from mmgsf.datasets.preparation.clips import find_file
from mmgsf.datasets.preparation.ssv1 import ANNOTATIONS
from mmgsf.datasets.tables import read_lines

from .findings import Finding, PreflightError
from .lists import ClipList


def check_label_order(clips: ClipList, classes: Sequence[str] | None) -> Iterator[Finding]:
    """Labels must mean the provider's texts, if the csv files lie beside the list.

    MMAction2's lists are in the order of the provider's labels file, those of TSM, TDN and the
    authors in that of the sorted names.
    """
    names = class_names('ssv1')
    # Something-Something V2 has the same names, sorted, and no such csv files.
    if sorted(classes or ()) != sorted(names):
        return
    found = [find_file(clips.ann_file.parent, ANNOTATIONS[split]) for split in ('train', 'val')]
    texts = {}
    for path in filter(None, found):
        for line, _ in read_lines(path):
            clip, _, text = line.partition(';')
            texts[clip.strip()] = text.strip()
    pairs = [
        (texts[name], entry.labels[0], number)
        for number, entry in enumerate(clips.entries, start=1)
        if entry.labels and (name := entry.path.rpartition('/')[2]) in texts
    ]
    if not pairs:
        if list(classes) == names:
            yield Finding(
                'info',
                f'{clips.split}: numbers do not tell in which order the labels are; with '
                f'{ANNOTATIONS["train"]} beside the list it would be checked',
            )
        return
    wrong = next((pair for pair in pairs if classes[pair[1]] != pair[0]), None)
    if wrong is None:
        yield Finding('ok', f"{clips.split}: the labels mean the provider's texts")
        return
    text, label, number = wrong
    in_order = sorted(classes)
    is_sorted = all(in_order[label] == text for text, label, _ in pairs)
    order = 'the labels are those of the sorted names' if is_sorted else 'the labels are mixed'
    raise PreflightError(
        f"{clips.ann_file} line {number}: label {label} is {classes[label]!r}, the provider's csv "
        f'says {text!r}; {order}: make the list by python tools/prepare_data.py ssv1'
    )
