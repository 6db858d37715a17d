"""What is known for certain in a turn: the outcomes of calls, found by what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from actions.action import AwaitingSignOff, Call, Done, Failed, Known, Outcome, Refused, Unknown
from actions.ports import Charges, OrderView, Promise

_Port = TypeVar("_Port", bound=BaseModel)

Settled = Done | Refused | AwaitingSignOff | Failed | Unknown


@dataclass(frozen=True, slots=True)
class Book:
    """Outcomes of this turn's calls, latest last."""

    outcomes: Sequence[Outcome]

    def order(self, order_id: str) -> OrderView | Settled | None:
        """The order as looked up; None: not asked yet."""
        return self._read("order_status", OrderView, order_id)

    def charges(self, order_id: str) -> Charges | Settled | None:
        """What was charged for it."""
        return self._read("charges", Charges, order_id)

    def promise(self, order_id: str, line_id: str) -> Promise | Settled | None:
        """When a line could be delivered anew."""
        return self._read("delivery_promise", Promise, order_id, line_id=line_id)

    def refund(self, charge_id: str) -> Settled | None:
        """What became of refunding a charge."""
        return self._written("refund", "charge_id", charge_id)

    def replacement(self, order_id: str, line_id: str) -> Settled | None:
        """What became of replacing a line."""
        found = self._written("replacement", "line_id", line_id)
        return found if found is not None and found.call.args.get("order_id") == order_id else None

    def _read(
        self, action: str, model: type[_Port], order_id: str, *, line_id: str | None = None
    ) -> _Port | Settled | None:
        for outcome in reversed(self.outcomes):
            if not _about(outcome.call, action, order_id, line_id):
                continue
            if isinstance(outcome, Known):
                return outcome.result if isinstance(outcome.result, model) else None
            return outcome
        return None

    def _written(self, action: str, key: str, value: str) -> Settled | None:
        for outcome in reversed(self.outcomes):
            call = outcome.call
            if call.action == action and call.args.get(key) == value:
                return None if isinstance(outcome, Known) else outcome
        return None


def _about(call: Call, action: str, order_id: str, line_id: str | None) -> bool:
    return (
        call.action == action
        and call.args.get("order_id") == order_id
        and (line_id is None or call.args.get("line_id") == line_id)
    )
