"""The only gate to the brand's systems: judges what the brain wants, does it once, finds out.

Theory of operation. A READ is done while it is judged. A WRITE goes in three steps, with the
ledger committed by the caller between them:

1. `Engine.judge` checks form, identity and limits, looks the wish's key up in the ledger, and
   gives `Permitted` or `NeedsSignOff` with the row to commit, or says what has become of the wish
   already. It never starts anything.
2. The caller commits the row as EXECUTING and calls `Engine.execute` once. It looks everything up
   again: what was decided on must still be what the shop says.
3. Whenever nobody knows (a lost answer, a crash, `pending`), `Engine.reconcile` asks the backend
   by key, now and again by timer. Only a "never seen" on a later asking (``final``), with the
   books unchanged, counts as failed; then the wish may come back under the next generation of
   its key.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from actions.action import (
    AwaitingSignOff,
    Call,
    CallContext,
    Done,
    Failed,
    Judgement,
    Known,
    NeedsSignOff,
    Permitted,
    Refusal,
    Refused,
    Unknown,
)
from actions.amends import NOT_SURE, Amends, is_beyond, marked
from actions.backend import Backend
from actions.catalogue import CATALOGUE, READS, WRITES
from actions.connectors.contract import (
    Connector,
    ConnectorError,
    NotFound,
)
from actions.execution import Execution
from actions.identity import ORDER_EMAIL, prove
from actions.kinds import ReadAction, Unfit, WriteAction
from actions.ledger_keys import GENERATIONS_MAX, Ledger, Usage, keys_of
from actions.limits import Verdict, ceilings_of, is_offered, judge, passed
from actions.outcomes import (
    MalformedError,
    call_of,
    checked,
    concerns,
    done_before,
    not_proved,
    refused,
    settled,
    stored,
    unanswered,
    unknown,
    written,
)
from actions.ports import Order, WriteStatus
from actions.routing import Routes
from config.actions import Action as ActionSettings
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import Proof
from conversation.ledger import CallRecord, CallState

_SAID_NO: Final = Unfit(reason=Refusal.REJECTED, detail="a colleague said no")
_REASONS: Final = {
    Verdict.ABOVE_LIMIT: Refusal.ABOVE_LIMIT,
    Verdict.NOT_OFFERED: Refusal.NOT_OFFERED,
}


class Engine:
    """Judges calls and does them, for one state of the configuration."""

    def __init__(
        self,
        *,
        settings: Settings,
        connectors: Mapping[str, Connector],
        clock: Clock,
        ledger: Ledger,
        used: Usage,
    ) -> None:
        self._settings = settings
        self._routes = Routes(settings=settings, connectors=connectors, clock=clock)
        self._amends = Amends(routes=self._routes, ledger=ledger)
        self._execution = Execution(routes=self._routes, amends=self._amends)
        self._ledger = ledger
        self._used = used
        self._clock = clock
        self._available = frozenset(
            name
            for name, action in CATALOGUE.items()
            if self._routes.has_all(name, action.operations)
        )

    def offered(self, stage: Stage, surface: Surface) -> frozenset[str]:
        """The actions that the brain may call at this stage, on this surface."""
        return frozenset(
            name
            for name in self._available
            if is_offered(mutates=CATALOGUE[name].mutates, stage=stage, surface=surface)
        )

    async def judge(self, call: Call, context: CallContext) -> Judgement:
        """Say what may become of a wish of the brain; a READ is done at once.

        Never raises for anything the brain or a connector comes up with; only the ledger's own
        errors pass through, and then nothing is allowed.
        """
        if call.action not in self._available:
            return Refused(call=call, reason=Refusal.UNKNOWN_ACTION, detail="no such action")
        if call.action not in self.offered(context.stage, context.surface):
            return Refused(call=call, reason=Refusal.NOT_OFFERED, detail="not offered here")
        read, write = READS.get(call.action), WRITES.get(call.action)
        try:
            if read is not None:
                return await self._look_up(call, checked(read, call.args), context)
            if write is not None:
                return await self._judge_write(call, checked(write, call.args), context)
        except MalformedError as error:
            return Refused(call=call, reason=Refusal.INVALID, detail=str(error))
        return Refused(call=call, reason=Refusal.UNKNOWN_ACTION, detail="no such action")

    # --- READ

    async def _look_up(self, call: Call, wish: ReadAction, context: CallContext) -> Judgement:
        backend = self._routes.backend(call.action, wish.operations)
        try:
            order, proof = await self._proved(
                wish.order_id,
                backend,
                context,
                level=self._level(call.action, wish.identity),
                email=wish.email,
                postcode=wish.postcode,
            )
            if order is None or proof is None:
                return not_proved(call)
            result = await wish.read(order, backend)
        except ConnectorError as error:
            return unanswered(call, error)
        if isinstance(result, Unfit):
            return Refused(call=call, reason=result.reason, detail=result.detail)
        return Known(call=call, result=result, proof=proof)

    async def _proved(
        self,
        order_id: str,
        backend: Backend,
        context: CallContext,
        *,
        level: str,
        email: str | None = None,
        postcode: str | None = None,
    ) -> tuple[Order | None, Proof | None]:
        try:
            order = await backend.order(order_id)
        except NotFound:
            return None, None
        proof = prove(order, level=level, proofs=context.proofs, email=email, postcode=postcode)
        return order, proof

    def _level(self, action: str, default: str) -> str:
        """The proof that an action asks for: configured, or the action's own."""
        settings = self._limits(action)
        if "identity" in settings.model_fields_set:
            return settings.identity
        return self._limits(default).identity if default in WRITES else default

    def _limits(self, action: str) -> ActionSettings:
        return self._settings.limits_of(action)

    # --- WRITE

    async def _judge_write(self, call: Call, wish: WriteAction, context: CallContext) -> Judgement:
        backend = self._routes.backend(call.action, wish.operations)
        level = self._level(call.action, ORDER_EMAIL)
        try:
            order, proof = await self._proved(wish.order_id, backend, context, level=level)
        except ConnectorError as error:
            return unanswered(call, error)
        if order is None or proof is None:
            return not_proved(call)
        return await self._judge_proved(call, wish, order, backend, context)

    async def _judge_proved(
        self, call: Call, wish: WriteAction, order: Order, backend: Backend, context: CallContext
    ) -> Judgement:
        latest, key = await self._latest(call.action, wish.once_per(order))
        if latest is not None and not concerns(latest, order):
            # Another customer's: as if there were no such thing.
            return unanswered(call, NotFound())
        try:
            prepared = await wish.prepare(order, backend)
        except ConnectorError as error:
            if latest is not None and latest.state in {CallState.EXECUTING, CallState.UNKNOWN}:
                return unknown(latest, "the backend cannot be asked now")
            return unanswered(call, error)
        known = None if latest is None else await self._as_it_stands(latest, context)
        if known is not None:
            return known
        if isinstance(prepared, Unfit):
            return Refused(call=call, reason=prepared.reason, detail=prepared.detail, key=key)
        if key is None:
            return Failed(call=call, why=f"failed {GENERATIONS_MAX} times: a person's business")
        try:
            prepared = await self._amends.held_against(wish, prepared, order)
        except ConnectorError:
            prepared = marked(prepared, NOT_SURE)
        record = CallRecord(
            key=key,
            conversation=context.conversation,
            turn=context.turn,
            action=wish.name,
            connector=self._routes.writing(wish.name),
            args=written(wish, order, prepared),
            amount=prepared.amount,
            state=CallState.ALLOWED,
            summary=prepared.summary,
        )
        beyond = is_beyond(prepared.seen)
        return await self._limited(call, record, context, was=latest, beyond=beyond)

    async def _latest(
        self, action: str, once_per: Mapping[str, str]
    ) -> tuple[CallRecord | None, str | None]:
        """Find the wish's newest row, and the key it would go under now (None: too often)."""
        connector = self._routes.writing(action)
        keys = keys_of(connector=connector, action=action, once_per=once_per)
        rows = await self._ledger(keys)
        latest: CallRecord | None = None
        for key in keys:
            if key not in rows:
                return latest, key
            latest = rows[key]
            if latest.state is not CallState.FAILED:
                return latest, key
        return latest, None

    async def _as_it_stands(self, row: CallRecord, context: CallContext) -> Judgement | None:
        """What has become of a wish that the ledger knows; None: judge it (anew)."""
        call, own = call_of(row), row.conversation == context.conversation
        match row.state:
            case CallState.DONE:
                return done_before(row)
            case CallState.AWAITING:
                return AwaitingSignOff(call=call, key=row.key, amount=row.amount)
            case CallState.ALLOWED if own:
                return Permitted(call=call, record=row)
            case CallState.ALLOWED:
                return unknown(row, "under way in another conversation")
            case CallState.EXECUTING | CallState.UNKNOWN:
                return await self.reconcile(row, final=False)
            case CallState.REFUSED:
                return refused(row, _SAID_NO) if own and row.why == Refusal.REJECTED else None
            case CallState.FAILED:
                return await self._done_after_all(row)
            case _:
                assert_never(row.state)

    async def _done_after_all(self, row: CallRecord) -> Judgement | None:
        """Before a failed wish is tried anew: the old key must not have come to life since."""
        try:
            wish, _ = stored(row)
            result = await self._execution.find(row, wish)
        except NotFound:
            return None
        except (ConnectorError, MalformedError) as error:
            return Failed(call=call_of(row), why=f"the first try cannot be looked up: {error}")
        if result.status is WriteStatus.FAILED:
            return None
        return settled(row, wish, result, repeated=True)

    async def _limited(
        self,
        call: Call,
        record: CallRecord,
        context: CallContext,
        *,
        was: CallRecord | None,
        beyond: bool,
    ) -> Judgement:
        verdict = judge(
            record.amount,
            settings=self._limits(record.action),
            stage=context.stage,
            surface=context.surface,
        )
        # A colleague's no, given in another conversation, is not talked round in this one.
        turned_down = was is not None and was.why == Refusal.REJECTED
        if verdict is Verdict.WITHIN and (turned_down or beyond):
            verdict = Verdict.NEEDS_SIGN_OFF
        match verdict:
            case Verdict.WITHIN:
                return await self._below(call, record, context)
            case Verdict.NEEDS_SIGN_OFF:
                return NeedsSignOff(call=call, record=replace(record, state=CallState.AWAITING))
            case Verdict.ABOVE_LIMIT | Verdict.NOT_OFFERED:
                return refused(record, Unfit(reason=_REASONS[verdict], detail=record.summary))
            case _:
                assert_never(verdict)

    async def _below(self, call: Call, record: CallRecord, context: CallContext) -> Judgement:
        """Hold what the bot may do alone against the limits over time."""
        ceilings = ceilings_of(
            self._limits(record.action),
            action=record.action,
            customer=context.customer,
            channel=context.channel,
            now=self._clock.now(),
        )
        used = await self._used(ceilings, key=record.key) if ceilings else ()
        full = passed(record.amount, ceilings, used)
        if full is None:
            return Permitted(call=call, record=record, ceilings=ceilings)
        asked = replace(record, state=CallState.AWAITING)
        return NeedsSignOff(call=call, record=asked, why=f"{full.name} is used up")

    # --- once it is committed

    async def execute(
        self, record: CallRecord, *, again: bool = False
    ) -> Done | Failed | Unknown | Refused:
        """Do a call whose row is committed as EXECUTING; see `Execution.execute`."""
        return await self._execution.execute(record, again=again)

    async def reconcile(self, record: CallRecord, *, final: bool) -> Done | Failed | Unknown:
        """Ask by key what became of a call; see `Execution.reconcile`."""
        return await self._execution.reconcile(record, final=final)
