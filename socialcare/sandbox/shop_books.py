"""The pretend shop's books: one SQLite file, money in integer minor units."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal

import aiosqlite

from conversation.clock import Clock
from socialcare.sandbox.shop_seed import Order

Json = dict[str, Any]

_TABLES: Final = """
create table if not exists orders (
    id text primary key, customer_id text not null, email text not null, postcode text not null,
    status text not null, placed text not null, tracking text
) strict;
create table if not exists lines (
    id text primary key, order_id text not null references orders, sku text not null,
    title text not null, quantity integer not null, amount integer not null, currency text not null
) strict;
create table if not exists charges (
    id text primary key, order_id text not null references orders, amount integer not null,
    currency text not null, created text not null
) strict;
create table if not exists refunds (
    number integer primary key, charge_id text not null references charges,
    amount integer not null, currency text not null, reason text not null, key text,
    created text not null, status text not null, settles_at text
) strict;
create table if not exists replacements (
    number integer primary key, order_id text not null references orders, lines text not null,
    by text, key text, created text not null, status text not null, promised_for text not null
) strict;
create table if not exists answers (
    route text not null, key text not null, asked text not null, status integer not null,
    answer text not null, primary key (route, key)
) strict;
"""
_NO_MINOR_UNITS: Final = frozenset({"JPY", "KRW"})
_TOLD_AGAIN: Final = "the same key came with another body"

RefundState = Literal["done", "pending", "failed"]


class ShopRefusalError(Exception):
    """The shop says no, with an HTTP status."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund in the books; `amount` in minor units."""

    id: str
    charge: str
    amount: int
    currency: str
    reason: str
    key: str | None
    status: RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A replacement in the books."""

    id: str
    order: str
    lines: tuple[str, ...]
    key: str | None
    status: str
    promised_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCharge:
    """A charge in the books; amounts in minor units."""

    id: str
    order: str
    amount: int
    currency: str
    created: str
    refunded: int


def major(amount: int, currency: str) -> str:
    """Write minor units as a decimal string: 2490 GBP is `24.90`."""
    if currency in _NO_MINOR_UNITS:
        return str(amount)
    return f"{Decimal(amount) / 100:.2f}"


def minor(amount: Any, currency: str) -> int:
    """Read an amount in major units.

    Raises:
        ShopRefusalError: 422 for what is no positive amount of that currency.
    """
    try:
        exact = Decimal(str(amount)) * (1 if currency in _NO_MINOR_UNITS else 100)
        whole = int(exact)
    except (InvalidOperation, ValueError, OverflowError):
        raise ShopRefusalError(422, "amount is not a number") from None
    if whole <= 0 or whole != exact:
        raise ShopRefusalError(422, "amount must be positive, in whole minor units")
    return whole


class Books:
    """Reading and writing the file; one connection, one writer."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._db: aiosqlite.Connection | None = None
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Open the file, with its tables."""
        # Autocommit, so that each transaction is begun and ended by name.
        self._db = await aiosqlite.connect(self._path, isolation_level=None)
        self._db.row_factory = aiosqlite.Row
        await self._db.executescript(f"begin; {_TABLES}; commit;")

    async def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def rows(self, sql: str, *values: Any) -> list[aiosqlite.Row]:
        """Read."""
        return list(await self._open_db().execute_fetchall(sql, values))

    async def write(self, sql: str, *values: Any) -> int:
        """Write one row; gives its number."""
        cursor = await self._open_db().execute(sql, values)
        return int(cursor.lastrowid or 0)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Write in one transaction, one after the other; what fails is forgotten."""
        async with self._writing:
            await self._open_db().execute("begin immediate")
            kept = False
            try:
                yield
                kept = True
            finally:
                await self._open_db().execute("commit" if kept else "rollback")

    def _open_db(self) -> aiosqlite.Connection:
        if self._db is None:
            raise RuntimeError("the shop is closed")
        return self._db

    async def enter(self, orders: Iterable[Order]) -> None:
        """Enter orders, all in one commit; those already there stay as they are."""
        async with self.transaction():
            await self._enter(orders)

    async def _enter(self, orders: Iterable[Order]) -> None:
        for order in orders:
            tracking = order.tracking
            parcel = tracking and {
                "carrier": tracking.carrier,
                "number": tracking.number,
                "url": tracking.url,
                "expected": tracking.expected,
            }
            await self.write(
                "insert or ignore into orders values (?, ?, ?, ?, ?, ?, ?)",
                order.id,
                order.customer_id,
                order.email,
                order.postcode,
                order.status,
                order.placed.isoformat(),
                json.dumps(parcel) if parcel else None,
            )
            for line in order.lines:
                await self.write(
                    "insert or ignore into lines values (?, ?, ?, ?, ?, ?, ?)",
                    line.id,
                    order.id,
                    line.sku,
                    line.title,
                    line.quantity,
                    line.amount,
                    order.currency,
                )
            for charge in order.charges:
                await self.write(
                    "insert or ignore into charges values (?, ?, ?, ?, ?)",
                    charge.id,
                    order.id,
                    charge.amount,
                    order.currency,
                    charge.created.isoformat(),
                )

    async def order(self, order_id: str) -> Json:
        """Give an order as the shop's interface shows it."""
        found = await self.rows("select * from orders where id = ?", order_id)
        if not found:
            raise ShopRefusalError(404, "no such order")
        row = found[0]
        lines = await self.rows("select * from lines where order_id = ? order by id", order_id)
        return {
            **{name: row[name] for name in ("id", "customer_id", "email", "postcode", "status")},
            "placed": row["placed"],
            "lines": [
                {
                    **{name: line[name] for name in ("id", "sku", "title", "quantity")},
                    "amount": major(line["amount"], line["currency"]),
                    "currency": line["currency"],
                }
                for line in lines
            ],
            "tracking": json.loads(row["tracking"]) if row["tracking"] else None,
        }

    async def charges(self, order_id: str | None = None) -> tuple[BookedCharge, ...]:
        """Give the charges, of one order or all."""
        refunded: dict[str, int] = {}
        for refund in await self.refunds():
            if refund.status != "failed":
                refunded[refund.charge] = refunded.get(refund.charge, 0) + refund.amount
        rows = await self.rows(
            "select * from charges where ? is null or order_id = ? order by created, id",
            order_id,
            order_id,
        )
        return tuple(
            BookedCharge(
                id=row["id"],
                order=row["order_id"],
                amount=row["amount"],
                currency=row["currency"],
                created=row["created"],
                refunded=refunded.get(row["id"], 0),
            )
            for row in rows
        )

    async def refunds(self) -> tuple[Refund, ...]:
        """Give the refunds, oldest first, each as it stands now."""
        now = self._clock.now().isoformat()
        return tuple(
            Refund(
                id=f"re_{row['number']:05d}",
                charge=row["charge_id"],
                amount=row["amount"],
                currency=row["currency"],
                reason=row["reason"],
                key=row["key"],
                status="done"
                if row["status"] == "pending" and row["settles_at"] and row["settles_at"] <= now
                else row["status"],
            )
            for row in await self.rows("select * from refunds order by number")
        )

    async def refund(
        self, asked: Mapping[str, Any], key: str | None, settles_in_s: float | None
    ) -> Refund:
        """Enter a refund.

        Args:
            asked: charge, amount, currency, reason.
            key: what it can be found by.
            settles_in_s: how long it stays pending; None settles at once, infinity never.
        """
        by_id = {charge.id: charge for charge in await self.charges()}
        charge = by_id.get(str(asked.get("charge")))
        if charge is None:
            raise ShopRefusalError(422, "no such charge")
        if asked.get("currency") != charge.currency:
            raise ShopRefusalError(422, f"the charge is in {charge.currency}")
        amount = minor(asked.get("amount"), charge.currency)
        if amount + charge.refunded > charge.amount:
            raise ShopRefusalError(422, "more than is left of the charge")
        now = self._clock.now()
        settles_at: datetime | None = None
        if settles_in_s is not None and settles_in_s != float("inf"):
            settles_at = now + timedelta(seconds=settles_in_s)
        number = await self.write(
            "insert into refunds (charge_id, amount, currency, reason, key, created, status,"
            " settles_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
            charge.id,
            amount,
            charge.currency,
            str(asked.get("reason") or ""),
            key,
            now.isoformat(),
            "done" if settles_in_s is None else "pending",
            settles_at.isoformat() if settles_at else None,
        )
        return next(each for each in await self.refunds() if each.id == f"re_{number:05d}")

    async def settle(self, refund_id: str, status: RefundState) -> None:
        """End a pending refund."""
        number = int(refund_id.removeprefix("re_"))
        async with self.transaction():
            await self.write("update refunds set status = ? where number = ?", status, number)

    async def replacements(self) -> tuple[Replacement, ...]:
        """Give the replacements, oldest first."""
        return tuple(
            Replacement(
                id=f"rp_{row['number']:05d}",
                order=row["order_id"],
                lines=tuple(json.loads(row["lines"])),
                key=row["key"],
                status=row["status"],
                promised_for=row["promised_for"],
            )
            for row in await self.rows("select * from replacements order by number")
        )

    async def replace(self, asked: Mapping[str, Any], key: str | None, promise: str) -> Replacement:
        """Enter a replacement of some lines of an order, promised for that ISO date."""
        try:
            order = await self.order(str(asked.get("order")))
        except ShopRefusalError:
            raise ShopRefusalError(422, "no such order") from None
        lines = asked.get("lines")
        known = {line["id"] for line in order["lines"]}
        if not isinstance(lines, list) or not lines or not set(map(str, lines)) <= known:
            raise ShopRefusalError(422, "no such lines in the order")
        by = asked.get("by")
        if by is not None and str(by)[:10] < promise:
            raise ShopRefusalError(422, f"not before {promise}")
        number = await self.write(
            "insert into replacements (order_id, lines, by, key, created, status, promised_for)"
            " values (?, ?, ?, ?, ?, 'done', ?)",
            order["id"],
            json.dumps(lines),
            str(by) if by is not None else None,
            key,
            self._clock.now().isoformat(),
            promise,
        )
        return next(each for each in await self.replacements() if each.id == f"rp_{number:05d}")

    async def answered(self, route: str, key: str, asked: Json) -> tuple[int, Json] | None:
        """Find what this key was answered before.

        Raises:
            ShopRefusalError: 409 where the key came with another body.
        """
        found = await self.rows("select * from answers where route = ? and key = ?", route, key)
        if not found:
            return None
        if found[0]["asked"] != _digest(asked):
            raise ShopRefusalError(409, _TOLD_AGAIN)
        return int(found[0]["status"]), json.loads(found[0]["answer"])

    async def remember(self, route: str, key: str, asked: Json, status: int, answer: Json) -> None:
        """Keep an answer for whoever asks with the same key again."""
        await self.write(
            "insert into answers values (?, ?, ?, ?, ?)",
            route,
            key,
            _digest(asked),
            status,
            json.dumps(answer),
        )


def _digest(asked: Json) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
