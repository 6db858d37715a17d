"""Deadlines: by when something is needed, read on Wednesday, 18 November 2026."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.when import days, deadline

WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def _due(text: str, now: datetime = WEDNESDAY, zone: ZoneInfo = LONDON) -> date | None:
    found = days(text, now=now, timezone=zone, languages=("en", "de", "fr", "es", "it", "nl", "pt"))
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
    ],
)
def test_no_deadline(text: str) -> None:
    assert _due(text) is None


def test_before_is_stricter_than_by() -> None:
    for text, strict in (("before Sunday", True), ("by Sunday", False)):
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
