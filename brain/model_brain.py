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
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import structlog

from actions.action import Outcome
from brain.briefing import Briefing, brief, told
from brain.deadlines import Deadline
from brain.decision import Decision, Handoff, Turn, Understood
from brain.embedded import EmbeddedBrain, Mind
from brain.grounding import Grounds, backed
from brain.listening import Heard, listened
from brain.masking import Masks
from brain.memory import recall
from brain.model import LanguageModel, ModelFailure, ModelTrouble, Reply, Said, ToolCall
from brain.mood import is_falling
from brain.procedures import PROCEDURES
from brain.spending import Spending
from brain.toolbox import Offer, Toolbox, Wanted
from brain.understood import HANDOFF_TOPICS, loses_patience, understood_of
from brain.wordbook import say, say_anywhere, speaks
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import Fact

TURNS_KEPT = 512
"""Turns whose exchange with the model is remembered between their steps."""
RETRIES = 1
"""Calls of one turn that are made again after a failure that may pass."""
FAILURES_IN_A_ROW = 5
"""After so many the model rests: each costs the customer time."""
REST = timedelta(seconds=30)
NOTE_MAX = 500
_PASSING = frozenset({ModelFailure.DOWN, ModelFailure.LIMITED, ModelFailure.MALFORMED})

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Exchange:
    """One turn's exchange with the model."""

    briefing: Briefing
    masks: Masks
    messages: list[Said]
    asked: list[ToolCall] = field(default_factory=list)
    """Calls whose outcomes are awaited, in order."""
    heard: int = 0
    """Outcomes that the model knows of."""
    rounds: int = 0
    retries: int = 0
    cost: Decimal = Decimal(0)
    facts: list[Fact] = field(default_factory=list)
    backing: list[str] = field(default_factory=list)
    """What tools have told, for the words to rest on."""
    done: set[tuple[str, str]] = field(default_factory=set)
    """Calls that were made, by name and arguments."""


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
    ) -> None:
        self._settings = settings
        self._model = model
        self._embedded = embedded
        self._offers = offers
        self._clock = clock
        self._spending = Spending(settings.model)
        self._exchanges: OrderedDict[str, _Exchange] = OrderedDict()
        self._failures = 0
        self._rests_until = 0.0

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

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        """Take the next step."""
        heard = await self._embedded.hear(turn)
        if heard is None or _plain_code_decides(turn, heard):
            return await self._embedded.decide(turn, stage, outcomes)
        try:
            return await self._with_model(turn, heard, outcomes)
        except ModelTrouble as trouble:
            return await self._without(turn, stage, outcomes, trouble)

    # --- with the model

    async def _with_model(self, turn: Turn, heard: Heard, outcomes: Sequence[Outcome]) -> Decision:
        exchange = self._exchange(turn, heard)
        toolbox = Toolbox(turn.offered, self._offers)
        _tell_outcomes(exchange, outcomes)
        while True:
            reply = await self._ask(turn, exchange, toolbox)
            if not reply.calls:
                return self._worded(turn, heard, exchange, reply.text)
            exchange.messages.append(Said(role="assistant", text=reply.text, calls=reply.calls))
            wanted = self._sort(turn, exchange, toolbox, reply.calls)
            if wanted.handoff is not None:
                return self._worded(turn, heard, exchange, reply.text, wanted.handoff)
            if wanted.calls:
                return Decision(
                    understood=understood_of(turn, heard),
                    calls=wanted.calls,
                    memory=turn.state.memory,
                    summary=turn.state.summary,
                    brain=self._name(exchange),
                )

    def _exchange(self, turn: Turn, heard: Heard) -> _Exchange:
        known = self._exchanges.get(turn.id)
        if known is not None and known.briefing.text == heard.text:
            return known
        masks = Masks()
        briefing = brief(
            turn,
            heard,
            settings=self._settings,
            masks=masks,
            articles=self._embedded.articles(turn, heard.text),
            today=self._embedded.today(turn),
        )
        exchange = _Exchange(briefing=briefing, masks=masks, messages=list(briefing.messages))
        while len(self._exchanges) >= TURNS_KEPT:
            self._exchanges.popitem(last=False)
        self._exchanges[turn.id] = exchange
        return exchange

    async def _ask(self, turn: Turn, exchange: _Exchange, toolbox: Toolbox) -> Reply:
        """Ask for one step, within time, rounds and budget."""
        if self._clock.monotonic() < self._rests_until:
            raise ModelTrouble(ModelFailure.DOWN, "the model rests")
        while True:
            if exchange.rounds >= self._settings.model.rounds:
                raise ModelTrouble(ModelFailure.ENDLESS, "the turn's rounds are spent")
            left = Deadline(at=turn.deadline).for_model(
                self._clock.now(), self._settings.model.timeout
            )
            if left is None:
                raise ModelTrouble(ModelFailure.LATE, "the turn has no time left for it")
            today, customer = self._embedded.today(turn), turn.customer or turn.conversation
            self._spending.allow(customer=customer, turn=exchange.cost, today=today)
            exchange.rounds += 1
            try:
                reply = await self._model.ask(
                    exchange.messages, toolbox.tools, timeout_s=left.total_seconds()
                )
            except ModelTrouble as trouble:
                self._failed(trouble)
                if not await self._worth_another(trouble, exchange, turn):
                    raise
                continue
            self._failures = 0
            cost = self._spending.cost(reply)
            exchange.cost += cost
            self._spending.note(cost, customer=customer, today=today)
            return reply

    def _failed(self, trouble: ModelTrouble) -> None:
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW or trouble.failure is ModelFailure.REFUSED:
            self._rests_until = self._clock.monotonic() + REST.total_seconds()

    async def _worth_another(self, trouble: ModelTrouble, exchange: _Exchange, turn: Turn) -> bool:
        """Say whether the same may be asked once more, after the pause that was asked for."""
        if trouble.failure not in _PASSING or exchange.retries >= RETRIES:
            return False
        exchange.retries += 1
        pause = timedelta(seconds=trouble.retry_after_s or 0.0)
        timeout = self._settings.model.timeout
        if Deadline(at=turn.deadline).for_model(self._clock.now() + pause, timeout) is None:
            return False
        if self._clock.monotonic() < self._rests_until:
            return False
        await self._clock.sleep(pause.total_seconds())
        return True

    def _sort(
        self, turn: Turn, exchange: _Exchange, toolbox: Toolbox, calls: Sequence[ToolCall]
    ) -> Wanted:
        """Part what may be asked for from what may not; errors and articles are told at once."""
        wanted = toolbox.sort(calls, done=exchange.done, restore=exchange.masks.restore)
        for call, error in wanted.errors:
            exchange.messages.append(Said(role="tool", text=error, answers=call.id))
        for call, query in wanted.searches:
            found = self._embedded.articles(turn, exchange.masks.restore(query))
            text = exchange.masks.mask(told(found))
            exchange.backing += [one.article.body for one in found]
            exchange.messages.append(Said(role="tool", text=text, answers=call.id))
        exchange.asked = list(wanted.asked)
        return wanted

    def _worded(
        self,
        turn: Turn,
        heard: Heard,
        exchange: _Exchange,
        text: str,
        handoff: Handoff | None = None,
    ) -> Decision:
        """Make the model's words a decision, without what nothing backs."""
        understood = understood_of(turn, heard)
        words = self._backed(turn, exchange, text)
        if words and self._strange(words, understood):
            words = ""
        if not words and handoff is None:
            raise ModelTrouble(ModelFailure.WRONG, "nothing of its words may be said")
        if not words:
            words = say(understood.language, "handoff_topic")
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
            citations=exchange.briefing.cited(words),
            brain=self._name(exchange),
        )

    def _backed(self, turn: Turn, exchange: _Exchange, text: str) -> str:
        grounds = Grounds(
            facts=(*exchange.briefing.grounds, *exchange.backing),
            said=(exchange.briefing.text, *(line.text for line in turn.state.lines)),
        )
        words, gone = backed(exchange.masks.restore(text), grounds)
        if gone:
            _log.warning("words not backed", conversation=turn.conversation, sentences=len(gone))
        return _not_said_before(words, turn)

    def _strange(self, words: str, understood: Understood) -> bool:
        """Say whether words are in another language than the customer's."""
        return self._embedded.language_of(words, understood.language) != understood.language

    def _name(self, exchange: _Exchange) -> str:
        return f"{self._model.name} {exchange.briefing.prompt}"

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
        if self._settings.model.fallback == "embedded":
            return replace(decision, brain=f"embedded ({trouble.failure})")
        note = f"The model gave no answer that could be used ({trouble.failure})."
        return replace(
            decision,
            calls=(),
            words=say(decision.understood.language, "handoff_topic"),
            handoff=Handoff(reason="model", note=note[:NOTE_MAX]),
            memory=turn.state.memory,
            brain=f"none ({trouble.failure})",
        )


