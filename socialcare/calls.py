"""Action calls between the brain and the ledger: judged, committed, done, noted.

`Calls` lives for one turn. It commits every intent before the connector hears of it, keeps the
results until the turn's next commit, and takes up what an earlier run left half done.
"""

# Longer than 400 lines: what one turn's calls share, from the wish to the note, is one class.

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import assert_never

import structlog

from actions.action import (
    AwaitingSignOff,
    Call,
    CallContext,
    Done,
    Failed,
    Known,
    NeedsSignOff,
    Outcome,
    Permitted,
    Refusal,
    Refused,
    Unknown,
)
from actions.approvals import fits, make_approval
from actions.consent import Consent
from actions.engine import Engine
from actions.identity import same_order
from actions.limits import is_above
from actions.outcomes import call_of, done_before, not_proved
from config.hours import add_working_time
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import (
    Acted,
    CallStep,
    Event,
    Proof,
    SignOffAsked,
    SignOffDecided,
    TimerFired,
)
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.quarantine import RECONCILE
from conversation.store import CallWrite, Commit, CommitResult, Store, TimerWrite, Work
from socialcare.fault_points import Passing, Point
from socialcare.figures import Figures
from socialcare.steps import judged_step, taken_up, what_became

GRACE_S = 3.0
"""After a crash in mid-call: what the backend may still be doing gets this long to be noted."""
LOOK_AGAIN = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
"""When an unknown outcome is asked for again; the last one is final, then it is a person's."""
WRONG_PROOFS_MAX = 10
"""Proofs of a conversation that were not the order's; who gives more is guessing."""
REMEMBERED_MAX = 20
"""Calls of earlier turns whose results are read again, the latest."""
SIGN_OFF = "signoff:"
"""A timer, followed by the sign-off it is about, like `RECONCILE` by a call's key."""

