"""What is known for certain in a turn: the outcomes of calls, found by what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from actions.action import AwaitingSignOff, Call, Done, Failed, Known, Outcome, Refused, Unknown
from actions.identity import same_order
from actions.ports import Charges, OrderView, Promise

_Port = TypeVar("_Port", bound=BaseModel)

Settled = Done | Refused | AwaitingSignOff | Failed | Unknown


@dataclass(frozen=True, slots=True)
class Book:
    """Outcomes a turn may build on, latest last."""

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
        return found if found is not None and _of_order(found.call, order_id) else None

    def asked(self, call: Call) -> bool:
        """Whether that very call was answered already."""
        return any(outcome.call == call for outcome in self.outcomes)

    def _read(
        self, action: str, model: type[_Port], order_id: str, *, line_id: str | None = None
    ) -> _Port | Settled | None:
        for outcome in reversed(self.outcomes):
            call = outcome.call
            if call.action != action or not _of_order(call, order_id):
                continue
            if line_id is not None and call.args.get("line_id") != line_id:
                continue
            if not isinstance(outcome, Known):
                return outcome
            if isinstance(outcome.result, model):
                return outcome.result
            return Failed(call=call, why="an answer of another kind")
        return None

    def _written(self, action: str, key: str, value: str) -> Settled | None:
        for outcome in reversed(self.outcomes):
            call = outcome.call
            if call.action == action and call.args.get(key) == value:
                if isinstance(outcome, Known):
                    return Unknown(call=call, key="", why="a look-up's answer to a change")
                return outcome
        return None


def _of_order(call: Call, order_id: str) -> bool:
    return same_order(str(call.args.get("order_id", "")), order_id)
