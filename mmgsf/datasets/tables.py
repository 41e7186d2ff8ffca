"""Tables as text, read by their header: the providers' csv files and our own tab-separated lists."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path


def read_table(
    path: str | Path, columns: Sequence[str], delimiter: str = ','
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table with a header, each with its line number from 1; UTF-8, any line ends.

    Args:
        path: text file; a byte-order mark is skipped.
        columns: columns that must be there; others are given as well.
        delimiter: between cells.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a column is missing, a row has too few or too many cells, or the file is no
            UTF-8 text; with file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path} is not there; check the folder')
    with path.open(encoding='utf-8-sig', newline='') as file:
        try:
            yield from _rows(path, csv.reader(file, delimiter=delimiter), columns)
        except UnicodeDecodeError as error:
            raise ValueError(f'{path} is not UTF-8 ({error}); save it as UTF-8') from error
        except csv.Error as error:
            raise ValueError(f'{path} is no table: {error}') from error


def read_number(path: str | Path, line: int, row: dict[str, str], column: str) -> int:
    """A whole number from 0 up out of a row.

    Raises:
        ValueError: the cell holds something else; with file and line.
    """
    if not (row[column].isascii() and row[column].isdecimal()):
        raise ValueError(f'{path} line {line}: {column} {row[column]!r} is no number from 0 up')
    return int(row[column])


def _rows(
    path: Path, reader: Iterator[list[str]], columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    header = next(reader, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise ValueError(
            f'{path} line 1: no column {", ".join(missing)}; the header is {header}, '
            f'split by {reader.dialect.delimiter!r}'
        )
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            raise ValueError(
                f'{path} line {reader.line_num}: {len(cells)} cells, the header has {len(header)}'
            )
        yield reader.line_num, dict(zip(header, cells, strict=True))