_log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The turn may not go on: its claim, its epoch or a ledger row is not what it was."""

    def __init__(self, result: CommitResult) -> None:
        super().__init__(result)
        self.result = result


@dataclass(slots=True, kw_only=True)
class Calls:
    """The calls of one turn."""

    store: Store
    engine: Engine
    settings: Settings
    clock: Clock
    figures: Figures
    passing: Passing
    work: Work
    turn: str
    case_id: str
    surface: Surface
    proofs: tuple[Proof, ...]
    wrong_proofs: int = 0
    """How many that were given were not the order's, earlier turns included."""
    guessed_out: bool = False
    """So many that no more are tried: a person must look."""
    fresh: bool
    """Nothing may be begun once something newer has come; think again first."""
    acted: bool = False
    """Something may have changed in the brand's systems: the turn must speak of it."""
    troubled: bool = False
    """A write failed or nobody knows: a person must look."""
    steps: list[CallStep] = field(default_factory=list)
    """How each call went, for the turn's trace."""
    consent: Consent = field(default_factory=Consent)
    """What the customer's words of this turn allow and forbid."""
    unconfirmed: list[CallRecord] = field(default_factory=list)
    """Calls that wait for the customer's yes: the turn must ask for it."""
    outcomes: list[Outcome] = field(default_factory=list)
    """What became of all calls so far: what words are held against."""
    earlier: list[Done] = field(default_factory=list)
    """Calls of earlier turns that were done, as the ledger has them."""
    log: list[Event] = field(default_factory=list)
    writes: list[CallWrite] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    timers: list[TimerWrite] = field(default_factory=list)
    cancel: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)

    # --- what earlier turns left

    async def resume(
        self, decisions: Sequence[SignOffDecided], fired: Sequence[TimerFired]
    ) -> list[Outcome]:
        """Take up unfinished calls, decided and expired sign-offs; gives what is news."""
        outcomes: list[Outcome] = []
        for record in self.work.calls:
            began_at = self.clock.now()
            outcome = await self._take_up(record, fired)
            if outcome is not None:
                outcomes.append(outcome)
                step = taken_up(record, outcome, began_at=began_at, settled_at=self.clock.now())
                self.steps.append(step)
        for decision in decisions:
            if not decision.approved:
                outcomes += await self._refused(decision.approval_id, Refusal.REJECTED)
        for timer in fired:
            if timer.name.startswith(SIGN_OFF):
                expired = timer.name.removeprefix(SIGN_OFF)
                outcomes += await self._lapsed(expired, Refusal.EXPIRED)
        outcomes += await self._taken_back()
        await self._remember()
        self.outcomes += outcomes
        return outcomes

    async def _taken_back(self) -> list[Outcome]:
        """Stop what the customer takes back and nobody signed yet; say what was done already."""
        outcomes: list[Outcome] = []
        for action in sorted(self.consent.withdrawn):
            waiting = [w for w in self.work.state.waiting if is_about(action, w.call_key)]
            for one in waiting:
                outcomes += await self._lapsed(one.approval_id, Refusal.WITHDRAWN)
            if not waiting:
                outcomes += await self._was_done(action)
        return outcomes

    async def _was_done(self, action: str) -> list[Outcome]:
        """Give the last deed of an action in this conversation, as the ledger has it."""
        acts = [one for one in self.work.state.acts if one.state == CallState.DONE and one.key]
        key = next((one.key for one in reversed(acts) if one.action == action), None)
        if key is None:
            return []
        record = (await self.store.calls([key])).get(key)
        return [] if record is None else [done_before(record)]

    async def _remember(self) -> None:
        """Read what earlier turns have done, so that it can be told as it was."""
        acts = [one for one in self.work.state.acts if one.state == CallState.DONE and one.key]
        keys = [one.key for one in acts[-REMEMBERED_MAX:] if one.key is not None]
        rows = await self.store.calls(keys) if keys else {}
        told = (done_before(rows[key]) for key in keys if key in rows)
        self.earlier = [one for one in told if isinstance(one, Done)]

    async def _take_up(self, record: CallRecord, fired: Sequence[TimerFired]) -> Outcome | None:
        match record.state:
            case CallState.ALLOWED:
                return await self._signed(record)
            case CallState.EXECUTING:
                await self.clock.sleep(GRACE_S)
                return self._note(record, await self._ask_backend(record, again=True))
            case CallState.UNKNOWN:
                return await self._look_again(record, fired)
            case _:
                return None

    async def _signed(self, record: CallRecord) -> Outcome:
        """Do a call that a colleague signed, if it still is the one that was signed."""
        if record.action in self.consent.withdrawn:
            return self._dropped(record, Refusal.WITHDRAWN, "the customer took it back")
        for waiting in self.work.state.waiting:
            if waiting.call_key != record.key:
                continue
            self.cancel.append(f"{SIGN_OFF}{waiting.approval_id}")
            found = await self.store.approval(waiting.approval_id)
            if found is None or not fits(found[0], record):
                return self._dropped(record, Refusal.INVALID, "not the call that was signed")
        if is_above(record.amount, self.settings.limits_of(record.action).sign_off_up_to):
            return self._dropped(record, Refusal.ABOVE_LIMIT, "the limit was lowered meanwhile")
        started = replace(record, state=CallState.EXECUTING)
        await self._commit_now([CallWrite(record=started, expected=CallState.ALLOWED)], fresh=False)
        return self._note(started, await self._ask_backend(started))

    def _dropped(self, record: CallRecord, reason: Refusal, why: str) -> Outcome:
        """Drop a signed call of which nothing was begun."""
        refused = replace(record, state=CallState.REFUSED, why=why)
        self.writes.append(CallWrite(record=refused, expected=CallState.ALLOWED))
        outcome = Refused(call=call_of(record), reason=reason, detail=why, key=record.key)
        self._mention(outcome)
        return outcome

    async def _look_again(self, record: CallRecord, fired: Sequence[TimerFired]) -> Outcome | None:
        """Ask about an unknown call when its timer says so; None: nothing new."""
        name = f"{RECONCILE}{record.key}"
        timer = next((one for one in fired if one.name == name), None)
        if timer is None:
            return None
        tries = int(timer.data or "0") + 1
        outcome = await self.engine.reconcile(record, final=tries >= len(LOOK_AGAIN))
        if not isinstance(outcome, Unknown):
            return self._note(record, outcome)
        if tries < len(LOOK_AGAIN):
            self._ask_later(record.key, tries)
        return None

    async def _refused(self, approval_id: str, reason: Refusal) -> list[Outcome]:
        found = await self.store.approval(approval_id)
        if found is None:
            return []
        _, record = found
        self.cancel.append(f"{SIGN_OFF}{approval_id}")
        self._count(record.action, reason)
        self.log.append(
            Acted(
                call_key=record.key,
                action=record.action,
                state=CallState.REFUSED,
                summary=f"{record.summary}: {reason}",
            )
        )
        detail = record.summary
        return [Refused(call=call_of(record), reason=reason, detail=detail, key=record.key)]

    async def _lapsed(self, approval_id: str, why: Refusal) -> list[Outcome]:
        """End a sign-off that nobody decided; a decision that came just before stands."""
        found = await self.store.approval(approval_id)
        if found is None or found[0].state is not ApprovalState.WAITING:
            return []
        self.expired.append(approval_id)
        return await self._refused(approval_id, why)

    # --- what this turn wants

    async def run(self, calls: Sequence[Call], *, stage: Stage, shadow: bool) -> list[Outcome]:
        """Judge and do the calls of one round, in order; gives an outcome for each."""
        outcomes: list[Outcome] = []
        for call in calls:
            wished_at = self.clock.now()
            context = CallContext(
                conversation=self.work.row.id,
                customer=self.work.row.customer,
                channel=self.work.row.address.channel,
                turn=self.turn,
                stage=stage,
                surface=self.surface,
                proofs=self.proofs,
            )
            judged = self._guesses(call) or await self.engine.judge(call, context)
            judged_at = self.clock.now()
            if isinstance(judged, Permitted | NeedsSignOff):
                judged = self._asked_already(judged) or self._consented(judged, stage=stage)
            match judged:
                case Permitted():
                    outcomes.append(await self._do(judged, shadow=shadow))
                case NeedsSignOff():
                    outcomes.append(await self._ask(judged, shadow=shadow))
                case Known():
                    self._prove(judged)
                    outcomes.append(judged)
                case Refused(reason=Refusal.UNCONFIRMED):
                    outcomes.append(judged)
                case Refused() | Failed() | Unknown() | Done() | AwaitingSignOff():
                    self._mention(judged)
                    outcomes.append(judged)
                case _:
                    assert_never(judged)
            step = judged_step(judged, outcomes[-1], limits=self.settings.actions.get(call.action))
            now = self.clock.now()
            step = replace(step, wished_at=wished_at, judged_at=judged_at, settled_at=now)
            self.steps.append(step)
        self.outcomes += outcomes
        return outcomes

    def _guesses(self, call: Call) -> Refused | None:
        """Refuse to try one more proof where so many were wrong, whatever brain tries them."""
        order_id = str(call.args.get("order_id"))
        proved = any(same_order(one.order_id, order_id) for one in self.proofs)
        if proved or not gives_proof(call) or self.wrong_proofs < WRONG_PROOFS_MAX:
            return None
        self.guessed_out = True
        return not_proved(call)

    def _asked_already(self, judged: Permitted | NeedsSignOff) -> AwaitingSignOff | None:
        """Find a wish that waits for its sign-off since this turn, not in the ledger yet.

        However it is worded now, it is the same one: two sign-offs of one call could not both be
        decided.
        """
        asked = (one.record for one in self.writes if one.record.state is CallState.AWAITING)
        found = next((record for record in asked if record.key == judged.record.key), None)
        if found is None:
            return None
        return AwaitingSignOff(call=call_of(found), key=found.key, amount=found.amount)

    def _consented(
        self, judged: Permitted | NeedsSignOff, *, stage: Stage
    ) -> Permitted | NeedsSignOff | Refused:
        """Hold a call that may be made against what the customer has said of it."""
        record = judged.record
        # Where colleagues press send, they hear the customer's yes themselves.
        confirm = stage is Stage.AUTONOMOUS and self.settings.limits_of(record.action).confirm
        reason = self.consent.refusal(record, confirm=confirm)
        if reason is None:
            return judged
        if reason is Refusal.UNCONFIRMED and record not in self.unconfirmed:
            self.unconfirmed.append(record)
        return Refused(call=judged.call, reason=reason, detail=record.summary, key=record.key)

    async def _do(self, judged: Permitted, *, shadow: bool) -> Outcome:
        record = judged.record
        if shadow:
            return AwaitingSignOff(call=judged.call, key=record.key, amount=record.amount)
        known = (await self.store.calls([record.key])).get(record.key)
        started = replace(record, state=CallState.EXECUTING)
        intent = CallWrite(
            record=started, expected=known.state if known else None, ceilings=judged.ceilings
        )
        # Once its intent may be written, a call is brought to its end even in a turn that runs out
        # of time: begun and left alone, it would be done with whatever comes next, and without an
        # answer nobody could say what became of it. The connector's own timeout bounds the wait.
        doing = asyncio.ensure_future(self._begin(intent))
        try:
            return self._note(started, await asyncio.shield(doing))
        except asyncio.CancelledError:
            self._note(started, await doing)
            raise

    async def _begin(self, intent: CallWrite) -> Outcome:
        """Commit an intent and do it."""
        await self._commit_now([intent], fresh=self.fresh and not self.acted)
        return await self._ask_backend(intent.record)

    async def _ask_backend(self, record: CallRecord, *, again: bool = False) -> Outcome:
        self.passing(Point.BEFORE_CALL)
        outcome = await self.engine.execute(record, again=again)
        self.passing(Point.AFTER_CALL)
        return outcome

    async def _ask(self, judged: NeedsSignOff, *, shadow: bool) -> Outcome:
        record = judged.record
        outcome = AwaitingSignOff(call=judged.call, key=record.key, amount=record.amount)
        if shadow:
            return outcome
        known = (await self.store.calls([record.key])).get(record.key)
        now = self.clock.now()
        expires = self.settings.limits_of(record.action).expires
        hours = self.settings.desk.hours if self.settings.desk else None
        expires_at = now + expires if hours is None else add_working_time(hours, now, expires)
        approval = make_approval(record, asked_at=now, expires_at=expires_at)
        self.writes.append(CallWrite(record=record, expected=known.state if known else None))
        self.approvals.append(approval)
        self.timers.append(TimerWrite(name=f"{SIGN_OFF}{approval.id}", due_at=expires_at))
        self._count(record.action, "awaiting")
        self.log += [
            Acted(
                call_key=record.key,
                action=record.action,
                state=CallState.AWAITING,
                summary=record.summary,
            ),
            SignOffAsked(
                approval_id=approval.id,
                call_key=record.key,
                summary=record.summary,
                expires_at=expires_at,
                case_id=self.case_id,
            ),
        ]
        return outcome

    async def _commit_now(self, writes: list[CallWrite], *, fresh: bool) -> None:
        """Commit intents with all results so far; after this the connector may be called.

        What waits for a sign-off is kept for the turn's end, where its sign-off is committed too: a
        call that waits for none could never be decided.
        """
        row = self.work.row
        asked = [one for one in self.writes if one.record.state is CallState.AWAITING]
        results = [one for one in self.writes if one.record.state is not CallState.AWAITING]
        result = await self.store.commit(
            Commit(
                conversation=row.id,
                token=row.token,
                at=self.clock.now(),
                seen=row.accepted,
                epoch=row.epoch,
                fresh=fresh,
                calls=(*results, *writes),
            )
        )
        if result is not CommitResult.COMMITTED:
            raise Interrupted(result)
        self.passing(Point.INTENT_COMMITTED)
        self.writes = asked
        self.acted = True

    # --- noting

    def _note(self, record: CallRecord, outcome: Outcome) -> Outcome:
        """Turn an outcome of a started call into what the ledger and the log will say."""
        state, why, result = what_became(outcome)
        if isinstance(outcome, Unknown):
            self._ask_later(record.key, 0)
        if state is not CallState.DONE:
            self.troubled = True
        settled = replace(record, state=state, why=why, result=result)
        if settled.state is not record.state:
            self.writes.append(CallWrite(record=settled, expected=record.state))
        self.acted = True
        self._count(record.action, state)
        self.log.append(
            Acted(
                call_key=record.key,
                action=record.action,
                state=state,
                summary=record.summary if why is None else f"{record.summary}: {why}",
            )
        )
        if isinstance(outcome, Done) and record.turn == self.turn:
            # A re-run of the same turn finds its own deed; to the customer it is done now.
            return replace(outcome, repeated=False)
        return outcome

    def _ask_later(self, key: str, tries: int) -> None:
        due = self.clock.now() + LOOK_AGAIN[tries]
        self.timers.append(TimerWrite(name=f"{RECONCILE}{key}", due_at=due, data=str(tries)))

    def _prove(self, known: Known) -> None:
        if known.proof is not None and known.proof not in self.proofs:
            self.proofs = (*self.proofs, known.proof)
            self.log.append(
                Acted(
                    call_key=None,
                    action=known.call.action,
                    state=CallState.DONE,
                    summary=f"Looked up order {known.proof.order_id} ({known.proof.level})",
                    proof=known.proof,
                )
            )

    def _mention(self, outcome: Refused | Failed | Unknown | Done | AwaitingSignOff) -> None:
        """Note for colleagues what was not done now, and why."""
        action, wrong = outcome.call.action, False
        match outcome:
            case Refused(reason=reason, detail=detail):
                wrong = reason is Refusal.NOT_PROVED and gives_proof(outcome.call)
                state, why = CallState.REFUSED, f"{reason} ({detail})"
                self._count(action, reason)
            case Failed(why=why):
                state, self.troubled = CallState.FAILED, True
                self._count(action, state)
            case Unknown(why=why):
                state, self.troubled = CallState.UNKNOWN, True
            case _:
                return
        summary = f"{action}: {why}"
        self.wrong_proofs += wrong
        self.log.append(
            Acted(call_key=None, action=action, state=state, summary=summary, wrong_proof=wrong)
        )

    def _count(self, action: str, outcome: str) -> None:
        self.figures.actions.labels(action, outcome).inc()
        _log.info("action", conversation=self.work.row.id, action=action, outcome=outcome)


def gives_proof(call: Call) -> bool:
    """Say whether a call brings what a customer says they know of an order."""
    return any(call.args.get(name) is not None for name in ("email", "postcode"))


def is_about(action: str, key: str) -> bool:
    """Say whether a call's key is one of that action."""
    return key.partition(":")[0] == action[:24]
