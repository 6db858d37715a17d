"""Questions that the bot could not answer, and what colleagues said then, out of a store's log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from config.topics import ASKS_NOTHING
from conversation.events import (
    WITHOUT_ANSWER,
    AnsweredElsewhere,
    ColleagueReplied,
    Decided,
    HandedOff,
    IssueSeen,
    MessageReceived,
    Released,
    Resolved,
)
from conversation.rows import Row, entry_of
from conversation.writes import Session

CONVERSATIONS_MAX: Final = 2_000
"""The latest that were handed off; what nobody has asked since is no gap that hurts."""
WORDS_MIN: Final = 3
"""Words of a question that came to nothing; "ok" and "hm" are none."""
REPLIES_MAX: Final = 5
"""Replies that make an answer: the first is often no more than a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """What a customer asked in a turn that had no answer."""

    turn: str
    at: datetime
    text: str
    language: str
    issues: tuple[IssueSeen, ...] = ()
    """What was understood of it."""
    replies: tuple[str, ...] = ()
    """What colleagues said after it, until they gave it back or closed it."""

    @property
    def answer(self) -> str:
        """All that colleagues said; empty where none did."""
        return "\n\n".join(self.replies)


async def unanswered(session: Session) -> tuple[Unanswered, ...]:
    """Gather them, the oldest first; what a person had erased is not among them.

    What the bot took for none of the brand's business is one of them where the customer then asked
    for a person, and a colleague answered.
    """
    found: list[Unanswered] = []
    for row in await session.all("handed_off", CONVERSATIONS_MAX):
        found += _of(await session.all("log_of", row["conversation"]))
    return tuple(sorted(found, key=lambda each: (each.at, each.turn)))


def _of(log: Sequence[Row]) -> list[Unanswered]:
    found: dict[str, Unanswered] = {}
    said: dict[str, list[str]] = {}
    decided: dict[str, Decided] = {}
    waits: Unanswered | None = None
    for row in log:
        turn, (at, event) = row["turn"] or "", entry_of(row)
        match event:
            case MessageReceived(text=text) if text.strip():
                said.setdefault(turn, []).append(text)
            case Decided():
                decided[turn] = event
            case HandedOff(reason="human_request"):
                asked = _turned_away(turn, said, decided)
                waits = None if asked is None else _question(asked, at, said, decided)
            case HandedOff(reason=reason):
                waits = _question(turn, at, said, decided)
                if reason in WITHOUT_ANSWER and waits.text:
                    found[turn] = waits
                else:
                    waits = None
            case ColleagueReplied(text=text) | AnsweredElsewhere(text=text) if waits and text:
                waits = replace(waits, replies=(*waits.replies, text)[:REPLIES_MAX])
                found[waits.turn] = waits
            case Released() | Resolved():
                waits = None
            case _:
                pass
    return list(found.values())


def _question(
    turn: str, at: datetime, said: Mapping[str, Sequence[str]], decided: Mapping[str, Decided]
) -> Unanswered:
    known = decided.get(turn)
    return Unanswered(
        turn=turn,
        at=at,
        text="\n".join(said.get(turn, ())),
        language=known.language if known else "",
        issues=known.issues if known else (),
    )


def _turned_away(
    turn: str, said: Mapping[str, Sequence[str]], decided: Mapping[str, Decided]
) -> str | None:
    """Name the turn whose question came to nothing and was the last one before a turn."""
    for name, event in reversed(tuple(decided.items())):
        topics = {issue.topic for issue in event.issues}
        words = " ".join(said.get(name, ())).split()
        if name == turn or (topics and topics <= ASKS_NOTHING) or len(words) < WORDS_MIN:
            continue
        came = topics or event.citations or event.facts or event.steps
        return None if came else name
    return None
