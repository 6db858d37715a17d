"""The actions the product ships with, by name."""

from collections.abc import Mapping
from typing import Final

from actions.builtin.charges import ChargesOfOrder
from actions.builtin.delivery_promise import DeliveryPromise
from actions.builtin.order_status import OrderStatus
from actions.builtin.refund import Refund
from actions.builtin.replacement import Replacement
from actions.kinds import Action, ReadAction, WriteAction

READS: Final[Mapping[str, type[ReadAction]]] = {
    "order_status": OrderStatus,
    "charges": ChargesOfOrder,
    "delivery_promise": DeliveryPromise,
}
"""Look something up; nothing changes."""

WRITES: Final[Mapping[str, type[WriteAction]]] = {
    "refund": Refund,
    "replacement": Replacement,
}
"""Change something in the brand's systems."""

CATALOGUE: Final[Mapping[str, type[Action]]] = {**READS, **WRITES}
"""All of them."""
