"""The pretend shop: `async with PretendShop(clock=clock, path=file) as shop: shop.base_url`.

HTTP over the books of `shop_books`: orders, charges, refunds, replacements, delivery promises,
behind a bearer token. Amounts are decimal strings in major units. `faults.next("refund",
Fault(...))` spoils a route by its name (`order`, `charges`, `refund`, `find_refund`,
`replacement`, `find_replacement`, `promise`); `after_effect=True` does the work first.
"""

import asyncio
import hmac
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan, answered
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.shop_books import (
    BookedCharge,
    Books,
    Refund,
    RefundState,
    Replacement,
    ShopRefusalError,
    major,
)
from socialcare.sandbox.shop_seed import Order, seed_orders
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
CALLS_MAX: Final = 10_000
KEY_MAX: Final = 255
_ORDER_ID = re.compile(r"#?([A-Z])-?(\d{5,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the shop's interface, and what it was told."""

    route: str
    path: str
    key: str | None
    asked: Json
    status: int
    answer: Json
    at: datetime


def wrong_json(status: int = 200) -> Fault:
    """Answer with something that is no JSON."""
    return Fault(kind="status", status=status, body='{"id": "re_', content_type="application/json")


def wrong_order(order_id: str = "A-99999") -> Fault:
    """Answer about another order than was asked for."""
    return Fault(kind="twist", twist=lambda answer: {**answer, "id": order_id})


def other_currency(currency: str = "EUR") -> Fault:
    """Answer with every amount in another currency."""

    def bent(value: Any) -> Any:
        if isinstance(value, list):
            return [bent(each) for each in value]
        if isinstance(value, dict):
            turned = {key: bent(each) for key, each in value.items()}
            return turned | ({"currency": currency} if "currency" in turned else {})
        return value

    return Fault(kind="twist", twist=bent)


class PretendShop:
    """Northwind Outfitters' shop and billing, as a connector meets them."""

    def __init__(
        self,
        *,
        clock: Clock,
        path: Path,
        token: str = "shop-stand-in",  # noqa: S107 - opens nothing but this stand-in
        port: int = 0,
    ) -> None:
        self.token = token
        self.faults = FaultPlan()
        self.changes = Changes()
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.ignore_keys = False
        """Act on every call again, whatever its key; refunds can still be found by it."""
        self.forget_keys = False
        """Keep no key either: nothing is ever found by it."""
        self.promise_days = (2, 4)
        """How many days from now fulfilment promises a delivery: earliest and latest."""
        self._clock = clock
        self._books = Books(path, clock)
        self._settling: deque[float] = deque()
        self._work: set[asyncio.Task[web.Response]] = set()
        self._server = LocalServer(
            [
                web.get("/orders/{order_id}", self._route("order", self._order)),
                web.get("/orders/{order_id}/charges", self._route("charges", self._charges)),
                web.post("/refunds", self._route("refund", self._refund)),
                web.get("/refunds", self._route("find_refund", self._find_refund)),
                web.post("/replacements", self._route("replacement", self._replace)),
                web.get("/replacements", self._route("find_replacement", self._find_replacement)),
                web.get("/fulfilment/promise", self._route("promise", self._promise)),
            ],
            port=port,
        )

    async def __aenter__(self) -> Self:
        await self._books.open()
        await self._server.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.faults.release()
        await self._server.stop()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._books.close()

    @property
    def base_url(self) -> str:
        """Where the shop is served, without a slash at the end."""
        return self._server.url

    async def seed(self, now: datetime | None = None) -> tuple[Order, ...]:
        """Enter the believable orders of `shop_seed`."""
        orders = seed_orders(now or self._clock.now())
        await self.enter(*orders)
        return orders

    async def enter(self, *orders: Order) -> None:
        """Enter orders of one's own."""
        await self._books.enter(orders)
        self.changes.tell()

    async def go_down(self) -> None:
        """Refuse connections."""
        await self._server.stop()

    async def come_back(self) -> None:
        """Serve again, under the same address."""
        await self._server.start()

    def next_refund_pending(self, *, for_s: float = float("inf")) -> None:
        """Let the next refund be `pending`, and `done` after so many seconds on the clock."""
        self._settling.append(for_s)

    async def settle(self, refund_id: str, status: RefundState = "done") -> None:
        """End a pending refund by hand."""
        await self._books.settle(refund_id, status)

    async def refunds(self) -> tuple[Refund, ...]:
        """Give every refund in the books."""
        return await self._books.refunds()

    async def replacements(self) -> tuple[Replacement, ...]:
        """Give every replacement in the books."""
        return await self._books.replacements()

    async def orders(self) -> tuple[Json, ...]:
        """Give every order as the shop's interface shows it, oldest first."""
        rows = await self._books.rows("select id from orders order by placed, id")
        return tuple([await self._books.order(row["id"]) for row in rows])

    async def charges(self, order_id: str) -> tuple[BookedCharge, ...]:
        """Give the charges of an order with what is refunded of each."""
        return await self._books.charges(order_id)

    async def called(self, route: str, *, times: int = 1, timeout: float = 10.0) -> Call:  # noqa: ASYNC109 - the watcher's patience
        """Wait until a route did its work so many times in all; gives the last of these calls."""

        def look() -> Call | None:
            made = [call for call in self.calls if call.route == route]
            return made[times - 1] if len(made) >= times else None

        return await self.changes.until(
            look,
            patience_s=timeout,
            expected=lambda: f"{times} calls of {route} among {[c.route for c in self.calls]}",
        )

    def _route(
        self, name: str, work: Callable[[web.Request, Json], Awaitable[tuple[int, Json]]]
    ) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            async def effect() -> web.Response:
                # What a client asked for is done even if it no longer waits for the answer.
                task = asyncio.create_task(self._worked(name, request, work))
                self._work.add(task)
                task.add_done_callback(self._work.discard)
                return await asyncio.shield(task)

            await request.read()
            return await answered(
                request,
                fault=self.faults.take(name),
                plan=self.faults,
                clock=self._clock,
                effect=effect,
                refusal=_spoiled,
            )

        return serve

    async def _worked(
        self,
        name: str,
        request: web.Request,
        work: Callable[[web.Request, Json], Awaitable[tuple[int, Json]]],
    ) -> web.Response:
        asked: Json = {}
        try:
            self._admit(request)
            asked = await _asked(request)
            status, answer = await work(request, asked)
        except ShopRefusalError as refusal:
            status, answer = refusal.status, {"error": refusal.error}
        self.calls.append(
            Call(
                route=name,
                path=request.path_qs,
                key=request.headers.get("Idempotency-Key"),
                asked=asked,
                status=status,
                answer=answer,
                at=self._clock.now(),
            )
        )
        self.changes.tell()
        return web.json_response(answer, status=status)

    def _admit(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            raise ShopRefusalError(401, "wrong token")

    async def _order(self, request: web.Request, _asked: Json) -> tuple[int, Json]:
        return 200, await self._books.order(_order_id(request))

    async def _charges(self, request: web.Request, _asked: Json) -> tuple[int, Json]:
        order = await self._books.order(_order_id(request))
        return 200, {
            "charges": [
                {
                    "id": charge.id,
                    "amount": major(charge.amount, charge.currency),
                    "currency": charge.currency,
                    "created": charge.created,
                    "refunded": major(charge.refunded, charge.currency),
                }
                for charge in await self._books.charges(order["id"])
            ]
        }

    async def _refund(self, request: web.Request, asked: Json) -> tuple[int, Json]:
        async def enter(key: str | None) -> Json:
            settles = self._settling[0] if self._settling else None
            refund = await self._books.refund(asked, key, settles)
            if self._settling:
                self._settling.popleft()
            return _refund_told(refund)

        return await self._once("refund", request, asked, enter)

    async def _replace(self, request: web.Request, asked: Json) -> tuple[int, Json]:
        async def enter(key: str | None) -> Json:
            earliest, _ = self._promised()
            return _replacement_told(await self._books.replace(asked, key, earliest))

        return await self._once("replacement", request, asked, enter)

    async def _once(
        self,
        route: str,
        request: web.Request,
        asked: Json,
        enter: Callable[[str | None], Awaitable[Json]],
    ) -> tuple[int, Json]:
        key = request.headers.get("Idempotency-Key")
        if not key or len(key) > KEY_MAX:
            raise ShopRefusalError(400, "Idempotency-Key is missing or too long")
        # What is refused is not remembered: nothing was done.
        async with self._books.transaction():
            known = None if self._heedless else await self._books.answered(route, key, asked)
            if known is not None:
                return known
            answer = await enter(None if self.forget_keys else key)
            if not self._heedless:
                await self._books.remember(route, key, asked, 201, answer)
        return 201, answer

    @property
    def _heedless(self) -> bool:
        return self.ignore_keys or self.forget_keys

    async def _find_refund(self, request: web.Request, _asked: Json) -> tuple[int, Json]:
        key = request.query.get("key")
        found = [each for each in await self._books.refunds() if key and each.key == key]
        return 200, {"refunds": list(map(_refund_told, found))}

    async def _find_replacement(self, request: web.Request, _asked: Json) -> tuple[int, Json]:
        key = request.query.get("key")
        found = [each for each in await self._books.replacements() if key and each.key == key]
        return 200, {"replacements": list(map(_replacement_told, found))}

    async def _promise(self, request: web.Request, _asked: Json) -> tuple[int, Json]:
        sku, postcode = request.query.get("sku"), request.query.get("postcode")
        if not sku or not postcode:
            raise ShopRefusalError(422, "sku and postcode are needed")
        if not await self._books.rows("select 1 from lines where sku = ?", sku):
            raise ShopRefusalError(404, "no such sku")
        earliest, latest = self._promised()
        return 200, {"earliest": earliest, "latest": latest}

    def _promised(self) -> tuple[str, str]:
        today = self._clock.now().date()
        earliest, latest = (today + timedelta(days=days) for days in self.promise_days)
        return earliest.isoformat(), latest.isoformat()


def _order_id(request: web.Request) -> str:
    asked = request.match_info["order_id"]
    found = _ORDER_ID.fullmatch(asked)
    return f"{found.group(1).upper()}-{found.group(2)}" if found else asked


async def _asked(request: web.Request) -> Json:
    if request.method != "POST":
        return dict(request.query)
    try:
        asked = await request.json()
    except ValueError:
        raise ShopRefusalError(400, "the body is no JSON") from None
    if not isinstance(asked, dict):
        raise ShopRefusalError(400, "the body is no object")
    return asked


def _refund_told(refund: Refund) -> Json:
    return {
        "id": refund.id,
        "charge": refund.charge,
        "amount": major(refund.amount, refund.currency),
        "currency": refund.currency,
        "status": refund.status,
    }


def _replacement_told(replacement: Replacement) -> Json:
    return {
        "id": replacement.id,
        "order": replacement.order,
        "lines": list(replacement.lines),
        "status": replacement.status,
        "promised_for": replacement.promised_for,
    }


def _spoiled(fault: Fault) -> web.Response:
    if fault.kind == "too_many":
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return web.json_response({"error": "too many requests"}, status=429, headers=headers)
    return web.json_response({"error": fault.error})
