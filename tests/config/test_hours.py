from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from pydantic import ValidationError

from config.hours import Hours, NeverOpenError, Span, add_working_time, is_open

LONDON = ZoneInfo("Europe/London")
OFFICE = Hours.model_validate(
    {
        "timezone": "Europe/London",
        "weekly": {"mon-fri": ["08:00-12:00", "13:00-18:00"], "sat": ["09:00-13:00"]},
        "exceptions": {"2026-12-24": ["08:00-12:00"], "2026-12-25": []},
    }
)
NIGHT = Hours.model_validate({"timezone": "Europe/London", "weekly": {"mon-sun": ["00:00-24:00"]}})
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"])


@st.composite
def calendars(draw: DrawFn) -> Hours:
    marks = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=6)))
    marks = marks[: len(marks) // 2 * 2]
    spans = [f"{_clock(a)}-{_clock(b)}" for a, b in zip(marks[::2], marks[1::2], strict=True)]
    days = draw(st.sampled_from(["mon-sun", "mon-fri", "sun", "fri-mon"]))
    return Hours.model_validate({"timezone": draw(ZONES), "weekly": {days: spans}})


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


instants = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.timedeltas(timedelta(minutes=1), timedelta(hours=20))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2026-11-23", "07:59", False),
        ("2026-11-23", "08:00", True),
        ("2026-11-23", "12:00", False),
        ("2026-11-23", "17:59", True),
        ("2026-11-28", "12:00", True),
        ("2026-11-29", "12:00", False),
        ("2026-12-24", "14:00", False),
        ("2026-12-25", "10:00", False),
        ("2026-07-06", "08:30", True),
    ],
)
def test_the_desk_is_open_by_its_own_wall_clock(day: str, clock: str, expected: bool) -> None:
    wall = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=LONDON)
    assert is_open(OFFICE, wall.astimezone(UTC)) is expected


def test_working_time_jumps_lunch_night_and_holidays() -> None:
    start = datetime(2026, 12, 23, 17, 30, tzinfo=LONDON)
    end = add_working_time(OFFICE, start, timedelta(hours=5))
    # Half an hour on the 23rd, four hours on the 24th, half an hour on Saturday the 26th.
    assert end == datetime(2026, 12, 26, 9, 30, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("day", "elapsed_h"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_days_of_changing_clocks_have_their_true_length(day: date, elapsed_h: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    shop = Hours.model_validate(
        {
            "timezone": "Europe/London",
            "weekly": {"mon": ["00:00-00:01"]},
            "exceptions": {day.isoformat(): ["00:00-24:00"]},
        }
    )
    end = add_working_time(shop, midnight, timedelta(hours=elapsed_h))
    assert end - midnight.astimezone(UTC) == timedelta(hours=elapsed_h)
    assert not is_open(shop, end + timedelta(minutes=2))


@given(instants)
def test_a_desk_that_never_closes_is_open(at: datetime) -> None:
    assert is_open(NIGHT, at)
    assert add_working_time(NIGHT, at, timedelta(hours=30)) == at + timedelta(hours=30)


@given(calendars(), instants, spans)
def test_working_time_ends_in_open_hours_and_not_before_the_duration(
    hours: Hours, start: datetime, duration: timedelta
) -> None:
    end = add_working_time(hours, start, duration)
    assert end - start >= duration
    assert is_open(hours, end - timedelta(microseconds=1))


@given(calendars(), instants, spans, spans)
def test_working_time_adds_up(
    hours: Hours, start: datetime, first: timedelta, second: timedelta
) -> None:
    together = add_working_time(hours, start, first + second)
    assert add_working_time(hours, add_working_time(hours, start, first), second) == together


def test_no_duration_is_over_at_once() -> None:
    night = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert add_working_time(OFFICE, night, timedelta(0)) == night


def test_too_little_open_time_is_an_error_not_an_endless_search() -> None:
    minute = Hours.model_validate({"weekly": {"mon": ["00:00-00:01"]}})
    with pytest.raises(NeverOpenError):
        add_working_time(minute, datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=30))


def test_ranges_of_days_may_pass_the_weekend() -> None:
    hours = Hours.model_validate({"weekly": {"sat-mon": ["10:00-11:00"]}})
    opened = [day for day in range(7) if hours.spans_on(date(2026, 11, 23) + timedelta(days=day))]
    assert opened == [0, 5, 6]
    assert hours.spans_on(date(2026, 11, 23)) == (Span(600, 660),)


@pytest.mark.parametrize(
    "weekly",
    [
        {},
        {"mon": []},
        {"mon-fri": ["08:00-12:00"], "fri": ["13:00-14:00"]},
        {"mon": ["12:00-08:00"]},
        {"mon": ["08:00-12:00", "11:00-13:00"]},
        {"mon": ["08:00-24:01"]},
        {"mon": ["8-12"]},
        {"mon": "08:00-12:00"},
        {"mon": [480]},
        {"monday": ["08:00-12:00"]},
        {"mon-": ["08:00-12:00"]},
        {1: ["08:00-12:00"]},
    ],
)
def test_hours_that_mean_nothing_are_refused(weekly: Any) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate({"weekly": weekly})


def test_exceptions_name_dates() -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate({"weekly": {"mon": ["08:00-12:00"]}, "exceptions": {"xmas": []}})
