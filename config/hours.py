"""When the desk is staffed: weekly spans and exceptions on the wall clock of one time zone.

Spans are wall-clock times; every comparison is made on instants, so the days that clocks change
have 23 or 25 hours. A time the clock skips counts as an hour later, one it repeats as its first
occurrence at a span's start and its second at the end.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, model_validator

from config.section import Section, Word, ZoneName

SEARCH_MAX: Final = timedelta(days=3_700)
"""How far ahead working time is looked for: longer than any duration that can be written."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})", re.ASCII)
_MINUTES_A_DAY: Final = 24 * 60


class Span(NamedTuple):
    """Part of a day, in minutes since its midnight; the end is not in it."""

    start: int
    end: int


class NeverOpenError(ValueError):
    """The desk has too few open hours for the working time asked for."""


def _days(value: object) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return value
    first, _, last = str(value).partition("-")
    if first not in _DAYS or (last or first) not in _DAYS or str(value).endswith("-"):
        raise ValueError("is not a day or a range of days; write mon, sat or mon-fri")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return tuple(day % 7 for day in range(start, end + 1 if end >= start else end + 8))


def days_text(days: tuple[int, ...]) -> str:
    """Write weekdays as the configuration does: `mon-fri`."""
    first, last = _DAYS[days[0]], _DAYS[days[-1]]
    return first if first == last else f"{first}-{last}"


def _span(value: object) -> Span:
    if isinstance(value, Span):
        return value
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is not a span of hours; write it in quotes, like "08:00-12:00"')
    hour, minute, end_hour, end_minute = map(int, found.groups())
    span = Span(hour * 60 + minute, end_hour * 60 + end_minute)
    if minute > 59 or end_minute > 59 or span.end > _MINUTES_A_DAY:
        raise ValueError("holds a time that no clock shows; the latest end is 24:00")
    if span.end <= span.start:
        raise ValueError(
            "ends before it starts; write a night as 22:00-24:00 and 00:00-06:00 the next day"
        )
    return span


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is not a date; write it like 2026-12-24") from None


def _spans(value: object) -> tuple[Span, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError('is not a list of spans; write ["08:00-12:00", "13:00-18:00"], [] = shut')  # noqa: TRY004 - pydantic collects ValueError only
    spans = tuple(sorted(map(_span, value)))
    if any(later.start < earlier.end for earlier, later in pairwise(spans)):
        raise ValueError("holds spans that overlap")
    return spans


Spans = Annotated[tuple[Span, ...], PlainValidator(_spans)]


class Hours(Section):
    """The desk's working hours."""

    timezone: ZoneName = "UTC"
    """Of the wall clock the spans are read on; the brand's when left out."""
    weekly: Mapping[Annotated[tuple[int, ...], PlainValidator(_days)], Spans]
    """Spans by day or range of days; days not named are shut."""
    holidays: Word | None = None
    """Country whose public holidays are shut."""
    exceptions: Mapping[Annotated[date, PlainValidator(_date)], Spans] = {}
    """Spans of single dates, above the weekly ones; an empty list is a shut day."""

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        days = [day for days in self.weekly for day in days]
        if len(days) != len(set(days)):
            raise ValueError("`weekly` names a day twice")
        if not any(self.weekly.values()):
            raise ValueError("`weekly` has no open hours")
        return self

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans of that date on the wall clock, earliest first."""
        if day in self.exceptions:
            return self.exceptions[day]
        for days, spans in self.weekly.items():
            if day.weekday() in days:
                return spans
        return ()


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether somebody is at the desk at that instant (aware)."""
    first = _local_day(hours, at) - timedelta(days=1)
    return any(
        start <= at < end
        for offset in range(3)
        for start, end in _intervals(hours, first + timedelta(days=offset))
    )


def add_working_time(hours: Hours, start: datetime, duration: timedelta) -> datetime:
    """The instant (UTC) at which so much open time has passed since `start` (aware).

    Nothing to wait for is over at once, even at night.

    Raises:
        NeverOpenError: The next ten years do not hold that much open time.
    """
    cursor = start.astimezone(UTC)
    left = duration
    if left <= timedelta(0):
        return cursor
    day = _local_day(hours, start) - timedelta(days=1)
    for offset in range(SEARCH_MAX.days):
        for opens, shuts in _intervals(hours, day + timedelta(days=offset)):
            begin = max(opens, cursor)
            if shuts <= begin:
                continue
            if begin + left <= shuts:
                return begin + left
            left -= shuts - begin
            cursor = shuts
    raise NeverOpenError("the desk's hours hold too little open time")


def _local_day(hours: Hours, at: datetime) -> date:
    return at.astimezone(ZoneInfo(hours.timezone)).date()


def _intervals(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(hours.timezone)
    for span in hours.spans_on(day):
        ends = (_instant(day, span.end, zone, fold=0), _instant(day, span.end, zone, fold=1))
        yield _instant(day, span.start, zone, fold=0), max(ends)


def _instant(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    days, rest = divmod(minute, _MINUTES_A_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60, fold=fold))
    return wall.replace(tzinfo=zone).astimezone(UTC)
