"""How much a message hurries: when somebody has to have looked at it.

`high` is what only helps within hours, or who says so; `low` is what nothing is to be done about,
or who says that there is no hurry. Anger, a threat or a big sum alone make nothing urgent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from brain.always import bare, folded
from brain.mood import Mood
from brain.signs import Signs, Told, tempers
from brain.when import DayMention

Urgency = Literal["low", "normal", "high"]

_SOON_DAYS: Final = 2
"""A booking or a deadline so many days ahead is close."""
_NOW = re.compile(
    r"(?<![A-Za-z])(?:NOW|ASAP|URGENT\w*|TODAY|JETZT|SOFORT|HEUTE|MAINTENANT|AHORA|YA|HOY|ADESSO|"
    r"SUBITO|OGGI|VANDAAG|AGORA|HOJE)(?![A-Za-z])"
)
"""In small letters most of these hurry nobody."""
_COUNTED_FLOOR = re.compile(
    r"^[.:]?\s*(?:stock\w*|etagen?|og|obergeschoss|floor|étage|piso|piano|verdieping|andar)\b",
    re.IGNORECASE,
)
"""Behind a number that was taken for a day: "bis in den 4. Stock"."""
_SALE = re.compile(r"black\b", re.IGNORECASE)
"""How a Friday begins that is a sale, and no day on which anything is due."""
_TALK: Final = frozenset({"praise", "thanks"})
"""After which nobody waits; behind a greeting somebody does."""
_WORD = re.compile(r"\w+")
_CALM: Final = 0.7
"""Who is less likely calm may complain in words that nobody has taught."""
_BOOKED: Final = frozenset({"booking_change", "booking_cancel"})
_UNSENT: Final = frozenset({"cancel_order", "change_order", "change_address"})
_ASKED: Final = frozenset(
    {"store_hours", "product_question", "stock_question", "shipping_info", "booking_question"}
)
"""Questions that can be asked with an hour in them, and hurry nobody: "are you open tonight"."""
_STOPPED: Final = frozenset({"cancel_order", "payment_failed", "change_address"})
_COOKED: Final = frozenset(
    {"order_status", "delivery_late", "not_received", "change_order", "cancel_order"}
)
"""Wishes about an order that, where it is hot food, is worth nothing an hour later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of a message besides its words."""

    language: str
    mood: Mood
    topics: frozenset[str]
    """Of its issues."""
    days: Sequence[DayMention]
    due: DayMention | None
    today: date
    """The customer's."""
    danger: bool
    """Somebody may get hurt, for certain."""
    hinted: bool = False
    """A risk was heard, be it faintly."""
    wants: bool = False
    """A person or silence is wanted."""
    given: bool = False
    """An order number, an address or the like stands in it."""
    calm: float = 1.0
    """How likely no bad mood is."""
    outside: bool = False
    """It wants something that is nothing of the brand's."""


class Haste:
    """Hears how much messages hurry."""

    def __init__(self, languages: Sequence[str] = ()) -> None:
        """Get ready for these languages."""
        self._signs = Signs("haste", languages)

    def hear(self, text: str, now: Situation) -> Urgency:
        """Say how much a message hurries.

        Args:
            text: The message as written.
            now: What else is known of it.
        """
        told = self._signs.told(text, now.language)
        if now.danger:
            return "high"
        said = said_haste(text)
        if said == "low" or told.has("leisure"):
            return "low"
        if _is_taken(told, now) or _cannot_wait(text, told, now):
            return "high"
        if said != "high" and _idle(text, told, now):
            return "low"
        if now.mood == "happy" or (now.outside and now.due is None):
            return "normal"
        hurries = _is_harmed(told, now) or _is_close(text, told, now)
        return "high" if hurries or said == "high" or _presses(text, told, now) else "normal"


