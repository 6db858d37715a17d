"""The pretend shop: its rules, its keys, its failures, its books."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.shop import PretendShop, other_currency, wrong_json, wrong_order
from socialcare.sandbox.shop_seed import seed_orders


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def shop(clock: HandClock, tmp_path: Path) -> AsyncIterator[PretendShop]:
    async with PretendShop(clock=clock, path=tmp_path / "shop.db") as shop:
        await shop.seed()
        yield shop


@asynccontextmanager
async def session(shop: PretendShop) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {shop.token}"}
    async with aiohttp.ClientSession(shop.base_url, headers=headers) as client:
        yield client


async def get(shop: PretendShop, path: str, **query: str) -> tuple[int, Any]:
    async with session(shop) as client, client.get(path, params=query) as got:
        return got.status, await got.json()


async def post(shop: PretendShop, path: str, key: str | None, body: Any) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    async with (
        session(shop) as client,
        client.post(path, json=body, headers=headers) as got,
    ):
        return got.status, await got.json()


REFUND = {"charge": "ch_10293_2", "amount": "24.90", "currency": "GBP", "reason": "duplicate"}


async def test_orders_and_charges(shop: PretendShop, clock: HandClock) -> None:
    status, order = await get(shop, "/orders/A-10611")
    assert status == 200
    assert order["status"] == "shipped"
    assert order["tracking"]["expected"] == (clock.now() + timedelta(days=1)).date().isoformat()
    assert order["lines"][0]["amount"] == "119.00"
    assert (await get(shop, "/orders/%23a10611"))[1] == order
    assert (await get(shop, "/orders/A-99999"))[0] == 404
    _, told = await get(shop, "/orders/A-10293/charges")
    assert [charge["amount"] for charge in told["charges"]] == ["24.90", "24.90"]
    assert {charge["refunded"] for charge in told["charges"]} == {"0.00"}


async def test_only_with_the_token(shop: PretendShop) -> None:
    url = f"{shop.base_url}/orders/A-10293"
    async with aiohttp.ClientSession() as client, client.get(url) as got:
        assert got.status == 401


async def test_the_same_key_is_the_same_refund(shop: PretendShop) -> None:
    status, told = await post(shop, "/refunds", "k1", REFUND)
    assert (status, told["status"], told["amount"]) == (201, "done", "24.90")
    assert await post(shop, "/refunds", "k1", REFUND) == (201, told)
    assert (await post(shop, "/refunds", "k1", REFUND | {"amount": "1.00"}))[0] == 409
    assert (await get(shop, "/refunds", key="k1"))[1] == {"refunds": [told]}
    assert (await get(shop, "/refunds", key="k2"))[1] == {"refunds": []}
    assert [refund.amount for refund in await shop.refunds()] == [2490]
    assert [charge.refunded for charge in await shop.charges("A-10293")] == [0, 2490]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "24.91"},
        {"amount": "0"},
        {"amount": "1.001"},
        {"amount": "nan"},
        {"amount": None},
        {"currency": "EUR"},
        {"charge": "ch_0"},
    ],
)
async def test_refunds_that_are_refused(shop: PretendShop, change: dict[str, Any]) -> None:
    assert (await post(shop, "/refunds", "k1", REFUND | change))[0] == 422
    assert await shop.refunds() == ()
    assert (await post(shop, "/refunds", "k1", REFUND))[0] == 201


async def test_no_more_than_was_charged(shop: PretendShop) -> None:
    assert (await post(shop, "/refunds", "k1", REFUND | {"amount": "20.00"}))[0] == 201
    assert (await post(shop, "/refunds", "k2", REFUND | {"amount": "4.91"}))[0] == 422
    assert (await post(shop, "/refunds", "k3", REFUND | {"amount": "4.90"}))[0] == 201
    assert (await post(shop, "/refunds", None, REFUND))[0] == 400


async def test_at_once_is_one_refund(shop: PretendShop) -> None:
    answers = await asyncio.gather(*(post(shop, "/refunds", "k1", REFUND) for _ in range(5)))
    assert len(await shop.refunds()) == 1
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="answer_lost"),
        Fault(kind="status", status=500, after_effect=True),
    ],
)
async def test_done_but_not_said(shop: PretendShop, fault: Fault) -> None:
    shop.faults.next("refund", fault)
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await post(shop, "/refunds", "k1", REFUND)
    assert len(await shop.refunds()) == 1
    assert (await post(shop, "/refunds", "k1", REFUND))[0] == 201
    assert len(await shop.refunds()) == 1


@pytest.mark.parametrize("fault", [Fault(kind="reset"), Fault(kind="status")])
async def test_not_done(shop: PretendShop, fault: Fault) -> None:
    shop.faults.next("refund", fault)
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await post(shop, "/refunds", "k1", REFUND)
    assert await shop.refunds() == ()


async def test_orders_may_come_while_it_works(shop: PretendShop, clock: HandClock) -> None:
    async def order(number: int) -> None:
        (first, *_) = seed_orders(clock.now())
        await shop.enter(replace(first, id=f"A-7{number:04d}", lines=(), charges=()))

    answers = asyncio.gather(*(post(shop, "/refunds", f"key-{n}", REFUND) for n in range(10)))
    await asyncio.gather(*map(order, range(10)))
    statuses = [status for status, _ in await answers]
    assert (statuses.count(201), statuses.count(409) + statuses.count(422)) == (1, 9)
    assert (await get(shop, "/orders/A-70009"))[0] == 200


async def test_clients_that_give_up(shop: PretendShop) -> None:
    shop.faults.next("refund", Fault(kind="hang", after_effect=True))
    asking = asyncio.create_task(post(shop, "/refunds", "k1", REFUND))
    await shop.called("refund")
    asking.cancel()
    assert len(await shop.refunds()) == 1
    other = REFUND | {"charge": "ch_10293_1"}
    shop.faults.next("refund", Fault(kind="hang"))
    asking = asyncio.create_task(post(shop, "/refunds", "k2", other))
    await shop.faults.met("refund", times=2)
    asking.cancel()
    assert len(await shop.refunds()) == 1
    shop.faults.next("refund", Fault(kind="hang"))
    asking = asyncio.create_task(post(shop, "/refunds", "k2", other))
    await shop.faults.met("refund", times=3)
    shop.faults.release()
    assert (await asking)[0] == 201


async def test_wrong_answers(shop: PretendShop) -> None:
    shop.faults.next("order", wrong_order("A-10417"))
    assert (await get(shop, "/orders/A-10293"))[1]["id"] == "A-10417"
    shop.faults.next("charges", other_currency("USD"))
    _, told = await get(shop, "/orders/A-10293/charges")
    assert {charge["currency"] for charge in told["charges"]} == {"USD"}
    shop.faults.next("order", wrong_json())
    with pytest.raises(json.JSONDecodeError):
        await get(shop, "/orders/A-10293")
    shop.faults.next("order", Fault(kind="too_many", retry_after=7))
    assert (await get(shop, "/orders/A-10293"))[0] == 429


async def test_pending_refunds_settle_later(shop: PretendShop, clock: HandClock) -> None:
    shop.next_refund_pending(for_s=60)
    shop.next_refund_pending()
    _, told = await post(shop, "/refunds", "k1", REFUND)
    assert told["status"] == "pending"
    _, other = await post(shop, "/refunds", "k2", REFUND | {"charge": "ch_10293_1"})
    clock.advance(61)
    assert (await get(shop, "/refunds", key="k1"))[1]["refunds"][0]["status"] == "done"
    assert (await get(shop, "/refunds", key="k2"))[1]["refunds"][0]["status"] == "pending"
    await shop.settle(other["id"], "failed")
    assert [charge.refunded for charge in await shop.charges("A-10293")] == [0, 2490]


async def test_a_shop_without_idempotency(shop: PretendShop) -> None:
    shop.ignore_keys = True
    half = REFUND | {"amount": "10.00"}
    await post(shop, "/refunds", "k1", half)
    await post(shop, "/refunds", "k1", half)
    assert len((await get(shop, "/refunds", key="k1"))[1]["refunds"]) == 2
    shop.forget_keys = True
    await post(shop, "/refunds", "k2", half | {"amount": "1.00"})
    assert (await get(shop, "/refunds", key="k2"))[1]["refunds"] == []


async def test_replacements(shop: PretendShop, clock: HandClock) -> None:
    body = {"order": "A-10845", "lines": ["A-10845-1"]}
    status, told = await post(shop, "/replacements", "r1", body)
    assert status == 201
    assert told["promised_for"] == (clock.now() + timedelta(days=2)).date().isoformat()
    assert await post(shop, "/replacements", "r1", body) == (201, told)
    assert (await get(shop, "/replacements", key="r1"))[1]["replacements"] == [told]
    assert (await post(shop, "/replacements", "r2", body | {"lines": ["x"]}))[0] == 422
    assert (await post(shop, "/replacements", "r3", body | {"by": "2020-01-01"}))[0] == 422
    assert [each.lines for each in await shop.replacements()] == [("A-10845-1",)]
    query = {"sku": "FLASK-1L", "postcode": "CF10 1EP"}
    assert (await get(shop, "/fulfilment/promise", **query))[1]["earliest"] == told["promised_for"]
    assert (await get(shop, "/fulfilment/promise", sku="x", postcode="y"))[0] == 404


async def test_the_books_outlive_the_shop(clock: HandClock, tmp_path: Path) -> None:
    async with PretendShop(clock=clock, path=tmp_path / "shop.db") as shop:
        await shop.seed()
        await post(shop, "/refunds", "k1", REFUND)
    async with PretendShop(clock=clock, path=tmp_path / "shop.db") as shop:
        await shop.seed()
        assert len(await shop.refunds()) == 1
        assert (await post(shop, "/refunds", "k1", REFUND))[0] == 201
        assert [call.route for call in shop.calls] == ["refund"]


def test_the_seed_has_every_story(clock: HandClock) -> None:
    orders = {order.id: order for order in seed_orders(clock.now())}
    assert len(orders["A-10293"].charges) == 2
    assert len(orders["A-10417"].charges) == 1
    assert orders["A-10502"].charges[0].amount == 18000
    assert orders["A-10777"].charges[0].amount > 50000
    assert len(orders["A-10845"].lines) == 2
    assert all(charge.amount > 5000 for charge in orders["A-10930"].charges)
    for order in orders.values():
        assert {charge.amount for charge in order.charges} == {sum(x.amount for x in order.lines)}
