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
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from actions.action import Outcome
from actions.engine import Engine
from brain.decision import Brain, Decision, Handoff, Turn, Understood
from brain.guardrails import finish
from brain.wordbook import say
from channels.contract import Adapter
from config.hours import add_working_time
from config.rollout import Rollout, stage_for
from config.schema import Settings
from config.stages import Stage
from conversation.clock import Clock
from conversation.events import (
    ColleagueReplied,
    Decided,
    Drafted,
    Event,
    HandedOff,
    Said,
)
from conversation.model import Author, Owner
from conversation.state import CaseStatus, ConversationState, fold
from conversation.store import (
    Commit,
    CommitResult,
    OutboxKind,
    OutboxWrite,
    Store,
    TimerWrite,
    Work,
)
from handoff.posts import NotePost, desk_write, posts_for
from socialcare.calls import Calls, Interrupted
from socialcare.figures import Figures
from socialcare.reading import Reading, read

ROUNDS_MAX = 6
"""Steps of one turn; a brain that wants more has lost its way."""
CALLS_MAX = 12
"""Calls of one turn."""
LEAST_BUDGET_S = 5.0
"""Seconds that a turn gets even when the message is already late."""
HUMAN = "human"
"""The timer that watches whether a colleague comes in time."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class _Result:
    """What a turn wants to be true."""

    log: list[Event]
    outbox: list[OutboxWrite] = field(default_factory=list)
    timers: list[TimerWrite] = field(default_factory=list)
    cancel: list[str] = field(default_factory=list)
    owner: Owner | None = None
    outcome: str = "logged"
    """How the turn is counted."""


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

    async def take(self, work: Work, *, patient: bool) -> CommitResult:
        """Take one turn.

        Args:
            work: The claimed conversation.
            patient: Think again when something newer comes before anything was said or done.
        """
        reading = read(work.pending, {name: one.codec for name, one in self.adapters.items()})
        first = work.pending[0].seq if work.pending else f"w{work.row.token}"
        turn_id = f"{work.row.id}:{first}"
        now = self.clock.now()
        state = fold(work.state, ((now, event) for event in reading.events))
        open_case = state.case is not None and state.case.status is not CaseStatus.RESOLVED
        calls = Calls(
            store=self.store,
            engine=self.engine,
            settings=self.settings,
            clock=self.clock,
            figures=self.figures,
            work=work,
            turn=turn_id,
            case_id=state.case.id if state.case and open_case else f"case_{turn_id}",
            surface=work.row.address.surface,
            proofs=state.proofs,
            fresh=patient,
        )
        result = _Result(log=list(reading.events))
        try:
            news = await calls.resume(reading.decisions, reading.timers)
            await self._speak(work, reading, state, calls, news, result)
        except Interrupted as interrupted:
            return await self._give_up(work, interrupted.result)
        self._relay(reading, turn_id, work, result)
        return await self._commit(work, reading, calls, result, patient=patient)

    # --- what to say

    async def _speak(
        self,
        work: Work,
        reading: Reading,
        state: ConversationState,
        calls: Calls,
        news: list[Outcome],
        result: _Result,
    ) -> None:
        """Let the bot have its say, if it is the bot's turn."""
        if reading.poisoned or (reading.undelivered and state.reachable):
            await self._trouble(work, reading, state, calls, result)
            return
        if work.row.owner is not Owner.BOT or not (reading.messages or news):
            self._watch(work, reading, calls, result)
            return
        turn = Turn(
            id=calls.turn,
            conversation=work.row.id,
            channel=work.row.address.channel,
            surface=work.row.address.surface,
            now=self.clock.now(),
            state=state,
            messages=reading.messages,
            outcomes=tuple(news),
        )
        understood = await self.brain.topics(turn)
        rollout = self._rollout(work, understood)
        if rollout.stage is Stage.OFF:
            result.outcome = "off"
            return
        if rollout.stage is Stage.MANUAL:
            self._to_desk(turn, state, understood, calls, result)
            return
        async with self._attended(work, turn, calls, rollout):
            decision = await self._decide(turn, calls, rollout)
        self._settle(turn, decision, calls, rollout, result)

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
        offered = self.engine.offered(rollout.stage, turn.surface)
        turn = replace(turn, offered=offered)
        outcomes: list[Outcome] = list(turn.outcomes)
        decision: Decision | None = None
        try:
            async with self.clock.timeout(self._budget_s(turn)):
                for _ in range(ROUNDS_MAX):
                    decision = await self.brain.decide(turn, rollout.stage, outcomes)
                    if not decision.calls:
                        return decision
                    outcomes += await calls.run(
                        decision.calls[:CALLS_MAX], stage=rollout.stage, shadow=rollout.shadow
                    )
        except TimeoutError:
            self.figures.target_missed.labels(turn.channel, "answer").inc()
            return _lost(turn, decision, "late", "The answer took longer than its target.")
        return _lost(turn, decision, "no_end", f"No answer after {ROUNDS_MAX} steps.")

    def _budget_s(self, turn: Turn) -> float:
        since = turn.state.unanswered_since or turn.now
        waited = (turn.now - since).total_seconds()
        answer = self.settings.targets_for(turn.channel).answer.total_seconds()
        return max(LEAST_BUDGET_S, answer - max(0.0, waited))

    @contextlib.asynccontextmanager
    async def _attended(
        self, work: Work, turn: Turn, calls: Calls, rollout: Rollout
    ) -> AsyncIterator[None]:
        """Show typing while the bot thinks, and say so when it takes longer than promised."""
        if rollout.shadow or rollout.stage is not Stage.AUTONOMOUS:
            yield
            return
        adapter = self.adapters.get(turn.channel)
        tasks = [asyncio.create_task(self._hold(work, turn, calls))]
        if adapter is not None and adapter.capabilities(turn.surface).typing:
            tasks.append(asyncio.create_task(self._type(adapter, work)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _type(self, adapter: Adapter, work: Work) -> None:
        every_s = adapter.capabilities(work.row.address.surface).typing_interval_s
        while True:
            await adapter.show_typing(work.row.address)
            await self.clock.sleep(every_s)

    async def _hold(self, work: Work, turn: Turn, calls: Calls) -> None:
        """Say that it takes a moment, once the acknowledge target is due."""
        since = turn.state.unanswered_since or turn.now
        target = self.settings.targets_for(turn.channel).acknowledge
        await self.clock.sleep(max(0.0, (since + target - self.clock.now()).total_seconds()))
        words = say(self._language(turn.state.language), "holding")
        text = self._finished(words, turn.state, turn.state.language)
        key = f"{turn.id}:hold"
        said = Said(outbox_key=key, author=Author.BOT, text=text.text, disclosed=text.disclosed)
        await self.store.commit(
            Commit(
                conversation=work.row.id,
                token=work.row.token,
                at=self.clock.now(),
                seen=work.row.accepted,
                epoch=work.row.epoch,
                log=(said,),
                turn=turn.id,
                outbox=tuple(self._parts(work, key, text.text)),
            )
        )

    # --- what becomes of it

    def _settle(
        self, turn: Turn, decision: Decision, calls: Calls, rollout: Rollout, result: _Result
    ) -> None:
        """Put the brain's last step into the result, at the stage that applies."""
        understood = decision.understood
        result.log += calls.log
        calls.log.clear()
        handoff = decision.handoff
        if handoff is None and calls.troubled and not rollout.shadow:
            handoff = Handoff(
                reason="action_trouble", note="An action failed or its outcome is not known."
            )
        result.log.append(_decided(turn, decision, rollout))
        result.outcome = "shadow" if rollout.shadow else "answered"
        if rollout.shadow:
            return
        work = calls.work
        if handoff is not None:
            self._hand_off(handoff, work, calls, result)
        if not decision.words:
            return
        words = self._finished(decision.words, turn.state, understood.language)
        if rollout.stage is Stage.COPILOT and handoff is None:
            draft = Drafted(draft_id=f"{turn.id}:draft", text=words.text, case_id=calls.case_id)
            result.log.append(draft)
            result.outcome = "drafted"
            return
        self._say(turn, words.text, disclosed=words.disclosed, work=work, result=result)

    def _to_desk(
        self,
        turn: Turn,
        state: ConversationState,
        understood: Understood,
        calls: Calls,
        result: _Result,
    ) -> None:
        """Manual: acknowledge, open the case, keep the clock."""
        decision = Decision(
            understood=understood,
            memory=state.memory,
            summary=state.summary,
            words=say(self._language(understood.language), "acknowledged"),
            handoff=Handoff(reason="manual", note="This is answered by colleagues."),
        )
        rollout = Rollout(stage=Stage.MANUAL, shadow=False, why="manual")
        self._settle(turn, decision, calls, rollout, result)

    async def _trouble(
        self,
        work: Work,
        reading: Reading,
        state: ConversationState,
        calls: Calls,
        result: _Result,
    ) -> None:
        """Something of this conversation got stuck: a colleague has to look."""
        result.log += calls.log
        calls.log.clear()
        if work.row.owner is Owner.BOT:
            reason = "poison" if reading.poisoned else "undeliverable"
            note = "; ".join([why for _, why in reading.quarantined] or reading.undelivered)
            self._hand_off(Handoff(reason=reason, note=note[:500]), work, calls, result)

    def _watch(self, work: Work, reading: Reading, calls: Calls, result: _Result) -> None:
        """Colleagues have the conversation, or nothing asks for words: keep the books."""
        result.log += calls.log
        calls.log.clear()
        if any(timer.name == HUMAN for timer in reading.timers) and work.row.owner is Owner.DESK:
            self.figures.target_missed.labels(work.row.address.channel, "human").inc()
            late = NotePost(case_id=calls.case_id, text="Nobody has claimed this in time.")
            result.outbox.append(desk_write(late, key=f"{calls.turn}:late"))
        if work.row.owner is Owner.COLLEAGUE:
            result.cancel.append(HUMAN)

    def _hand_off(self, handoff: Handoff, work: Work, calls: Calls, result: _Result) -> None:
        result.owner = Owner.DESK
        result.outcome = "handed_off"
        result.log.append(
            HandedOff(reason=handoff.reason, note=handoff.note, case_id=calls.case_id)
        )
        self.figures.handoffs.labels(handoff.reason).inc()
        now = self.clock.now()
        target = self.settings.targets_for(work.row.address.channel).human
        hours = self.settings.desk.hours if self.settings.desk else None
        due = now + target if hours is None else add_working_time(hours, now, target)
        result.timers.append(TimerWrite(name=HUMAN, due_at=due))

    def _relay(self, reading: Reading, turn_id: str, work: Work, result: _Result) -> None:
        """Send colleagues' words on, in the order they were written."""
        replies = [event for event in reading.events if isinstance(event, ColleagueReplied)]
        for reply in replies:
            key = f"reply:{work.row.id}:{reply.reply_id}"
            said = Said(
                outbox_key=key, author=Author.COLLEAGUE, text=reply.text, name=reply.by.name
            )
            result.log.append(said)
            result.outbox += self._parts(work, key, reply.text, fenced=False)

    def _say(self, turn: Turn, text: str, *, disclosed: bool, work: Work, result: _Result) -> None:
        key = f"{turn.id}:say"
        said = Said(outbox_key=key, author=Author.BOT, text=text, disclosed=disclosed)
        result.log.append(said)
        result.outbox += self._parts(work, key, text)

    def _parts(
        self, work: Work, key: str, text: str, *, fenced: bool = True
    ) -> Sequence[OutboxWrite]:
        """Cut words to the channel's length: one outbox row a part."""
        adapter = self.adapters[work.row.address.channel]
        parts = adapter.codec.split_text(text, surface=work.row.address.surface)
        return [
            OutboxWrite(
                key=f"{key}:{number}",
                destination=work.row.id,
                kind=OutboxKind.REPLY,
                payload=json.dumps({"text": part, "part": number, "key": key}),
                fenced=fenced,
            )
            for number, part in enumerate(parts)
        ]

    def _finished(self, words: str, state: ConversationState, language: str | None):  # type: ignore[no-untyped-def]  # noqa: ANN202 - replaced below
        return finish(
            words,
            state=state,
            now=self.clock.now(),
            disclosure=self.settings.brand.disclosure_in(self._language(language)),
            domains=self.settings.brand.links,
        )

    def _language(self, language: str | None) -> str:
        languages = self.settings.brand.languages
        return language if language in languages else languages[0]

    # --- committing

    async def _commit(
        self, work: Work, reading: Reading, calls: Calls, result: _Result, *, patient: bool
    ) -> CommitResult:
        now = self.clock.now()
        after = fold(work.state, ((now, event) for event in result.log))
        row = work.row if result.owner is None else replace(work.row, owner=result.owner)
        posts = posts_for(row, work.state, after, result.log, calls.turn)
        for_customer = any(one.fenced for one in result.outbox)
        speaks = bool(for_customer or result.owner or after.draft != work.state.draft)
        commit = Commit(
            conversation=work.row.id,
            token=work.row.token,
            at=now,
            seen=work.row.accepted,
            fresh=(patient and speaks and not calls.acted) or bool(calls.expired),
            epoch=work.row.epoch if speaks or calls.approvals else None,
            consumed=reading.consumed,
            quarantined=reading.quarantined,
            log=tuple(result.log),
            turn=calls.turn,
            snapshot=(work.position, work.state),
            calls=tuple(calls.writes),
            approvals=tuple(calls.approvals),
            expired=tuple(calls.expired),
            outbox=(*result.outbox, *posts),
            timers=(*result.timers, *calls.timers),
            cancel=(*result.cancel, *calls.cancel),
            owner=result.owner,
            peer=reading.peer,
            release=True,
            wake_at=None,
        )
        outcome = await self.store.commit(commit)
        if outcome is CommitResult.OVERTAKEN and calls.acted:
            # What was done stays true; only the words, drafts and owner are another's now.
            outcome = await self.store.commit(_deeds_only(commit, work, calls))
        if outcome is not CommitResult.COMMITTED:
            return await self._give_up(work, outcome)
        self._count(work, reading, result)
        for press in reading.presses:
            await self.adapters[work.row.address.channel].acknowledge_press(press)
        return outcome

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

    def _count(self, work: Work, reading: Reading, result: _Result) -> None:
        channel = work.row.address.channel
        self.figures.turns.labels(channel, result.outcome).inc()
        if reading.quarantined:
            self.figures.quarantined.labels(channel).inc(len(reading.quarantined))


def _deeds_only(commit: Commit, work: Work, calls: Calls) -> Commit:
    words = (Said, Drafted, HandedOff)
    log = tuple(event for event in commit.log if not isinstance(event, words))
    return replace(
        commit,
        epoch=None,
        fresh=False,
        owner=None,
        log=log,
        outbox=tuple(
            one for one in commit.outbox if not one.fenced and one.destination != work.row.id
        ),
        timers=tuple(calls.timers),
    )


def _lost(turn: Turn, decision: Decision | None, reason: str, note: str) -> Decision:
    """What to do when the brain found no end: say so, and let a colleague go on."""
    understood = decision.understood if decision else Understood(language=turn.state.language or "")
    return Decision(
        understood=understood,
        memory=turn.state.memory,
        summary=turn.state.summary,
        words=say(understood.language, "handoff_late"),
        handoff=Handoff(reason=reason, note=note),
    )


def _decided(turn: Turn, decision: Decision, rollout: Rollout) -> Decided:
    return Decided(
        turn=turn.id,
        stage=rollout.stage,
        shadow=rollout.shadow,
        language=decision.understood.language,
        mood=decision.understood.mood,
        issues=decision.understood.issues,
        deadline=decision.understood.deadline,
        memory=decision.memory,
        summary=decision.summary,
        facts=decision.facts,
        citations=decision.citations,
        opted_out=decision.understood.opted_out,
        brain=decision.brain,
    )
