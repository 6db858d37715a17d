"""Spans of time as the configuration writes them: `5s`, `15m`, `24h`, `7d`."""

import re
from datetime import timedelta
from typing import Final

DURATION_MAX: Final = timedelta(days=3650)
"""Ten years: no record is kept longer by this service."""

_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TEXT: Final = re.compile(r"(\d{1,9})([smhd])", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Read `5s`, `15m`, `24h` or `7d`; `ValueError` for anything else, without repeating it."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError("is not a duration; write a whole number and a unit: 5s, 15m, 24h or 7d")
    span = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if span > DURATION_MAX:
        raise ValueError("is longer than ten years")
    return span


def duration_text(span: timedelta) -> str:
    """Write a span in the largest unit that divides it: 900 seconds are `15m`."""
    seconds = int(span.total_seconds())
    for unit, size in _SECONDS.items():
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