def said_haste(text: str) -> Urgency:
    """Say what the words alone say, in any of ten languages."""
    shown, words = bare(folded(text)), tempers()
    if words["leisure"].search(shown):
        return "low"
    return "high" if words["hurry"].search(words["goods"].sub(" ", shown)) else "normal"


def _idle(text: str, told: Told, now: Situation) -> bool:
    """Tell what nobody has to do anything about: praise, thanks, talk, what is not the brand's."""
    if now.wants or now.hinted or now.mood not in {"neutral", "happy"}:
        return False
    if told.has("bids"):
        return False
    if told.has("elsewhere") or (told.has("meme") and "?" not in text and not now.given):
        return True
    if now.outside:
        return now.due is None and now.calm >= _CALM and not told.names("amiss")
    if now.given or told.names("hurry"):
        return False
    if now.mood == "happy" and "?" not in text and not told.has("asks"):
        return now.topics <= _TALK | _ASKED
    return now.topics <= _TALK and (
        bool(now.topics) or told.has("banter") or not _WORD.search(text)
    )


def _presses(text: str, told: Told, now: Situation) -> bool:
    """Tell who says that it hurries, or names the hour."""
    asks_only = not _acts(now)
    if told.has("there") or told.names("hurry") or (_NOW.search(text) and not asks_only):
        return True
    if asks_only:
        return False
    if told.has("hours") or (told.has("fresh") and bool(now.topics & _UNSENT)):
        return True
    takes_place = _takes_place(told, now)
    if told.has("clock") and _is_today(now) and takes_place:
        return True
    # "The order of this morning" is behind them, a table this morning is not.
    if told.has("morning") and (told.has("slot") or bool(now.topics & _BOOKED)):
        return True
    return told.has("today") and (takes_place or bool(now.topics & _UNSENT))


def _is_today(now: Situation) -> bool:
    return all(each.day == now.today for each in now.days)


def _is_close(text: str, told: Told, now: Situation) -> bool:
    """Tell a deadline, a booking or an event within two days."""
    close = [
        each
        for each in now.days
        if 0 <= (each.day - now.today).days <= _SOON_DAYS
        and not _COUNTED_FLOOR.match(text[each.end :])
        and not _SALE.match(text[each.start :])
    ]
    due = now.due
    if due in close and not (told.names("so_far") and due.day == now.today):
        return True
    return bool(close) and _takes_place(told, now) and not told.has("later") and _acts(now)


def _takes_place(told: Told, now: Situation) -> bool:
    return told.has("event") or told.has("slot") or bool(now.topics & _BOOKED)


def _acts(now: Situation) -> bool:
    return not (bool(now.topics) and now.topics <= _ASKED)


def _is_taken(told: Told, now: Situation) -> bool:
    """Tell an account or money that is being taken, and an order that can still be stopped."""
    if told.has("taken") and _acts(now):
        return True
    return told.has("slip") and bool(now.topics & _STOPPED)


def _cannot_wait(text: str, told: Told, now: Situation) -> bool:
    """Tell by plain words, whatever they were taken for: a near accident, food, an appointment."""
    if now.mood == "happy":
        return False
    if told.has("peril") or (told.has("minutes") and _is_on_its_way(told, now)):
        return True
    if told.has("slot") and told.has("undone") and _is_close(text, told, now):
        return True
    if not told.names("food") or told.has("ware") or told.has("came"):
        return False
    if not now.topics:
        return told.has("awaited") and (now.given or "?" in text)
    return bool(now.topics & _COOKED) or (told.has("awaited") and _acts(now))


def _is_on_its_way(told: Told, now: Situation) -> bool:
    return bool(now.topics & {"order_status", "delivery_late"}) and not told.has("came")


def _is_harmed(told: Told, now: Situation) -> bool:
    """Tell danger, and an aid that is missing."""
    if told.has("harm") and (now.hinted or now.mood in {"angry", "upset"}):
        return True
    return told.names("aid") and bool(now.topics) and _acts(now)
