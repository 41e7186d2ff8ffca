"""`mmgsf models`: what the zoo index has."""

import argparse
import json
import sys

HEADER = ('model', 'data', 'frames', 'parameters', 'GMAC', 'weights')


def add_parser(subparsers: 'argparse._SubParsersAction') -> argparse.ArgumentParser:
    """Adds the sub-command."""
    parser = subparsers.add_parser(
        'models', help='list the models', description='Lists the models of the zoo index.'
    )
    parser.add_argument('pattern', nargs='?', default='*', help="glob, for example '*_ssv2'")
    parser.add_argument(
        '--pretrained', action='store_true', help='only those with published weights'
    )
    parser.add_argument('--json', action='store_true', help='print JSON')
    return parser


def main(args: argparse.Namespace) -> int:
    """Prints the models that fit; 1 if none does."""
    from mmgsf.apis.hub import list_models
    from mmgsf.apis.index import read_index

    entries = read_index()
    names = list_models(args.pattern, True if args.pretrained else None)
    if args.json:
        listed = [describe(entries[name]) for name in names]
        sys.stdout.write(f'{json.dumps(listed, indent=2)}\n')
    elif names:
        sys.stdout.write(table([row(entries[name]) for name in names]))
    if not names:
        weights = ' with published weights' if args.pretrained else ''
        sys.stderr.write(f'error: no model{weights} fits {args.pattern!r}\n')
    return 0 if names else 1


def describe(entry) -> dict:
    """An entry as plain values; `results` are measured here, no other figure is."""
    return {
        'name': entry.name,
        'config': entry.config,
        'layer': entry.collection,
        'architecture': entry.architecture,
        'data': entry.dataset,
        'frames': entry.num_segments,
        'resolution': entry.resolution,
        'parameters': entry.parameters,
        'macs': entry.macs,
        'weights': entry.weights,
        'sha256': entry.sha256,
        'results': list(entry.results),
        'published_by_others': list(entry.published),
        'recipe': entry.recipe,
    }


def row(entry) -> tuple[str, ...]:
    """An entry for the table; GMAC of one view."""
    weights = 'none published'
    if entry.weights is not None:
        weights = 'in the package' if entry.weights.startswith('package://') else 'published'
    return (
        entry.name,
        entry.dataset,
        str(entry.num_segments),
        f'{entry.parameters / 1e6:.2f} M',
        f'{entry.macs / 1e9:.{1 if entry.macs > 1e9 else 2}f}',
        weights,
    )


def table(rows: list[tuple[str, ...]]) -> str:
    """Aligned columns, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, strict=True)]
    lines = []
    for cells in (HEADER, *rows):
        aligned = [
            cell.rjust(width) if name in ('frames', 'parameters', 'GMAC') else cell.ljust(width)
            for name, cell, width in zip(HEADER, cells, widths, strict=True)
        ]
        lines.append('  '.join(aligned).rstrip())
    return '\n'.join(lines) + '\n'
