"""Deadlines: by when something is needed, read on Wednesday, 18 November 2026."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brain.feasts import month_first
from brain.when import days, deadline

WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
ALL = ("en", "de", "fr", "es", "it", "nl", "pt")
TONGUES = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("days_and_sums.yaml").read_text(encoding="utf-8")
)


def _due(text: str, now: datetime = WEDNESDAY, zone: ZoneInfo = LONDON) -> date | None:
    found = days(text, now=now, timezone=zone, languages=ALL)
    due = deadline(found, now.astimezone(zone).date())
    return None if due is None else due.day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I need it by Sunday", date(2026, 11, 22)),
        ("before Friday please", date(2026, 11, 20)),
        ("by fri!!", date(2026, 11, 20)),
        ("by next friday", date(2026, 11, 20)),
        ("by tomorrow", date(2026, 11, 19)),
        ("by the end of the week", date(2026, 11, 22)),
        ("by the end of the month", date(2026, 11, 30)),
        ("i need it this weekend", date(2026, 11, 22)),
        ("before the weekend", date(2026, 11, 21)),
        ("before Christmas", date(2026, 12, 25)),
        ("by the 24th", date(2026, 11, 24)),
        ("by the 5th", date(2026, 12, 5)),
        ("by 24 December", date(2026, 12, 24)),
        ("by Dec 24th", date(2026, 12, 24)),
        ("no later than 2026-12-01", date(2026, 12, 1)),
        ("by 24/12", date(2026, 12, 24)),
        ("by 12/24/2026", date(2026, 12, 24)),
        ("in 3 days", date(2026, 11, 21)),
        ("within two weeks", date(2026, 12, 2)),
        ("it's for my wedding on saturday", date(2026, 11, 21)),
        ("i want a replacement sunday at the latest", date(2026, 11, 22)),
        ("by wednesday", date(2026, 11, 25)),
        ("by 3pm", date(2026, 11, 18)),
        ("bis Sonntag", date(2026, 11, 22)),
        ("bis zum 24.", date(2026, 11, 24)),
        ("spätestens bis zum 24.12.", date(2026, 12, 24)),
        ("brauche ich bis übermorgen", date(2026, 11, 20)),
        ("vor Weihnachten", date(2026, 12, 25)),
        ("avant dimanche", date(2026, 11, 22)),
        ("d'ici vendredi", date(2026, 11, 20)),
        ("avant la fin de la semaine", date(2026, 11, 22)),
        ("para el domingo", date(2026, 11, 22)),
        ("antes del viernes", date(2026, 11, 20)),
        ("entro domenica", date(2026, 11, 22)),
        ("within 48 hours or I cancel", date(2026, 11, 20)),
        ("within the next 24h please", date(2026, 11, 19)),
        ("innerhalb von 72 Stunden", date(2026, 11, 21)),
        ("sous 48 heures svp", date(2026, 11, 20)),
        ("en 24 horas", date(2026, 11, 19)),
        ("entro 48 ore", date(2026, 11, 20)),
        ("binnen 24 uur", date(2026, 11, 19)),
        ("must be here by sat", date(2026, 11, 21)),
        ("before sun pls", date(2026, 11, 22)),
        ("by eod", date(2026, 11, 18)),
        ("before the end of the day", date(2026, 11, 18)),
        ("need it by tommorow", date(2026, 11, 19)),
        ("in eight days", date(2026, 11, 26)),
        ("ich fahre am Samstag in Urlaub", date(2026, 11, 21)),
        ("je pars en voyage samedi", date(2026, 11, 21)),
        ("me voy de viaje el viernes", date(2026, 11, 20)),
        ("lo necesito para pasado manana", date(2026, 11, 20)),
        ("mi serve per il compleanno di sabato", date(2026, 11, 21)),
        ("mi serve fra tre giorni", date(2026, 11, 21)),
        ("entro dopodomani", date(2026, 11, 20)),
        ("uiterlijk overmorgen", date(2026, 11, 20)),
        ("ik heb het nodig over twee dagen", date(2026, 11, 20)),
        ("ik moet het vrijdag hebben", date(2026, 11, 20)),
        ("preciso até sexta", date(2026, 11, 20)),
        ("até depois de amanhã", date(2026, 11, 20)),
        ("preciso em três dias", date(2026, 11, 21)),
        ("by Sunday week", date(2026, 11, 29)),
        ("a week on friday at the latest", date(2026, 11, 27)),
        ("by friday next week", date(2026, 11, 27)),
        ("by next week", date(2026, 11, 23)),
        ("by the end of next month", date(2026, 12, 31)),
        ("by the end of next year", date(2027, 12, 31)),
        ("by the end of november", date(2026, 11, 30)),
        ("before the end of january", date(2027, 1, 31)),
        ("by end of feb", date(2027, 2, 28)),
        ("by mid december", date(2026, 12, 15)),
        ("by early december", date(2026, 12, 1)),
        ("i need it before december", date(2026, 12, 1)),
        ("in a fortnight", date(2026, 12, 2)),
        ("within the next fortnight", date(2026, 12, 2)),
        ("within 3 working days", date(2026, 11, 23)),
        ("in five business days", date(2026, 11, 25)),
        ("by black friday", date(2026, 11, 27)),
        ("before thanksgiving", date(2026, 11, 26)),
        ("it has to be here for easter", date(2027, 3, 28)),
        ("by new years eve", date(2026, 12, 31)),
        ("for valentines", date(2027, 2, 14)),
        ("by 5pm tomorrow", date(2026, 11, 19)),
        ("by noon on friday", date(2026, 11, 20)),
        ("by 10:30 on friday", date(2026, 11, 20)),
        ("friday at the latest", date(2026, 11, 20)),
        ("I bought it as a gift, we leave on friday", date(2026, 11, 20)),
        ("before my wedding on 3/4", date(2027, 4, 3)),
        ("before our trip on 20 december", date(2026, 12, 20)),
        ("can't I get it before friday?", date(2026, 11, 20)),
    ],
)
def test_deadlines(text: str, day: date) -> None:
    assert _due(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "it was supposed to be here by friday",
        "you promised it by monday",
        "I ordered on 3 November",
        "I ordered last Monday",
        "two days ago",
        "vor zwei Tagen bestellt",
        "I may need a new one",
        "are you open on sunday",
        "I want to know if you are open on sunday",
        "by 30 February",
        "for 50 GBP",
        "guten Morgen",
        "je veux mon argent",
        "step by step",
        "sun damage on the jacket",
        "I waited 48 hours",
        "waiting over 3 weeks, I need an answer",
        "in the two weeks since I ordered",
        "vendredi dernier",
        "el viernes pasado, lo necesitaba",
        "mi serviva, ordinato venerdì scorso",
        "na sexta passada preciso de resposta",
        "segunda vez que escrevo",
        "doveva arrivare venerdì",
        "zou vrijdag komen",
        "aprite domenica?",
        "not before sunday please",
        "please don't deliver before sunday",
        "don't bring it until friday",
        "i'm away until sunday",
        "we're on holiday until the 30th, deliver after that",
        "please deliver after the 30th",
        "packed by June and her team",
        "it came on friday",
    ],
)
def test_no_deadline(text: str) -> None:
    assert _due(text) is None


def test_before_is_stricter_than_by() -> None:
    for text, strict in (
        ("before Sunday", True),
        ("by Sunday", False),
        ("before my wedding on 3/4", True),
        ("for my wedding on 3/4", False),
        ("before our long trip on 20 december", True),
    ):
        found = days(text, now=WEDNESDAY, timezone=LONDON)
        assert [each.strict for each in found] == [strict]


def test_the_customers_timezone_decides() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert _due("by tomorrow", late) == date(2026, 11, 19)
    assert _due("by tomorrow", late, ZoneInfo("Asia/Tokyo")) == date(2026, 11, 20)


def test_past_days_are_days_too() -> None:
    found = days("ordered on 3 November, need it by Sunday", now=WEDNESDAY, timezone=LONDON)
    assert [each.day for each in found] == [date(2026, 11, 3), date(2026, 11, 22)]
    assert [each.deadline for each in found] == [False, True]


@pytest.mark.parametrize(
    "text", ["vendredi dernier", "el lunes pasado", "venerdì scorso", "na sexta passada"]
)
def test_last_may_stand_behind_the_day(text: str) -> None:
    (found,) = days(text, now=WEDNESDAY, timezone=LONDON)
    assert found.day < WEDNESDAY.date()


@given(st.text(alphabet="by 0123456789/.-thsundaymorgen", max_size=60))
def test_no_text_breaks_the_calendar(text: str) -> None:
    for each in days(text, now=WEDNESDAY, timezone=LONDON):
        assert 0 <= each.start < each.end <= len(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("i ordered it on sunday", date(2026, 11, 15)),
        ("it arrived on monday and is broken", date(2026, 11, 16)),
        ("it was supposed to come by monday", date(2026, 11, 16)),
        ("it should have been here by tuesday", date(2026, 11, 17)),
        ("ma commande devait arriver mardi", date(2026, 11, 17)),
        ("das Paket hätte am Montag kommen sollen", date(2026, 11, 16)),
        ("el pedido tenía que llegar el lunes", date(2026, 11, 16)),
        ("il pacco doveva arrivare lunedì", date(2026, 11, 16)),
        ("o pedido devia ter chegado na segunda-feira", date(2026, 11, 16)),
        ("i ordered it and it arrives on friday", date(2026, 11, 20)),
        ("i bought boots and will pick them up on friday", date(2026, 11, 20)),
        ("it's supposed to come on friday", date(2026, 11, 20)),
        ("i got an email, you deliver next friday", date(2026, 11, 20)),
    ],
)
def test_what_has_happened_was_on_a_day_that_is_over(text: str, day: date) -> None:
    found = days(text, now=WEDNESDAY, timezone=LONDON)
    assert [each.day for each in found] == [day]
    assert not any(each.deadline for each in found)


@pytest.mark.parametrize(
    "text",
    [
        "3/4 length trousers",
        "size 10/12 please",
        "1/2 of the order is missing",
        "a 1/4 zip jumper",
        "10/10 service",
        "i'd give it 9/10",
        "this is the 4th time i ask",
    ],
)
def test_a_part_or_a_size_is_no_day(text: str) -> None:
    assert days(text, now=WEDNESDAY, timezone=LONDON) == []


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("before my wedding on 3/4", date(2027, 4, 3), date(2027, 3, 4)),
        ("by 1/2/2027", date(2027, 2, 1), date(2027, 1, 2)),
        ("by 24/12", date(2026, 12, 24), date(2026, 12, 24)),
        ("by 12/24", date(2026, 12, 24), date(2026, 12, 24)),
        ("by 3.4.", date(2027, 4, 3), date(2027, 4, 3)),
        ("by 2027-03-04", date(2027, 3, 4), date(2027, 3, 4)),
    ],
)
def test_where_the_month_comes_first(text: str, first: date, second: date) -> None:
    found = [
        days(text, now=WEDNESDAY, timezone=LONDON, month_first=american)
        for american in (False, True)
    ]
    assert [[each.day for each in one] for one in found] == [[first], [second]]


def test_the_country_tells_where_the_month_comes_first() -> None:
    zones = {"America/New_York": True, "America/Toronto": False, "Europe/London": False}
    assert {zone: month_first(ZoneInfo(zone)) for zone in zones} == zones
    assert not month_first(UTC)


@pytest.mark.parametrize(
    ("now", "zone", "text", "day"),
    [
        # The clock goes back and forward in these nights.
        ("2026-10-24T23:30:00Z", "Europe/London", "by tomorrow", date(2026, 10, 26)),
        ("2026-10-24T22:30:00Z", "Europe/London", "by sunday", date(2026, 10, 25)),
        ("2027-03-28T00:30:00Z", "Europe/London", "in 24 hours", date(2027, 3, 29)),
        ("2027-03-14T06:59:00Z", "America/New_York", "by tomorrow", date(2027, 3, 15)),
        ("2026-12-31T23:30:00Z", "Europe/London", "by tomorrow", date(2027, 1, 1)),
        ("2026-12-31T23:30:00Z", "Europe/Berlin", "by tomorrow", date(2027, 1, 2)),
        ("2026-12-31T12:00:00Z", "Europe/London", "by the end of the year", date(2026, 12, 31)),
        ("2026-12-30T12:00:00Z", "Europe/London", "by 2/1", date(2027, 1, 2)),
        ("2026-12-30T12:00:00Z", "Europe/London", "by sunday", date(2027, 1, 3)),
        ("2026-12-30T12:00:00Z", "Europe/London", "by the end of next month", date(2027, 1, 31)),
        ("2026-12-30T12:00:00Z", "Europe/London", "in two weeks", date(2027, 1, 13)),
        ("2027-01-31T12:00:00Z", "Europe/London", "by the end of next month", date(2027, 2, 28)),
        ("2026-12-26T12:00:00Z", "Europe/London", "by christmas", date(2027, 12, 25)),
        ("2027-03-29T12:00:00Z", "Europe/London", "by easter", date(2028, 4, 16)),
        ("2026-11-22T10:00:00Z", "Europe/London", "i need it this weekend", date(2026, 11, 22)),
        ("2026-11-22T10:00:00Z", "Europe/London", "by the weekend", date(2026, 11, 28)),
        ("2026-11-20T18:00:00Z", "Europe/London", "in 1 working day", date(2026, 11, 23)),
    ],
)
def test_nights_of_the_clock_and_the_year(now: str, zone: str, text: str, day: date) -> None:
    assert _due(text, datetime.fromisoformat(now), ZoneInfo(zone)) == day


@pytest.mark.parametrize(("text", "days_meant"), [(row[0], row[1:]) for row in TONGUES["due"]])
def test_deadlines_in_ten_languages(text: str, days_meant: list[date]) -> None:
    assert _due(text) in days_meant


@pytest.mark.parametrize(("text", "days_meant"), [(row[0], row[1:]) for row in TONGUES["named"]])
def test_days_in_words_and_spans_of_days(text: str, days_meant: list[date]) -> None:
    assert [each.day for each in days(text, now=WEDNESDAY, timezone=LONDON)] == days_meant
    assert _due(text) is None


@pytest.mark.parametrize("text", [row[0] for row in TONGUES["no_day"]])
def test_what_only_looks_like_a_span_of_days(text: str) -> None:
    assert days(text, now=WEDNESDAY, timezone=LONDON) == []


@pytest.mark.parametrize("text", TONGUES["none"])
def test_days_that_are_no_deadline_in_ten_languages(text: str) -> None:
    assert _due(text) is None


@pytest.mark.parametrize(
    "text", ["la marca 10 non va", "Mart 5 items missing", "I ordered from Maja 3 times"]
)
def test_names_that_are_months_elsewhere(text: str) -> None:
    assert days(text, now=WEDNESDAY, timezone=LONDON) == []


NAMED = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("named_days.yaml").read_text(encoding="utf-8")
)


def _written(day: int | str) -> date:
    """Read 17 as of this November, and 12-03 with its month."""
    if isinstance(day, int):
        return date(2026, 11, day)
    month, of_month = map(int, day.split("-"))
    return date(2026, month, of_month)


@pytest.mark.parametrize("row", [row for rows in NAMED.values() for row in rows], ids=str)
def test_days_that_are_named_in_seven_languages(row: list[Any]) -> None:
    text, meant, due = (*row, [], None)[:3] if len(row) == 1 else (*row, None)[:3]
    found = days(text, now=WEDNESDAY, timezone=LONDON, languages=ALL)
    named = [each.day for each in found if each.named or each.deadline]
    today = WEDNESDAY.date()
    assert sorted({day for day in named if day != today}) == [_written(day) for day in meant]
    wanted = deadline(found, today)
    assert (wanted and wanted.day) == (None if due is None else _written(due))
