"""What a check says."""

from dataclasses import dataclass


class PreflightError(ValueError):
    """The run cannot start; the message says what was looked for, where, and what makes it."""


@dataclass(frozen=True)
class Finding:
    """One line of the report: `level` is 'ok', 'info', 'warning' or 'error'."""

    level: str
    text: str