def _plain_code_decides(turn: Turn, heard: Heard) -> bool:
    """Say whether the model has no say: a person, silence, a risk, a language nobody speaks.

    Nor has it in public as soon as something private is wished for: the way to a private message
    is the platform's, not its own.
    """
    found = heard.understanding
    if found.opts_out or found.wants_human or set(heard.topics) & set(HANDOFF_TOPICS):
        return True
    worse = is_falling((*turn.state.moods, found.mood))
    if worse and loses_patience(turn, heard, progress=bool(heard.given)):
        return True
    if understood_of(turn, heard).risks:
        return True
    if turn.surface is Surface.PUBLIC and (heard.given or set(heard.topics) & set(PROCEDURES)):
        return True
    if found.doubts is not None and not heard.topics:
        return True
    return heard.wordless or not (speaks(found.language.code) and found.language.supported)


def _tell_outcomes(exchange: _Exchange, outcomes: Sequence[Outcome]) -> None:
    """Tell the model what became of its calls, and keep what its words may rest on."""
    fresh = outcomes[exchange.heard :]
    for outcome in fresh[: len(fresh) - len(exchange.asked)]:
        # Of earlier turns: nobody asked for it in this one.
        exchange.backing.append(told(outcome))
        text = f'<data source="earlier call">{told(outcome)}</data>'
        exchange.messages.append(Said(role="user", text=exchange.masks.mask(text)))
    answers = fresh[len(fresh) - len(exchange.asked) :] if exchange.asked else ()
    for call, outcome in zip(exchange.asked, answers, strict=False):
        text = told(outcome)
        exchange.backing.append(text)
        exchange.facts += exchange.briefing.facts_of(outcome)
        exchange.messages.append(Said(role="tool", text=exchange.masks.mask(text), answers=call.id))
    for call in exchange.asked[len(answers) :]:
        exchange.messages.append(Said(role="tool", text='{"error": "not run"}', answers=call.id))
    exchange.asked, exchange.heard = [], len(outcomes)


def _not_said_before(words: str, turn: Turn) -> str:
    """Drop paragraphs that the bot's last line said already."""
    last = next((line.text for line in reversed(turn.state.lines) if line.author == "bot"), "")
    earlier = {part.strip() for part in last.split("\n") if len(part.strip()) > 40}
    kept = [part for part in words.split("\n") if part.strip() not in earlier]
    return "\n".join(kept).strip() or words
