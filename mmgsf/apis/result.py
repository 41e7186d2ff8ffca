"""What was recognised: for the eye, for programs (JSON), for tables (CSV)."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mmgsf.files import replacing

COLUMNS = ('source', 'model', 'rank', 'label', 'class', 'probability', 'error')
_BAR = 20


class Top(NamedTuple):
    """One of the most probable classes.

    Attributes:
        label: number of the class, from 0.
        name: of the class.
        probability: from 0 to 1.
    """

    label: int
    name: str
    probability: float


class _Written:
    """JSON and CSV of what gives `to_dict` and `_rows`."""

    def to_json(self, path: str | Path | None = None) -> str:
        """`to_dict` as JSON, written to a file as well if one is given."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        return _written(f'{text}\n', path).rstrip('\n')

    def to_csv(self, path: str | Path | None = None) -> str:
        """A header and a row for each video and rank, written to a file as well if one is given."""
        text = io.StringIO(newline='')
        writer = csv.writer(text, lineterminator='\n')
        writer.writerow(COLUMNS)
        writer.writerows(self._rows())
        return _written(text.getvalue(), path)


@dataclass(frozen=True, repr=False)
class Recognition(_Written):
    """The classes of one video.

    Attributes:
        source: path of the video, or 'frames'.
        model: name of the model.
        classes: names of all classes, in label order.
        probabilities: of all classes, from 0 to 1.
        topk: how many classes `top`, the table, JSON and CSV show.
    """

    source: str
    model: str
    classes: Sequence[str]
    probabilities: Sequence[float]
    topk: int = 5

    @property
    def top(self) -> list[Top]:
        """The most probable classes, the best first; of equal ones the smaller label."""
        order = sorted(range(len(self.probabilities)), key=lambda i: (-self.probabilities[i], i))
        return [
            Top(label, self.classes[label], self.probabilities[label])
            for label in order[: self.topk]
        ]

    def to_dict(self) -> dict:
        """Source, model and the `topk` classes, as plain values."""
        return {
            'source': self.source,
            'model': self.model,
            'top': [
                {'label': one.label, 'class': one.name, 'probability': one.probability}
                for one in self.top
            ],
        }

    def __str__(self) -> str:
        top = self.top
        width = max(len(one.name) for one in top)
        lines = [
            f'{one.name:{width}}  {one.probability:6.1%}  {"█" * round(_BAR * one.probability)}'
            for one in top
        ]
        return '\n'.join([self.source, *(f'  {line}'.rstrip() for line in lines)])

    def __repr__(self) -> str:
        best = self.top[0]
        return f'Recognition({self.source!r}, {best.name!r}, {best.probability:.3f})'

    def _rows(self) -> Iterable[tuple]:
        for rank, one in enumerate(self.top, 1):
            yield self.source, self.model, rank, one.label, one.name, one.probability, ''


@dataclass(frozen=True)
class Failure(_Written):
    """A video that could not be read.

    Attributes:
        source: its path, or 'frames'.
        model: name of the model.
        error: what is wrong with it, and what to do.
    """

    source: str
    model: str
    error: str

    def to_dict(self) -> dict:
        """Source, model and error."""
        return {'source': self.source, 'model': self.model, 'error': self.error}

    def __str__(self) -> str:
        return f'{self.source}\n  not recognised: {self.error}'

    def _rows(self) -> Iterable[tuple]:
        yield self.source, self.model, '', '', '', '', self.error


class Recognitions(_Written, list[Recognition]):
    """The classes of several videos, in their order.

    Attributes:
        failed: the videos that could not be read; JSON, CSV and the table have them at the end.
    """

    def __init__(
        self, recognised: Iterable[Recognition] = (), failed: Iterable[Failure] = ()
    ) -> None:
        super().__init__(recognised)
        self.failed = list(failed)

    def to_dict(self) -> list[dict]:
        """One mapping for each video; failed ones have `error` in the place of `top`."""
        return [one.to_dict() for one in (*self, *self.failed)]

    def __str__(self) -> str:
        return '\n\n'.join(str(one) for one in (*self, *self.failed))

    def _rows(self) -> Iterable[tuple]:
        for one in (*self, *self.failed):
            yield from one._rows()


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        with replacing(path) as beside:
            beside.write_text(text, encoding='utf-8', newline='')
    return text
