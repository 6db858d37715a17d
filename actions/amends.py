"""Amends for one order: money back and goods sent again, never more than its goods are worth.

A refund and a replacement have limits of their own, and each may happen once. This is the rule
between them: whoever got the money of a thing back and then a new one has been given it twice,
each time within its limit. Beyond the worth of an order's goods a colleague signs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from actions.builtin.refund import Refund, books_of
from actions.builtin.replacement import Replacement
from actions.kinds import Prepared, WriteAction
from actions.ledger_keys import Ledger, keys_of
from actions.outcomes import MalformedError, stored
from actions.ports import Charge, Order
from actions.routing import Routes
from config.money import Money, MoneyError
from conversation.ledger import CallRecord, CallState

BEYOND: Final = " (with it more is given than the goods are worth)"
"""Ends what a decision rests on; whoever signs it knows, and it is not judged again."""
NOT_SURE: Final = "What was given for this order before could not be looked up"

_CHARGES: Final = frozenset({"charges"})
_UNDER_WAY: Final = frozenset(
    {CallState.ALLOWED, CallState.AWAITING, CallState.EXECUTING, CallState.UNKNOWN}
)
"""May have happened, or may yet; the books need not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given for an order so far, in minor units of one currency."""

    currency: str
    goods: int
    """What its lines are worth."""
    charged: int
    """What was taken; beyond the goods' worth (a second charge, postage) it is no amends to give
    it back."""
    back: int
    """Money that went back, or may yet."""
    again: int
    """The worth of what was sent again, or may yet be."""

    def exceeded_by(self, *, refund: int = 0, goods: int = 0) -> bool:
        """Whether that much more is more than the goods are worth."""
        overcharged = max(0, self.charged - self.goods)
        back = max(0, self.back + refund - overcharged)
        return back + self.again + goods > self.goods

    def told(self) -> str:
        """Say it to who signs."""
        worth, back, again = (
            Money(minor, self.currency) for minor in (self.goods, self.back, self.again)
        )
        parts = [f"{back} went back"] if self.back else []
        parts += [f"goods worth {again} were sent again"] if self.again else []
        return f"The order's goods are worth {worth}: {' and '.join(parts)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amends:
    """Looks up what a customer was given for an order, in the ledger and in the books."""

    routes: Routes
    ledger: Ledger

    async def held_against(self, wish: WriteAction, prepared: Prepared, order: Order) -> Prepared:
        """Mark a wish that would give more than the goods are worth.

        Raises:
            ConnectorError: The books cannot be read.
        """
        try:
            return await self._added_up(wish, prepared, order)
        except MoneyError:  # the shop speaks of more money than there is
            return marked(prepared, NOT_SURE)

    async def _added_up(self, wish: WriteAction, prepared: Prepared, order: Order) -> Prepared:
        match wish:
            case Refund():
                again = await self._sent_again(order)
                if not again:
                    return prepared  # Money alone is bound by what was charged.
                given = await self._given(order, again, but_charge=wish.charge_id)
                beyond = given is None or given.exceeded_by(refund=prepared.amount.minor)
            case Replacement():
                again = await self._sent_again(order, but=wish.line_id)
                given = await self._given(order, again)
                beyond = given is None or (
                    bool(given.back or given.again)
                    and given.exceeded_by(goods=prepared.amount.minor)
                )
            case _:
                return prepared
        return marked(prepared, given.told() if given else NOT_SURE) if beyond else prepared

    async def _given(
        self, order: Order, again: Sequence[Money], *, but_charge: str | None = None
    ) -> Given | None:
        """Add up what was given; None where it is in several currencies and cannot be."""
        charges = await self._charges(order)
        under_way = await self._going_back([c for c in charges if c.charge_id != but_charge])
        goods = [Money(line.amount.minor * line.quantity, line.amount.currency)
                 for line in order.lines]  # fmt: skip
        charged = [each.amount for each in charges]
        back = [*(each.refunded for each in charges), *under_way]
        currencies = {each.currency for each in (*goods, *charged, *back, *again) if each.minor}
        if len(currencies) > 1:
            return None
        return Given(
            currency=next(iter(currencies), "GBP"),
            goods=_sum(goods),
            charged=_sum(charged),
            back=_sum(back),
            again=_sum(again),
        )

    async def _charges(self, order: Order) -> Sequence[Charge]:
        """Read what was charged; nothing, where the brand's systems cannot be asked that."""
        if not self.routes.has_all("charges", _CHARGES):
            return ()
        return (await self.routes.backend("charges", _CHARGES).charges(order.order_id)).charges

    async def _sent_again(self, order: Order, *, but: str | None = None) -> Sequence[Money]:
        others = [line.line_id for line in order.lines if line.line_id != but]
        once_per = [{"order_id": order.order_id, "line_id": line_id} for line_id in others]
        rows = await self._rows("replacement", once_per, _UNDER_WAY | {CallState.DONE})
        return [row.amount for row in rows if row.amount is not None]

    async def _going_back(self, charges: Sequence[Charge]) -> Sequence[Money]:
        """Give what the ledger has under way and the books do not show yet."""
        once_per = [{"charge_id": each.charge_id} for each in charges]
        rows = await self._rows("refund", once_per, _UNDER_WAY)
        books = {each.charge_id: books_of(each) for each in charges}
        return [row.amount for row in rows if row.amount is not None and not _shown(row, books)]

    async def _rows(
        self, action: str, once_per: Iterable[Mapping[str, str]], states: frozenset[CallState]
    ) -> Sequence[CallRecord]:
        """Give those rows of the ledger that are in one of the states."""
        try:
            connector = self.routes.writing(action)
        except LookupError:
            return ()
        keys = [
            key
            for each in once_per
            for key in keys_of(connector=connector, action=action, once_per=each)
        ]
        rows = (await self.ledger(keys)).values() if keys else ()
        return [row for row in rows if row.state in states]


def marked(prepared: Prepared, why: str) -> Prepared:
    """Say in a wish that a colleague must look at it, and why."""
    return replace(prepared, summary=f"{prepared.summary}. {why}.", seen=f"{prepared.seen}{BEYOND}")


def is_beyond(seen: str) -> bool:
    """Whether a decision rests on more being given than the goods are worth."""
    return seen.endswith(BEYOND)


def _shown(row: CallRecord, books: Mapping[str, str]) -> bool:
    """Whether the books have moved since the refund was decided: then they show it."""
    try:
        wish, seen = stored(row)
    except MalformedError:
        return False
    return isinstance(wish, Refund) and books.get(wish.charge_id) != seen.removesuffix(BEYOND)


def _sum(amounts: Iterable[Money]) -> int:
    return sum(each.minor for each in amounts)
