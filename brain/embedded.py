"""The embedded brain: no key, no network, no text that was not written by people.

Understanding is CPU bound and runs in one worker thread; planning is pure and quick.
"""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from actions.action import Outcome
from brain.always import opts_out, wants_human
from brain.decision import Decision, Turn, Understood
from brain.following import in_context
from brain.found import found_articles
from brain.knowledge.search import Found, Knowledge
from brain.listening import Heard
from brain.memory import recall
from brain.parts import READ_MAX, understand
from brain.planner import plan
from brain.quoting import said_by_us, unquoted
from brain.scope import asks_for_else
from brain.triage import Triage
from brain.understood import understood_of
from brain.unwanted import without_unwanted
from brain.wordbook import speech_of
from brain.wording import TEXT_MAX
from config.schema import Settings
from config.stages import Stage
from conversation.events import MessageReceived, Pressed
from conversation.model import AttachmentKind

HEARD_KEPT = 512
"""Turns whose understanding is remembered between the steps of the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """What has to be learnt at start before anybody can be understood."""

    triage: Triage
    knowledge: Knowledge


class EmbeddedBrain:
    """`brain.decision.Brain` without a language model."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mind: Mind | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="understand")
        self._heard: dict[str, tuple[tuple[str, ...], Heard | None]] = {}
        """By turn: what was said in it, and what that was understood as."""
        self._timezone = ZoneInfo(settings.brand.timezone)

    @property
    def ready(self) -> bool:
        """False until `learn` has been called."""
        return self._mind is not None

    def learn(self, mind: Mind) -> None:
        """Take what was learnt; from here on turns can be decided."""
        self._mind = mind
        self._heard.clear()

    def follow(self, settings: Settings) -> None:
        """Take a changed configuration; what has to be learnt anew comes by `learn`."""
        self._settings = settings
        self._timezone = ZoneInfo(settings.brand.timezone)

    def close(self) -> None:
        """Let go of the worker thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def topics(self, turn: Turn) -> Understood:
        """Understand the pending messages."""
        return understood_of(turn, await self.hear(turn))

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:  # noqa: ARG002 - words are the same at every stage; what may be done is in turn.offered
        """Take the next step."""
        heard = await self.hear(turn)
        decision = plan(
            turn,
            heard,
            outcomes,
            memory=recall(turn.state.memory),
            brand=self._settings.brand.name,
            speech=speech_of(self._settings.brand),
            today=self.today(turn),
            crisis=self._settings.brand.crisis,
        )
        found = () if heard is None else found_articles(heard.answers.values())
        return replace(decision, articles=found, brain="embedded")

    async def hear(self, turn: Turn) -> Heard | None:
        """Understand a turn's messages, once; None where there are none."""
        said = tuple(map(_said, turn.messages))
        known = self._heard.get(turn.id)
        if known is not None and known[0] == said:
            return known[1]
        loop = asyncio.get_running_loop()
        heard = await loop.run_in_executor(self._thread, self._understand, turn)
        while len(self._heard) >= HEARD_KEPT:
            self._heard.pop(next(iter(self._heard)))
        self._heard[turn.id] = said, heard
        return heard

    def forget(self, turn: str) -> None:
        """Let go of what a turn was about."""
        self._heard.pop(turn, None)

    def today(self, turn: Turn) -> date:
        """Name the turn's day, where the customer is."""
        return turn.now.astimezone(self._zone(turn)).date()

    def _brands(self, moment: datetime) -> datetime:
        """Give a moment as the brand's clock shows it: an article is true by the brand's days."""
        return moment.astimezone(self._timezone)

    def _zone(self, turn: Turn) -> ZoneInfo:
        """Give the customer's time zone where their platform or number tells it, or the brand's."""
        told = turn.state.peer.timezone if turn.state.peer is not None else None
        return _zone_of(told) or self._timezone

    async def articles(
        self, turn: Turn, text: str, *, language: str, limit: int = 4
    ) -> list[Found]:
        """Find articles that may be used in a turn, the best first; none is below the floor."""
        mind = self._mind
        if mind is None:
            return []

        def search() -> list[Found]:
            return mind.knowledge.search(
                text[:TEXT_MAX],
                language=language,
                surface=turn.surface,
                at=self._brands(turn.now),
                limit=limit,
            )

        found = await asyncio.get_running_loop().run_in_executor(self._thread, search)
        return [one for one in found if one.score >= self._settings.knowledge.floor]

    def language_of(self, words: str, prior: str) -> str:
        """Tell which language words are in; the expected one where nothing tells."""
        if self._mind is None:
            return prior
        return self._mind.triage.language_of(words, prior=prior)

    def _understand(self, turn: Turn) -> Heard | None:
        """Read a burst as one message: people cut their sentences into several."""
        if self._mind is None:
            raise RuntimeError("the brain has not learnt anything yet")
        if not turn.messages:
            return None
        ours = said_by_us(turn.state)
        texts = [text for each in turn.messages if (text := unquoted(_said(each), ours))]
        text = "\n".join(_fitting(texts))
        understanding = understand(
            self._mind.triage,
            text,
            now=turn.now,
            timezone=self._zone(turn),
            prior_language=turn.state.language,
        )
        wished = list(map(without_unwanted, texts))
        # Of a burst, "STOP" and "human" are heard in each message by itself, wherever it stands.
        understanding = replace(
            understanding,
            issues=self._mind.triage.wanted(understanding.issues),
            opts_out=understanding.opts_out or any(map(opts_out, wished)),
            wants_human=understanding.wants_human or any(map(wants_human, wished)),
        )
        strays = not understanding.issues and asks_for_else(text)
        if strays:
            # Nor is anybody angry who wants a joke, whatever is made of four words.
            understanding = replace(understanding, out_of_scope=True, mood="neutral")
        answers: dict[str, Found] = {}
        for issue in understanding.issues:
            found = self._answer(turn, issue.text, understanding.language.code, issue.topic)
            if found is not None:
                answers.setdefault(issue.topic, found)
        if not understanding.issues and not strays:
            found = self._answer(turn, text, understanding.language.code, None)
            if found is not None:
                answers[""] = found
        media_only = not text and any(map(_shows, turn.messages))
        heard = Heard(
            text=text, understanding=understanding, answers=answers, media_only=media_only
        )
        return in_context(recall(turn.state.memory), heard, language=turn.state.language)

    def _answer(self, turn: Turn, text: str, language: str, topic: str | None) -> Found | None:
        """Find an article that is good enough to be said."""
        if self._mind is None:
            return None
        found = self._mind.knowledge.search(
            text,
            language=language,
            surface=turn.surface,
            at=self._brands(turn.now),
            topics=(topic,) if topic else (),
            limit=1,
        )
        good = found and found[0].score >= self._settings.knowledge.floor
        return found[0] if good else None


@lru_cache(maxsize=256)
def _zone_of(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fitting(texts: list[str]) -> list[str]:
    """Leave each message of a long burst its share of what can be understood."""
    if sum(map(len, texts)) <= READ_MAX:
        return texts
    share = max(1, READ_MAX // len(texts) - 1)
    return [text[:share] for text in texts]


def _shows(message: MessageReceived | Pressed) -> bool:
    """Whether something to look at or listen to came; a sticker is but a face."""
    return isinstance(message, MessageReceived) and any(
        each.kind is not AttachmentKind.STICKER for each in message.attachments
    )


def _said(message: MessageReceived | Pressed) -> str:
    """What a message or a press says in words; a bot command ("/start") says nothing."""
    text = message.text if isinstance(message, MessageReceived) else message.payload
    text = text[:READ_MAX].encode("utf-8", "replace").decode()
    return "" if _COMMAND.fullmatch(text.strip()) else text


_COMMAND = re.compile(r"/[A-Za-z_]{1,32}(?:@\w+)?")
