"""One turn of one conversation, from pending arrivals to one commit.

Theory of operation. A turn reads what came, takes up what earlier turns left, and, while the bot
owns the conversation, asks the brain for the next step until it has words: calls are judged and
done between the steps. Everything then becomes true in one commit, which checks that the
conversation is still ours (token), still the bot's (epoch) and, as long as nothing was done, that
nothing newer came (fresh). A turn that may not commit is given up whole; the next claim begins
anew with what the ledger knows.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from actions.action import Outcome
from actions.engine import Engine
from brain.deadlines import UNDERSTANDING, Deadline
from brain.decision import Brain, Decision, Handoff, Turn, Understood
from brain.published import Published
from channels.contract import Adapter
from config.rollout import Rollout, stage_for
from config.schema import Settings
from config.stages import Stage
from conversation.clock import Clock
from conversation.events import Said
from conversation.model import Owner
from conversation.state import CaseStatus, ConversationState, fold
from conversation.store import Commit, CommitResult, Store, Work
from socialcare.calls import Calls, Interrupted
from socialcare.consenting import consent_of, is_vip, understood_consent
from socialcare.early_edits import with_early_edits
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.inviting import Inviting
from socialcare.pile_on import PileOn
from socialcare.reading import Reading, read, without
from socialcare.receipts import ours_alone
from socialcare.result import Result
from socialcare.settling import settle
from socialcare.taking_back import forgotten
from socialcare.without_brain import left_to_colleagues, lost

ROUNDS_MAX = 6
"""Steps of one turn; a brain that wants more has lost its way."""
CALLS_MAX = 12
"""Calls of one step."""
HOLD_LEAST_S = 1.0
"""Seconds of thinking before the customer is told that it takes a moment."""
TYPING_AFTER_S = 0.3
"""Seconds of thinking before typing is shown: nobody sees less, and it costs a call."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinker:
    """Takes turns; everything it needs, for one state of the configuration."""

    store: Store
    brain: Brain
    engine: Engine
    settings: Settings
    adapters: Mapping[str, Adapter]
    clock: Clock
    figures: Figures
    passing: Passing = unheard
    published: Callable[[], Published] = Published
    """What the brand has published, as it is now."""
    written: Callable[[], Published] = Published
    """What stands in its articles, those that are for nobody in public as well."""

    @property
    def _inviting(self) -> Inviting:
        return Inviting(
            store=self.store, settings=self.settings, adapters=self.adapters, clock=self.clock
        )

    async def take(self, work: Work, *, patient: bool) -> CommitResult:
        """Take one turn.

        Args:
            work: The claimed conversation.
            patient: Think again when something newer comes before anything was said or done.
        """
        codecs = {name: one.codec for name, one in self.adapters.items()}
        now = self.clock.now()
        reading = without(read(work.pending, codecs), work.state.gone)
        reading = await with_early_edits(self.store, work, reading)
        reading = await ours_alone(self.store, work, reading, now=now)
        state = fold(work.state, ((now, event) for event in reading.events))
        result = self._begin(work, reading, state, patient=patient)
        result.calls.consent = consent_of(reading.messages, work.state)
        await self._inviting.welcome(result)
        try:
            news = await result.calls.resume(reading.decisions, reading.timers)
            await self._speak(result, news)
        except Interrupted as interrupted:
            return await self._give_up(work, interrupted.result)
        result.tell_deeds()
        result.relay()
        result.forgotten = await forgotten(self.store, work, reading, codecs)
        self.passing(Point.BEFORE_TURN_COMMIT)
        outcome = await self.store.commit(result.commit(patient=patient))
        if outcome is CommitResult.OVERTAKEN and result.calls.acted:
            outcome = await self.store.commit(result.deeds_only(patient=patient))
        if outcome is not CommitResult.COMMITTED:
            return await self._give_up(work, outcome)
        self.passing(Point.TURN_COMMITTED)
        await self._tell_outside(result)
        return outcome

    def _begin(
        self, work: Work, reading: Reading, state: ConversationState, *, patient: bool
    ) -> Result:
        open_case = state.case is not None and state.case.status is not CaseStatus.RESOLVED
        calls = Calls(
            store=self.store,
            engine=self.engine,
            settings=self.settings,
            clock=self.clock,
            figures=self.figures,
            passing=self.passing,
            work=work,
            turn=work.turn,
            case_id=state.case.id if state.case and open_case else f"case_{work.turn}",
            surface=work.row.address.surface,
            proofs=state.proofs,
            wrong_proofs=state.wrong_proofs,
            fresh=patient,
        )
        return Result(
            settings=self.settings,
            clock=self.clock,
            figures=self.figures,
            adapter=self.adapters.get(work.row.address.channel),
            work=work,
            reading=reading,
            state=state,
            calls=calls,
            began_at=self.clock.now(),
            published=self.published(),
            written=self.written(),
        )

    @property
    def pile_on(self) -> PileOn:
        """The brake for when many complain in public."""
        return PileOn(store=self.store, settings=self.settings, clock=self.clock)

    # --- what to say

    async def _speak(self, result: Result, news: list[Outcome]) -> None:
        """Let the bot have its say, if it is the bot's turn."""
        row = result.work.row
        await self.pile_on.begin(result)
        mine = row.owner is Owner.BOT and result.adapter is not None
        if mine and await self._for_people(result):
            return
        heard = result.heard
        if result.answered_elsewhere() or not mine or not (heard or news or result.came):
            result.watch()
            return
        if result.came is not None:
            self._inviting.greet(result, self._rollout(result.work, Understood(language="")))
            if not (heard or news):
                return
        if row.held is not None and heard and await self._leave_to(result, row.held):
            return
        turn = Turn(
            id=result.calls.turn,
            conversation=row.id,
            customer=row.customer,
            channel=row.address.channel,
            surface=row.address.surface,
            now=self.clock.now(),
            state=result.state,
            messages=heard,
            outcomes=tuple(news),
            vip=is_vip(result.state, self.settings.brand),
        )
        understood = await self._understand(turn)
        if understood is None:
            self._not_in_time(result, turn)
        else:
            await self._answer(result, turn, understood)

    async def _for_people(self, result: Result) -> bool:
        """Leave to colleagues what the bot has no answer to; True: that is all of this turn."""
        reading = result.reading
        if reading.for_person:
            self._show(result)
        elif reading.poisoned or (reading.undelivered and result.state.reachable):
            self._pass_on(result)
        elif reading.held_back and not reading.messages:
            await self.pile_on.show_unsent(result)
        else:
            return False
        return True

    async def _answer(self, result: Result, turn: Turn, understood: Understood) -> None:
        """Answer what was understood, as far as the stage lets it."""
        result.understood_at = self.clock.now()
        result.calls.consent = understood_consent(result.calls.consent, understood, result.state)
        rollout = self._rollout(result.work, understood)
        wished = None if understood.risks else self._inviting.wished(result, turn, rollout)
        if rollout.stage is Stage.OFF:
            result.outcome = "off"
        elif await self.pile_on.silences(result, understood, rollout, turn):
            return
        elif wished is not None:
            await self._inviting.invite(result, turn, rollout, understood, wished)
        elif rollout.stage is Stage.MANUAL:
            manual = left_to_colleagues(turn, understood, self.settings.brand)
            settle(result, manual, rollout, turn, heard=understood)
        else:
            async with self._attended(turn, result, rollout):
                decision = await self._decide(turn, result.calls, rollout)
            settle(result, decision, rollout, turn, heard=understood)

    async def _understand(self, turn: Turn) -> Understood | None:
        """Understand what came; None where that takes too long."""
        try:
            async with self.clock.timeout(UNDERSTANDING.total_seconds()):
                return await self.brain.topics(turn)
        except TimeoutError:
            return None

    def _not_in_time(self, result: Result, turn: Turn) -> None:
        """Let a colleague read what the bot could not in time."""
        self.figures.target_missed.labels(turn.channel, "answer").inc()
        rollout = self._rollout(result.work, Understood(language=""))
        if rollout.stage is Stage.OFF:
            result.outcome = "off"
            return
        note = "Understanding took too long."
        decision = lost(turn, None, "late", note, self.settings.brand)
        settle(result, decision, rollout, turn, heard=decision.understood)

    async def _leave_to(self, result: Result, held: str) -> bool:
        """Leave the customer to who has their other conversation; False: nobody has it any more."""
        rollout = self._rollout(result.work, Understood(language=""))
        if rollout.shadow or rollout.stage is Stage.OFF:
            return True
        found = await self.store.conversation(held)
        if found is None or found[0].owner is Owner.BOT:
            return False
        result.share(*found)
        language = result.language(result.state.language)
        result.say(result.own_words("acknowledged", language), language)
        return True

    def _show(self, result: Result) -> None:
        """Give colleagues what only people can read; the bot has no words where it cannot read."""
        rollout = self._rollout(result.work, Understood(language=""))
        if rollout.shadow or rollout.stage is Stage.OFF:
            return
        what = ", ".join(sorted({one.replace("_", " ") for one in result.reading.for_person}))
        note = f"The bot cannot read this ({what}): please answer in the platform's own app."
        result.hand_off(Handoff(reason="unreadable", note=note))

    def _pass_on(self, result: Result) -> None:
        """Give colleagues what the bot cannot: a message that breaks it, words that are lost."""
        reading = result.reading
        rollout = self._rollout(result.work, Understood(language=""))
        if rollout.shadow or rollout.stage is Stage.OFF:
            return
        reason = "poison" if reading.poisoned else "undeliverable"
        note = "; ".join([why for _, why in reading.quarantined] or reading.undelivered)
        result.hand_off(Handoff(reason=reason, note=note[:500]))
        if reading.poisoned:
            language = result.language(result.state.language)
            result.say(result.own_words("acknowledged", language), language)

    def _rollout(self, work: Work, understood: Understood) -> Rollout:
        return stage_for(
            self.settings,
            channel=work.row.address.channel,
            surface=work.row.address.surface,
            topics=[issue.topic for issue in understood.issues],
            customer=work.row.customer,
            at=self.clock.now(),
        )

    async def _decide(self, turn: Turn, calls: Calls, rollout: Rollout) -> Decision:
        """Ask the brain step by step, within the time the customer may be kept waiting."""
        answer = self.settings.targets_for(turn.channel).answer
        now = self.clock.now()
        budget = Deadline(at=_since(turn) + answer).for_turn(now)
        turn = replace(
            turn,
            offered=self.engine.offered(rollout.stage, turn.surface),
            deadline=now + budget,
        )
        outcomes: list[Outcome] = list(turn.outcomes)
        decision: Decision | None = None
        try:
            async with self.clock.timeout(budget.total_seconds()):
                for _ in range(ROUNDS_MAX):
                    decision = await self.brain.decide(turn, rollout.stage, outcomes)
                    if not decision.calls:
                        return decision
                    outcomes += await calls.run(
                        decision.calls[:CALLS_MAX], stage=rollout.stage, shadow=rollout.shadow
                    )
        except TimeoutError:
            self.figures.target_missed.labels(turn.channel, "answer").inc()
            note = "The answer took longer than its target."
            return lost(turn, decision, "late", note, self.settings.brand)
        note = f"No answer after {ROUNDS_MAX} steps."
        return lost(turn, decision, "no_end", note, self.settings.brand)

    # --- while it thinks

    @contextlib.asynccontextmanager
    async def _attended(self, turn: Turn, result: Result, rollout: Rollout) -> AsyncIterator[None]:
        """Show typing while the bot thinks, and say so when it takes longer than promised."""
        if rollout.shadow or rollout.stage is not Stage.AUTONOMOUS or result.adapter is None:
            yield
            return
        company = asyncio.create_task(self._keep_company(turn, result, result.adapter))
        try:
            yield
        finally:
            company.cancel()
            await asyncio.gather(company, return_exceptions=True)

    async def _keep_company(self, turn: Turn, result: Result, adapter: Adapter) -> None:
        await self.clock.sleep(TYPING_AFTER_S)
        async with asyncio.TaskGroup() as together:
            if adapter.capabilities(turn.surface).replies_per_message is None:
                # Where few replies are allowed, the answer itself is one of them.
                together.create_task(self._hold(turn, result))
            if adapter.capabilities(turn.surface).typing:
                together.create_task(self._type(adapter, result))

    async def _type(self, adapter: Adapter, result: Result) -> None:
        address = result.work.row.address
        every_s = adapter.capabilities(address.surface).typing_interval_s
        while True:
            await adapter.show_typing(address, message_id=result.state.last_message_id)
            await self.clock.sleep(every_s)

    async def _hold(self, turn: Turn, result: Result) -> None:
        """Say that it takes a moment, once the acknowledge target is due."""
        target = self.settings.targets_for(turn.channel).acknowledge
        due: timedelta = _since(turn) + target - self.clock.now()
        # Even a late message is not held off when its answer is a moment away.
        await self.clock.sleep(max(HOLD_LEAST_S, due.total_seconds()))
        held = replace(result, log=[], outbox=[])
        held.say(held.own_words("holding", turn.state.language), turn.state.language, key="hold")
        row = result.work.row
        await self.store.commit(
            Commit(
                conversation=row.id,
                token=row.token,
                at=self.clock.now(),
                seen=row.accepted,
                epoch=row.epoch,
                log=tuple(held.log),
                turn=turn.id,
                outbox=tuple(held.outbox),
            )
        )
        # The wait ended with these words: the answer is no first reply any more.
        result.state = replace(result.state, unanswered_since=None)
        # Said once is enough: the answer need not introduce itself again.
        if any(isinstance(one, Said) and one.disclosed for one in held.log):
            result.state = replace(result.state, disclosed_at=self.clock.now())

    # --- afterwards

    async def _give_up(self, work: Work, why: CommitResult) -> CommitResult:
        """Let go of the conversation so that it is taken up anew."""
        if why is not CommitResult.LOST:
            now = self.clock.now()
            await self.store.commit(
                Commit(
                    conversation=work.row.id,
                    token=work.row.token,
                    at=now,
                    seen=work.row.accepted,
                    release=True,
                    wake_at=now,
                )
            )
        return why

    async def _tell_outside(self, result: Result) -> None:
        """Count the turn and answer the presses that were part of it."""
        channel = result.work.row.address.channel
        self.figures.turns.labels(channel, result.outcome).inc()
        if result.reading.quarantined:
            self.figures.quarantined.labels(channel).inc(len(result.reading.quarantined))
        if result.adapter is not None:
            for press in result.reading.presses:
                await result.adapter.acknowledge_press(press)


def _since(turn: Turn) -> datetime:
    """Say when the customer began to wait, by the platform's clock."""
    return min(turn.now, turn.state.unanswered_since or turn.now)
