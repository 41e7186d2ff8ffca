"""Annotation files, row by row; every row knows its file and line, and every error names them."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPACE = ' \t\r\n'
UNEDITED = 'use the file as it was made, unedited'


@dataclass(frozen=True)
class Row:
    """One row of an annotation file: its values by column or key, and where it stands."""

    values: Mapping[str, Any]
    where: str  # 'FILE line NUMBER'

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def error(self, problem: str) -> ValueError:
        """The exception for a fault of this row, to be raised."""
        return ValueError(f'{self.where}: {problem}')

    def number(self, name: str, below: int | None = None) -> int:
        """A whole number from 0 up in ASCII digits, and under `below` if that is given.

        Raises:
            ValueError: it is none.
        """
        # Some copies of Kinetics write seconds as 10.0.
        digits = str(self[name]).strip().removesuffix('.0')
        if digits.isascii() and digits.isdecimal() and (below is None or int(digits) < below):
            return int(digits)
        allowed = 'from 0 up' if below is None else f'from 0 to {below - 1}'
        raise self.error(f'{name}={self[name]!r} is no whole number {allowed}; {UNEDITED}')

    def real(self, name: str) -> float:
        """A number; raises ValueError if it is none."""
        try:
            return float(self[name])
        except ValueError as error:
            raise self.error(f'{name}={self[name]!r} is no number') from error


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, with or without a byte-order mark.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not UTF-8.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'{path} is not there; check the folder')
    data = Path(path).read_bytes()
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b'\n') + 1
        raise ValueError(
            f'{path} line {line}: byte {data[error.start]:#04x} is not UTF-8; save it as UTF-8'
        ) from error


def read_lines(path: str | Path) -> Iterator[tuple[str, str]]:
    """Lines that are not blank, without space around them, each with its 'FILE line NUMBER'."""
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            yield line.strip(), f'{path} line {number}'


def read_csv(path: str | Path, columns: Collection[str], delimiter: str = ',') -> Iterator[Row]:
    """Rows of a table with a header; columns are found by name, in any order.

    Args:
        path: the file; quotes, CRLF and a byte-order mark are read as they should be.
        columns: those that must be there; others are given as well.
        delimiter: between fields.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a column is missing, or a row has more or fewer fields than the header.
    """
    text = io.StringIO(read_text(path), newline='')
    reader = csv.DictReader(text, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        missing = [name for name in columns if name not in header]
        if missing:
            raise ValueError(
                f'{path} line 1: no column {", ".join(missing)}; the header, split by '
                f'{delimiter!r}, has {header}; {UNEDITED}'
            )
        reader.fieldnames = header
        for values in reader:
            row = Row(values, f'{path} line {reader.line_num}')
            if None in values or None in values.values():
                raise row.error(f'the row has not the {len(header)} fields of the header {header}')
            yield row
    except csv.Error as error:
        raise ValueError(f'{path} line {reader.line_num + 1}: {error}') from error


def read_json_rows(path: str | Path, keys: Collection[str]) -> Iterator[Row]:
    """Objects of a JSON array, each with the line where it begins.

    Args:
        path: the file.
        keys: those that every object must have.

    Raises:
        ValueError: it is no array of objects, or an object lacks a key.
    """
    text = read_text(path)
    decoder = json.JSONDecoder()
    position, line, counted = _skip(text, 0, SPACE), 1, 0
    if text[position : position + 1] != '[':
        raise ValueError(f'{path} line 1: not a JSON array; {UNEDITED}')
    position = _skip(text, position + 1, SPACE)
    while text[position : position + 1] != ']':
        line, counted = line + text.count('\n', counted, position), position
        try:
            values, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise ValueError(
                f'{path} line {error.lineno}: not JSON ({error.msg}); download it anew'
            ) from error
        row = Row(values, f'{path} line {line}')
        if not isinstance(values, dict):
            raise row.error(f'{values!r} is no object with keys {list(keys)}')
        missing = [key for key in keys if key not in values]
        if missing:
            raise row.error(f'no key {", ".join(missing)}; the object has {list(values)}')
        yield row
        position = _skip(text, position, SPACE)
        if text[position : position + 1] not in (',', ']'):
            raise row.error('a comma or the end of the array should follow; download it anew')
        if text[position] == ',':
            position = _skip(text, position + 1, SPACE)


def _skip(text: str, position: int, characters: str) -> int:
    while position < len(text) and text[position] in characters:
        position += 1
    return position
