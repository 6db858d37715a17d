"""Measures all that `socialcare understand` prints at once, on a set of messages labelled with it.

The sets are `whole.yaml`, `fresh.yaml` and `crowd.yaml` in `bench/issues`. The messages go the
command's way: `learn` of a brand's settings, then `told` line by line. What was labelled and what
was told are brought to the same form, a set of words for each label; so one rule compares them all.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from config.load import load
from socialcare.learning import learn
from socialcare.understanding import told

SETS = ("whole", "fresh", "crowd")
"""The sets of messages that are labelled with all of it, each by another author; each a file."""
_FOLDER = Path(__file__).parent / "issues"
TALK = frozenset({"greeting", "thanks", "confirmation_yes", "confirmation_no"})
NOTHING = TALK | {"spam", "out_of_scope"}
"""Topics that count only where a message was labelled with them."""
MOODS = ("angry", "upset", "neutral", "happy")
_LISTS = ("order_ids", "amounts", "dates", "deadline")
_LABELS = ("topics", "mood", "urgency", "wants_human", *_LISTS, "emails", "phones", "language")
_BRAND = (
    "brand: {name: Bench, currency: GBP, timezone: Europe/London,"
    " languages: [en, de, fr, es, it, nl, pt],"
    ' order_ids: ["#?[A-Z]-?\\\\d{5,6}", "\\\\d{4}-\\\\d{4}"]}\n'
)
_PHONE_DIGITS = 9
"""How many of the last digits of a telephone number are compared: its country may be left out."""

_HOUR = "T"
"""What stands before the hour of an instant; a day has none."""

_M = TypeVar("_M")

Facts = Mapping[str, frozenset[str]]
"""What is known of a message: label → words; nothing known, no words."""


class Row(BaseModel):
    """One labelled message; what the labels mean stands at the head of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    lang: str
    topics: frozenset[str]
    at: datetime = datetime(2026, 11, 27, 10, tzinfo=UTC)
    timezone: str = "Europe/London"
    mood: Literal["angry", "upset", "neutral", "happy"] = "neutral"
    urgency: Literal["low", "normal", "high"] = "normal"
    wants_human: bool = False
    order_ids: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    deadline: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """What a person found."""
        return {
            "topics": self.topics,
            "mood": frozenset({self.mood}),
            "urgency": frozenset({self.urgency}),
            "wants_human": frozenset({"yes"} if self.wants_human else ()),
            "order_ids": _each(_order_id, self.order_ids),
            "amounts": _each(_amount, self.amounts),
            "dates": frozenset(self.dates) - {self.today},
            "deadline": frozenset({self.deadline} if self.deadline else ()),
            "emails": _each(str.lower, self.emails),
            "phones": _each(_phone, self.phones),
            "language": frozenset({self.lang}),
        }

    @property
    def today(self) -> str:
        """The day on which it was written, there."""
        return self.at.astimezone(ZoneInfo(self.timezone)).date().isoformat()

    def heard(self, answer: Mapping[str, Any]) -> Facts:
        """What the product found, in the same form."""
        found = answer["entities"]
        topics = frozenset(str(issue["topic"]) for issue in answer["issues"]) | _outside(answer)
        return {
            "topics": topics - (NOTHING - self.topics),
            "mood": frozenset({str(answer["mood"])}),
            "urgency": frozenset({str(answer["urgency"])}),
            "wants_human": frozenset({"yes"} if answer["wants_human"] else ()),
            "order_ids": _each(_order_id, found["order_ids"]),
            "amounts": frozenset(
                _amount(f"{one['amount']} {one['currency']}") for one in found["amounts"]
            ),
            "dates": frozenset(found["dates"]) - {self.today},
            "deadline": frozenset({self._due(found["deadline"])} if found["deadline"] else ()),
            "emails": _each(str.lower, found["emails"]),
            "phones": _each(_phone, found["phones"]),
            "language": frozenset({str(answer["language"])}),
        }

    def _due(self, told: str) -> str:
        """Put it as it was labelled where it is the same: a day and an hour of it are."""
        due = self._local(told)
        meant = self._local(self.deadline) if self.deadline else None
        if meant is None or due.date() != meant.date():
            return due.date().isoformat()
        to_the_hour = _HOUR in told and _HOUR in (self.deadline or "")
        return told if to_the_hour and due != meant else str(self.deadline)

    def _local(self, written: str) -> datetime:
        """Read a day or an instant, there."""
        zone = ZoneInfo(self.timezone)
        read = datetime.fromisoformat(written)
        return read.astimezone(zone) if read.tzinfo else read.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, with what was labelled and what was told."""

    row: Row
    meant: Facts
    said: Facts

    def right(self, label: str) -> bool:
        """Whether nothing is missing and nothing too much."""
        return self.meant[label] == self.said[label]


def rows(of: str) -> list[Row]:
    """Read the messages of a set; a label that nobody knows is a mistake."""
    text = (_FOLDER / f"{of}.yaml").read_text(encoding="utf-8")
    found = YAML(typ="safe", pure=True).load(text)
    return [Row.model_validate(each) for each in found]


@cache
def listen(of: str, encoder: str) -> list[Heard]:
    """Have every message of a set understood as the command does it."""
    settings = load(_BRAND + f"model: {{encoder: {encoder}}}", env={})
    mind = learn(settings, ())
    heard = []
    for row in rows(of):
        line = row.model_dump_json(include={"text", "at", "timezone"}).encode()
        answer = told(line, mind=mind, now=row.at, timezone=ZoneInfo(row.timezone))
        said = row.heard(json.loads(json.dumps(answer)))
        heard.append(Heard(row=row, meant=row.facts, said=said))
    return heard


def read(messages: Sequence[_M]) -> Sequence[_M]:
    """Give the half whose mistakes may be read to improve the product."""
    return messages[::2]


def unread(messages: Sequence[_M]) -> Sequence[_M]:
    """Give the other half: only its figures are looked at."""
    return messages[1::2]


def figures(heard: Sequence[Heard]) -> Iterator[tuple[str, float, float]]:
    """Give the rows of the table: what, value, goal."""
    several = [one for one in heard if len(one.row.topics) > 1]
    nothing = [one for one in heard if not one.row.topics]
    for of, messages in (("topics", heard), ("topics of these with several", several)):
        recall, precision = _recall_precision(messages, "topics")
        yield f"{of}: recall", recall, 0.90
        yield f"{of}: precision", precision, 0.90
        yield f"{of}: all and no other", _share(messages, "topics"), 0.75
    yield "messages with no topic left alone", _share(nothing, "topics"), 0.90
    yield "mood: accuracy", _share(heard, "mood"), 0.90
    yield "mood: macro-F1", _macro_f1(heard), 0.80
    yield "urgency: accuracy", _share(heard, "urgency"), 0.90
    urgent = [one for one in heard if one.row.urgency == "high"]
    yield "urgency: recall of high", _share(urgent, "urgency"), 0.90
    called_urgent = [one for one in heard if "high" in one.said["urgency"]]
    yield "urgency: precision of high", _share(called_urgent, "urgency"), 0.80
    recall, precision = _recall_precision(heard, "wants_human")
    yield "wants_human: recall", recall, 0.95
    yield "wants_human: precision", precision, 0.95
    for label in _LISTS:
        recall, precision = _recall_precision(heard, label)
        yield f"{label}: messages right", _share(heard, label), 0.98
        yield f"{label}: recall", recall, 0.95
        yield f"{label}: precision", precision, 0.95
    for label in ("emails", "phones", "language"):
        yield f"{label}: messages right", _share(heard, label), 0.98


def mistakes(heard: Sequence[Heard]) -> Iterator[str]:
    """Give what was misheard, label by label: what was meant, what was said, the message."""
    for label in _LABELS:
        wrong = [one for one in heard if not one.right(label)]
        yield ""
        yield f"== {label}: {len(wrong)} of {len(heard)} messages are wrong"
        yield from _each_word(heard, label)
        for one in sorted(wrong, key=lambda one: _difference(one, label)):
            yield f"  {_words(one.meant[label])} -> {_words(one.said[label])} | {one.row.text}"


def _each_word(heard: Sequence[Heard], label: str) -> Iterator[str]:
    """Give for each word of a label that is one of few, how often it was missed and made up."""
    if label not in {"topics", "mood", "urgency", "language"}:
        return
    meant, missed, false = Counter[str](), Counter[str](), Counter[str]()
    for one in heard:
        meant.update(one.meant[label])
        missed.update(one.meant[label] - one.said[label])
        false.update(one.said[label] - one.meant[label])
    for word in sorted(missed | false, key=lambda word: -missed[word] - false[word]):
        yield f"  # {word}: {missed[word]} of {meant[word]} missed, {false[word]} too many"


def _difference(one: Heard, label: str) -> tuple[list[str], list[str]]:
    meant, said = one.meant[label], one.said[label]
    return sorted(meant - said), sorted(said - meant)


def _words(words: frozenset[str]) -> str:
    return " + ".join(sorted(words)) or "nothing"


def _share(heard: Sequence[Heard], label: str) -> float:
    return sum(one.right(label) for one in heard) / max(1, len(heard))


def _recall_precision(heard: Sequence[Heard], label: str) -> tuple[float, float]:
    right = sum(len(one.meant[label] & one.said[label]) for one in heard)
    meant = sum(len(one.meant[label]) for one in heard)
    said = sum(len(one.said[label]) for one in heard)
    return right / max(1, meant), right / max(1, said)


def _macro_f1(heard: Sequence[Heard]) -> float:
    scores = []
    for mood in MOODS:
        right = sum(mood in one.meant["mood"] & one.said["mood"] for one in heard)
        either = sum((mood in one.meant["mood"]) + (mood in one.said["mood"]) for one in heard)
        scores.append(2 * right / max(1, either))
    return sum(scores) / len(scores)


def _outside(answer: Mapping[str, Any]) -> frozenset[str]:
    """What a message is taken for where it is none of the brand's business: a flag, no issue."""
    if not answer["out_of_scope"]:
        return frozenset()
    likeliest = answer["topics"][0]["id"] if answer["topics"] else ""
    return frozenset({"spam" if likeliest == "spam" else "out_of_scope"})


def _each(form: Callable[[str], str], words: Iterable[str]) -> frozenset[str]:
    return frozenset(form(word) for word in words)


def _order_id(written: str) -> str:
    return written.removeprefix("#").upper()


def _amount(written: str) -> str:
    number, currency = written.split()
    return f"{Decimal(number):.2f} {currency}"


def _phone(written: str) -> str:
    return "".join(filter(str.isdigit, written))[-_PHONE_DIGITS:]
