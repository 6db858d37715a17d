"""The brain with a language model: it proposes; plain code reads, bounds and backs what it says.

Theory of operation. What must always work (a person, silence, danger, a language nobody speaks)
and what needs no wit (late outcomes) is decided by the embedded brain's code, before any model.
Else the model is asked step by step. Its wishes for lookups and actions become calls for the
engine, those it cannot have are answered with an error and never run; its words pass
`brain.grounding` and the language check. A model that is late, down, too dear or wrong is replaced
for this turn by the embedded brain or by the desk, as configured; after several failures in a row
it rests for a while.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from actions.action import AwaitingSignOff, Done, Outcome, Unknown
from brain.address import other_form
from brain.briefing import brief
from brain.deadlines import Deadline
from brain.decision import Decision, Handoff, Turn, Understood
from brain.embedded import EmbeddedBrain, Mind
from brain.exchange import Exchange
from brain.grounding import backed
from brain.knowledge.search import Found
from brain.listening import Heard, listened
from brain.masking import Masks
from brain.memory import recall
from brain.model import (
    LanguageModel,
    ModelFailure,
    ModelTrouble,
    Reply,
    estimated_tokens,
)
from brain.resting import Breaker
from brain.scope import strays
from brain.spending import Account, Spending
from brain.tone import softened
from brain.toolbox import HAND_OVER, SEARCH, Offer, Toolbox, Wanted, each_with_its_id
from brain.understood import out_of_patience, plain_code_decides, understood_of
from brain.wordbook import say_anywhere, speech_of
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import ModelCall
from conversation.model import Author
from conversation.spending import SpendBook

TURNS_KEPT = 512
"""Turns whose exchange with the model is remembered between their steps."""
RETRIES = 1
"""Calls of one turn that are made again after a failure that may pass."""
NOTE_MAX = 500
_PASSING = frozenset({ModelFailure.DOWN, ModelFailure.LIMITED, ModelFailure.MALFORMED})
_READ = frozenset({ModelFailure.LATE, ModelFailure.MALFORMED})
"""Failures of a model that has read what it was told, and is paid for that."""

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class ModelBrain:
    """`brain.decision.Brain` with a language model, and another one to fall back on."""

    def __init__(
        self,
        settings: Settings,
        *,
        model: LanguageModel,
        embedded: EmbeddedBrain,
        offers: Mapping[str, Offer],
        clock: Clock,
        book: SpendBook,
    ) -> None:
        self._settings = settings
        self._model = model
        self._embedded = embedded
        self._offers = offers
        self._clock = clock
        self._spending = Spending(settings=settings.model, book=book)
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()
        self._paid: OrderedDict[str, _Paid] = OrderedDict()
        """Of turns that were let go of: one that is begun anew has been paid for, too."""
        self._breaker = Breaker(clock)

    @property
    def ready(self) -> bool:
        """False until the embedded brain has learnt: it understands for both."""
        return self._embedded.ready

    def learn(self, mind: Mind) -> None:
        """Take what was learnt."""
        self._embedded.learn(mind)

    def follow(self, settings: Settings) -> None:
        """Take a changed configuration."""
        self._settings = settings
        self._spending.settings = settings.model
        self._embedded.follow(settings)

    async def topics(self, turn: Turn) -> Understood:
        """Understand the pending messages."""
        return await self._embedded.topics(turn)

    def forget(self, turn: str) -> None:
        """Let go of what a turn was about; what it cost is remembered, without anybody's words."""
        self._embedded.forget(turn)
        exchange = self._exchanges.pop(turn, None)
        if exchange is not None:
            of = hash(exchange.briefing.text)
            _keep(self._paid, turn, _Paid(calls=exchange.paid(), of=of, rounds=exchange.rounds))

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        """Take the next step."""
        heard = await self._embedded.hear(turn)
        # Who wanted silence and only says thanks still wants it.
        silent = understood_of(turn, heard).opted_out
        scripted = stage is Stage.SCRIPTED  # words that people wrote, and no others
        if heard is None or silent or scripted or plain_code_decides(turn, heard):
            return await self._embedded.decide(turn, stage, outcomes)
        angry = out_of_patience(turn, heard, self._settings.brand)
        if angry is not None:
            return angry
        try:
            return await self._with_model(turn, heard, outcomes)
        except ModelTrouble as trouble:
            return await self._without(turn, stage, outcomes, trouble)

    # --- with the model

    async def _with_model(self, turn: Turn, heard: Heard, outcomes: Sequence[Outcome]) -> Decision:
        exchange = await self._exchange(turn, heard)
        toolbox = Toolbox(turn.offered, self._offers)
        exchange.hear(outcomes)
        while True:
            reply = await self._ask(turn, exchange, toolbox)
            if not reply.calls and self._other_form(heard, reply.text) and not exchange.corrected:
                exchange.correct(reply.text, self._settings.brand.formality[_language(heard)])
                continue
            if not reply.calls:
                return self._worded(turn, heard, exchange, reply.text)
            wanted = await self._sort(turn, heard, exchange, toolbox, reply)
            if wanted.handoff is not None:
                return self._worded(turn, heard, exchange, reply.text, wanted.handoff)
            if wanted.calls:
                return Decision(
                    understood=understood_of(turn, heard),
                    calls=wanted.calls,
                    memory=turn.state.memory,
                    summary=turn.state.summary,
                    brain=self._model.name,
                    articles=exchange.articles(),
                    model=exchange.use(),
                )

    async def _exchange(self, turn: Turn, heard: Heard) -> Exchange:
        known = self._exchanges.get(turn.id)
        if known is not None and known.briefing.text == heard.text:
            return known
        masks = Masks()
        language = heard.understanding.language.code
        briefing = brief(
            turn,
            heard,
            settings=self._settings,
            masks=masks,
            articles=await self._found(turn, heard.text, language),
            today=self._embedded.today(turn),
        )
        exchange = Exchange(
            name=self._model.name,
            currency=self._spending.currency,
            briefing=briefing,
            masks=masks,
            messages=list(briefing.messages),
            tools=frozenset((SEARCH, HAND_OVER, *self._offers)),
        )
        # The same turn, thought about anew since more was said: it has been paid for, too.
        if known is not None:
            exchange.calls = known.calls
        elif (paid := self._paid.pop(turn.id, None)) is not None:
            exchange.calls = list(paid.calls)
            # The same words once more, after a commit that failed: no rounds are had anew.
            exchange.rounds = paid.rounds if paid.of == hash(heard.text) else 0
        _keep(self._exchanges, turn.id, exchange)
        return exchange

    async def _ask(self, turn: Turn, exchange: Exchange, toolbox: Toolbox) -> Reply:
        """Ask for one step, within time, rounds and budget."""
        if self._breaker.resting:
            raise ModelTrouble(ModelFailure.DOWN, "the model rests")
        while True:
            if exchange.rounds >= self._settings.model.rounds:
                raise ModelTrouble(ModelFailure.ENDLESS, "the turn's rounds are spent")
            left = Deadline(at=turn.deadline).for_model(
                self._clock.now(), self._settings.model.timeout
            )
            if left is None:
                raise ModelTrouble(ModelFailure.LATE, "the turn has no time left for it")
            account = Account(turn=turn.id, customer=_payer(turn), day=self._today())
            reserved = await self._spending.reserve(account, exchange.messages)
            exchange.rounds += 1
            began_at, began = self._clock.now(), self._clock.monotonic()
            try:
                reply = await self._model.ask(
                    exchange.messages, toolbox.tools, timeout_s=left.total_seconds()
                )
            except ModelTrouble as trouble:
                cost, read = self._failed(exchange, trouble, began_at=began_at, began=began)
                await self._spending.settle(reserved, cost, read)
                if not await self._worth_another(trouble, exchange, turn):
                    raise
                continue
            self._breaker.worked()
            cost = self._spending.cost(reply.tokens_in, reply.tokens_out)
            exchange.answered(reply, began_at=began_at, ms=self._since(began), cost=cost)
            await self._spending.settle(reserved, cost, reply.tokens_in + reply.tokens_out)
            return reply

    def _failed(
        self, exchange: Exchange, trouble: ModelTrouble, *, began_at: datetime, began: float
    ) -> tuple[Decimal, int]:
        """Note a failed call, and what it may cost in money and tokens: it is reckoned."""
        self._breaker.failed(trouble)
        read = 0
        if trouble.failure in _READ:
            read = estimated_tokens(*(one.text for one in exchange.messages))
        cost = self._spending.cost(read, 0)
        ms = self._since(began)
        exchange.failed(trouble, began_at=began_at, ms=ms, tokens_in=read, cost=cost)
        return cost, read

    def _today(self) -> date:
        """Name the day of the budgets: the brand's, wherever the customer is."""
        return self._clock.now().astimezone(ZoneInfo(self._settings.brand.timezone)).date()

    def _since(self, began: float) -> int:
        return round((self._clock.monotonic() - began) * 1_000)

    async def _worth_another(self, trouble: ModelTrouble, exchange: Exchange, turn: Turn) -> bool:
        """Say whether the same may be asked once more, after the pause that was asked for."""
        if trouble.failure not in _PASSING or exchange.retries >= RETRIES:
            return False
        exchange.retries += 1
        pause = timedelta(seconds=trouble.retry_after_s or 0.0)
        timeout = self._settings.model.timeout
        if Deadline(at=turn.deadline).for_model(self._clock.now() + pause, timeout) is None:
            return False
        if self._breaker.resting:
            return False
        await self._clock.sleep(pause.total_seconds())
        return True

    async def _sort(
        self, turn: Turn, heard: Heard, exchange: Exchange, toolbox: Toolbox, reply: Reply
    ) -> Wanted:
        """Part what may be asked for from what may not; errors and articles are told at once."""
        reply = replace(reply, calls=each_with_its_id(reply.calls, exchange.rounds))
        restore = exchange.masks.restore
        wanted = toolbox.sort(reply.calls, done=exchange.done, restore=restore)
        exchange.take(reply, wanted)
        language = heard.understanding.language.code
        for call, query in wanted.searches:
            exchange.give(call, await self._found(turn, restore(query), language))
        return wanted

    async def _found(self, turn: Turn, text: str, language: str) -> list[Found]:
        """Search the articles; in no time of its own nothing is found."""
        limit = Deadline(at=turn.deadline).for_knowledge(self._clock.now())
        try:
            async with self._clock.timeout(limit.total_seconds()):
                return await self._embedded.articles(turn, text, language=language)
        except TimeoutError:
            _log.warning("search took too long", conversation=turn.conversation)
            return []

    def _worded(
        self,
        turn: Turn,
        heard: Heard,
        exchange: Exchange,
        text: str,
        handoff: Handoff | None = None,
    ) -> Decision:
        """Make the model's words a decision, without what nothing backs."""
        understood = understood_of(turn, heard)
        words = self._put_right(turn, heard, exchange, self._backed(turn, exchange, text))
        if words and (self._strange(words, understood) or self._other_form(heard, words)):
            words = ""
        if not words and handoff is None:
            raise ModelTrouble(ModelFailure.WRONG, "nothing of its words may be said")
        if not words:
            words = speech_of(self._settings.brand).say(understood.language, "handoff_topic")
        if heard.understanding.doubts is not None:
            language = heard.understanding.doubts or understood.language
            honest = say_anywhere(language, "automated", brand=self._settings.brand.name)
            words = f"{honest}\n\n{words}"
        memory = listened(recall(turn.state.memory), heard).memory.model_copy(
            update={"wishes": (), "asked": ()}
        )
        return Decision(
            understood=understood,
            words=words,
            handoff=handoff,
            memory=memory.model_dump_json(),
            summary=exchange.briefing.summary or turn.state.summary,
            facts=tuple(dict.fromkeys(exchange.facts)),
            citations=exchange.cited(words),
            brain=self._model.name,
            articles=exchange.articles(),
            model=exchange.use(),
        )

    def _backed(self, turn: Turn, exchange: Exchange, text: str) -> str:
        grounds = replace(exchange.grounds(turn.state.lines), today=self._embedded.today(turn))
        text = exchange.masks.said(text, private=turn.surface is Surface.PRIVATE)
        words, gone = backed(text, grounds)
        exchange.unbacked += len(gone)
        if gone:
            _log.warning("words not backed", conversation=turn.conversation, sentences=len(gone))
        return words

    def _put_right(self, turn: Turn, heard: Heard, exchange: Exchange, words: str) -> str:
        """Keep to the brand's business and to a tone that helps."""
        language = _language(heard)
        known = bool(heard.topics or exchange.backing or exchange.cited(words))
        if words and strays(words, known=known):
            _log.warning("words out of scope", conversation=turn.conversation)
            brand = self._settings.brand
            return speech_of(brand).say(language, "out_of_scope", brand=brand.name)
        said = [line.text for line in turn.state.lines if line.author is Author.BOT]
        return softened(words, language, said)

    def _strange(self, words: str, understood: Understood) -> bool:
        """Say whether words are in another language than the customer's."""
        return self._embedded.language_of(words, understood.language) != understood.language

    def _other_form(self, heard: Heard, words: str) -> bool:
        """Say whether words address the customer otherwise than the brand has chosen."""
        language = _language(heard)
        form = self._settings.brand.formality.get(language, "")
        return bool(other_form(words, language, form))

    # --- without it

    async def _without(
        self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome], trouble: ModelTrouble
    ) -> Decision:
        """Let the embedded brain or the desk take the turn."""
        _log.warning(
            "model fell back",
            conversation=turn.conversation,
            failure=trouble.failure,
            why=str(trouble),
        )
        decision = await self._embedded.decide(turn, stage, outcomes)
        known = self._exchanges.get(turn.id)
        use = None if known is None else known.use(fell_back=trouble.failure)
        # Who asks for ever is stopped by a person: the turn's rounds are spent.
        endless = trouble.failure is ModelFailure.ENDLESS
        if self._settings.model.fallback == "embedded" and not endless:
            return replace(decision, model=use)
        note = f"The model gave no answer that could be used ({trouble.failure})."
        return replace(
            decision,
            calls=(),
            words=speech_of(self._settings.brand).say(
                decision.understood.language, _handed_over(outcomes)
            ),
            handoff=Handoff(reason="no_end" if endless else "model", note=note[:NOTE_MAX]),
            memory=turn.state.memory,
            brain="none",
            model=use,
        )


def _handed_over(outcomes: Sequence[Outcome]) -> str:
    """Choose the words of a handoff: where something was begun, a colleague confirms it."""
    begun = any(isinstance(one, Done | AwaitingSignOff | Unknown) for one in outcomes)
    return "handoff_late" if begun else "handoff_topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """What a turn has cost so far, without anybody's words."""

    calls: tuple[ModelCall, ...]
    of: int
    """A hash of what the customer wrote, which only this process can make."""
    rounds: int


def _keep(kept: OrderedDict[str, _T], turn: str, what: _T) -> None:
    while len(kept) >= TURNS_KEPT:
        kept.popitem(last=False)
    kept[turn] = what


def _payer(turn: Turn) -> str:
    """Name whose day a call is counted in."""
    return turn.customer or turn.conversation


def _language(heard: Heard) -> str:
    return heard.understanding.language.code
