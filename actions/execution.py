"""A call is done once, and whatever became of it is found out by its key."""

from dataclasses import dataclass
from typing import Final

from actions.action import Done, Failed, Refusal, Refused, Unknown
from actions.amends import BEYOND, Amends, is_beyond
from actions.backend import Backend
from actions.connectors.contract import BadAnswer, ConnectorError, NotFound, Rejected, Unreachable
from actions.kinds import Prepared, Unfit, WriteAction
from actions.outcomes import (
    NEVER_DONE,
    NEVER_SEEN,
    UNREADABLE,
    MalformedError,
    call_of,
    failed,
    nonsense,
    refused,
    settled,
    stored,
    unanswered,
    unknown,
)
from actions.ports import Order, WriteResult
from actions.routing import Routes
from conversation.ledger import CallRecord, CallState

_OVERTAKEN: Final = Unfit(
    reason=Refusal.NOTHING_LEFT, detail="somebody else changed it after it was decided"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Does what the ledger says is executing, and asks what became of it."""

    routes: Routes
    amends: Amends

    async def execute(
        self, record: CallRecord, *, again: bool = False
    ) -> Done | Failed | Unknown | Refused:
        """Do a call whose row is committed as EXECUTING, once, after a second look.

        A `Refused` is one where surely nothing was sent; the ledger notes it as FAILED.

        Args:
            record: The row as committed.
            again: It may have been sent before (taken up again after UNKNOWN): then the backend
                is asked by key first, and trouble before sending proves nothing.

        Raises:
            ValueError: The row is not EXECUTING; that is a fault of the caller.
        """
        if record.state is not CallState.EXECUTING:
            raise ValueError(f"a call that is {record.state} is not executed")
        if again:
            before = await self.reconcile(record, final=True)
            if not isinstance(before, Failed) or before.why != NEVER_DONE:
                return before
        try:
            wish, seen = stored(record)
            backend = self.routes.backend(record.action, wish.operations, record)
            order = await backend.order(wish.order_id)
            prepared = await wish.prepare(order, backend)
            if isinstance(prepared, Prepared) and not is_beyond(seen):
                # Both of two that are under way at once see each other here, and neither is done.
                prepared = await self.amends.held_against(wish, prepared, order)
        except (MalformedError, LookupError):
            return failed(record, UNREADABLE)
        except ConnectorError as error:
            return unanswered(call_of(record), error, key=record.key)
        if isinstance(prepared, Unfit):
            return await self._changed(record, prepared)
        if not _as_decided(prepared, seen) or prepared.amount != record.amount:
            return await self._changed(record, _OVERTAKEN)
        return await self._perform(record, wish, order, backend)

    async def _changed(self, record: CallRecord, unfit: Unfit) -> Done | Failed | Unknown | Refused:
        """The books are not what the decision rests on: was it us, or somebody else?"""
        outcome = await self.reconcile(record, final=False)
        if isinstance(outcome, Unknown) and outcome.why == NEVER_SEEN:
            return refused(record, unfit)
        return outcome

    async def _perform(
        self, record: CallRecord, wish: WriteAction, order: Order, backend: Backend
    ) -> Done | Failed | Unknown:
        try:
            result = await wish.perform(order, record.key, backend)
        except Rejected as error:
            # 409: a request with this key is, or was, under way over there.
            if error.status == 409:
                return await self.reconcile(record, final=False)
            return failed(record, str(error))
        except (NotFound, Unreachable) as error:
            return failed(record, f"surely not done: {error}")
        except BadAnswer as error:
            return nonsense(record, str(error))
        except ConnectorError:
            return await self.reconcile(record, final=False)
        return settled(record, wish, result)

    async def reconcile(self, record: CallRecord, *, final: bool) -> Done | Failed | Unknown:
        """Ask the backend by key what became of a call.

        Args:
            record: A row that is EXECUTING or UNKNOWN.
            final: The backend has had its time: never having seen the key means that nothing
                happened, unless its books say otherwise.
        """
        try:
            wish, _ = stored(record)
            result = await self.find(record, wish)
        except NotFound:
            return await self._not_found(record, final=final)
        except BadAnswer as error:
            return nonsense(record, str(error))
        except ConnectorError as error:
            return unknown(record, str(error))
        except (MalformedError, LookupError):
            return unknown(record, UNREADABLE)
        return settled(record, wish, result)

    async def _not_found(self, record: CallRecord, *, final: bool) -> Failed | Unknown:
        if not final:
            return unknown(record, NEVER_SEEN)
        wish, seen = stored(record)
        backend = self.routes.backend(record.action, wish.operations, record)
        try:
            prepared = await wish.prepare(await backend.order(wish.order_id), backend)
        except ConnectorError as error:
            return unknown(record, f"the books cannot be read: {error}")
        if isinstance(prepared, Prepared) and _as_decided(prepared, seen):
            return failed(record, NEVER_DONE)
        return unknown(record, "not found by its key, but the books have changed")

    async def find(self, record: CallRecord, wish: WriteAction) -> WriteResult:
        """Ask for the key where it was sent."""
        return await wish.find(
            record.key, self.routes.backend(record.action, wish.operations, record)
        )


def _as_decided(prepared: Prepared, seen: str) -> bool:
    """Whether the books are as they were; being beyond the goods' worth was signed."""
    return prepared.seen == seen.removesuffix(BEYOND)
