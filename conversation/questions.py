"""Questions that the bot could not answer, and what colleagues said then, out of a store's log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from conversation.events import ColleagueReplied, Decided, HandedOff, MessageReceived
from conversation.rows import Row, entry_of
from conversation.writes import Session

CONVERSATIONS_MAX: Final = 2_000
"""The latest that were handed off; what nobody has asked since is no gap that hurts."""
WITHOUT_ANSWER: Final = frozenset({"no_answer", "not_understood"})
"""Reasons of a handoff that an article would have spared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """What a customer asked in a turn that had no answer."""

    turn: str
    at: datetime
    text: str
    language: str
    answer: str = ""
    """The first words of a colleague after it; empty where none came."""


async def unanswered(session: Session) -> tuple[Unanswered, ...]:
    """Gather them, the oldest first; what a person had erased is not among them."""
    found: list[Unanswered] = []
    for row in await session.all("handed_off", CONVERSATIONS_MAX):
        found += _of(await session.all("log_of", row["conversation"]))
    return tuple(sorted(found, key=lambda each: (each.at, each.turn)))


def _of(log: Sequence[Row]) -> list[Unanswered]:
    found: list[Unanswered] = []
    said: dict[str, list[str]] = {}
    entries = [(row["turn"] or "", *entry_of(row)) for row in log]
    languages = {turn: one.language for turn, _, one in entries if isinstance(one, Decided)}
    waits = False
    for turn, at, event in entries:
        match event:
            case MessageReceived(text=text) if text.strip():
                said.setdefault(turn, []).append(text)
            case HandedOff(reason=reason):
                words = "\n".join(said.get(turn, ()))
                waits = reason in WITHOUT_ANSWER and bool(words)
                if waits:
                    language = languages.get(turn, "")
                    found.append(Unanswered(turn=turn, at=at, text=words, language=language))
            case ColleagueReplied(text=text) if waits:
                found[-1] = replace(found[-1], answer=text)
                waits = False
            case _:
                pass
    return found
