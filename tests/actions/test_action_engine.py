"""The gate to the brand's systems, against a pretend shop that keeps the connector's contract."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import (
    AwaitingSignOff,
    Call,
    CallContext,
    Done,
    Failed,
    Known,
    NeedsSignOff,
    Permitted,
    Refusal,
    Refused,
    Unknown,
)
from actions.connectors.contract import (
    Argument,
    BadAnswer,
    ConnectorError,
    Lost,
    NotFound,
    Rejected,
    Unreachable,
)
from actions.engine import Engine
from actions.ledger_keys import GENERATIONS_MAX
from actions.ports import OrderView, RefundResult
from config.money import Money
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.ceilings import Ceiling, Used, and_one
from conversation.clock import SystemClock
from conversation.events import Proof
from conversation.ledger import CallRecord, CallState, may_move

ORDER = "A-10293"
MINE = (Proof(order_id=ORDER, level="order_email"),)


def order_of(order_id: str, email: str) -> dict[str, Any]:
    line = {"line_id": "1", "sku": "BOOT", "title": "Boots", "quantity": 2}
    return {
        "order_id": order_id,
        "customer_id": "c1",
        "email": email,
        "postcode": "SW1A 1AA",
        "status": "shipped",
        "placed_at": "2026-11-01T10:00:00Z",
        "lines": [{**line, "amount": "20.00", "currency": "GBP"}],
        "tracking": {"number": "TRK1"},
    }


def charge(charge_id: str, amount: str, currency: str = "GBP") -> dict[str, Any]:
    return {"charge_id": charge_id, "amount": amount, "currency": currency, "refunded": "0"}


@dataclass(kw_only=True)
class Shop:
    """Orders, charges and what was done to them; each operation may have one fault in store."""

    orders: dict[str, Any] = field(
        default_factory=lambda: {
            ORDER: order_of(ORDER, "ann@example.com"),
            "B-20001": order_of("B-20001", "bob@example.com"),
        }
    )
    charges: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            ORDER: [charge("ch_1", "24.90"), charge("ch_2", "300"), charge("ch_9", "900")],
            "B-20001": [charge("ch_b", "10.00"), charge("ch_e", "5.00", "EUR")],
        }
    )
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    given_back: list[tuple[str, Money]] = field(default_factory=list)
    status: str = "done"
    before: dict[str, ConnectorError] = field(default_factory=dict)
    """Raised instead of doing it."""
    after: dict[str, ConnectorError] = field(default_factory=dict)
    """Raised when it is done."""
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def ask(
        self, operation: str, arguments: Mapping[str, Argument], *, key: str | None = None
    ) -> object:
        self.asked.append(operation)
        if operation in self.before:
            raise self.before[operation]
        answer = self._answer(operation, arguments, key)
        if operation in self.after:
            raise self.after[operation]
        return self.answers.get(operation, answer)

    def _answer(self, operation: str, arguments: Mapping[str, Argument], key: str | None) -> object:
        order_id = str(arguments.get("order_id"))
        match operation:
            case "order" if order_id in self.orders:
                return self.orders[order_id]
            case "charges":
                return self.charges.get(order_id, [])
            case "promise":
                return {"earliest": "2026-11-20", "latest": "2026-11-23"}
            case "find_refund" | "find_replacement" if key in self.done:
                return self.done[str(key)]
            case "refund" | "replacement":
                return self._do(operation, arguments, str(key))
            case _:
                raise NotFound(operation)

    def _do(self, operation: str, arguments: Mapping[str, Argument], key: str) -> object:
        if key not in self.done:
            if operation == "refund":
                self._give_back(arguments)
            made = {"status": self.status, "promised_for": "2026-11-20"}
            self.done[key] = made | {f"{operation}_id": f"re_{len(self.done)}"}
        return self.done[key]

    def _give_back(self, arguments: Mapping[str, Argument]) -> None:
        charge_id = str(arguments["charge_id"])
        money = Money.from_major(str(arguments["amount"]), str(arguments["currency"]))
        self.given_back.append((charge_id, money))
        for each in (one for many in self.charges.values() for one in many):
            if each["charge_id"] == charge_id:
                before = Money.from_major(str(each["refunded"]), each["currency"])
                each["refunded"] = f"{(before + money).major:f}"


@dataclass(kw_only=True)
class Book:
    """The ledger as the store keeps it."""

    rows: dict[str, CallRecord] = field(default_factory=dict)

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, CallRecord]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    async def used(self, ceilings: Sequence[Ceiling], *, key: str) -> Sequence[Used]:
        begun = {CallState.ALLOWED, CallState.EXECUTING, CallState.DONE, CallState.UNKNOWN}
        rows = [r for r in self.rows.values() if r.key != key and r.state in begun]
        told = []
        for one in ceilings:
            had = Used()
            for row in rows:
                had = and_one(one, had, row.amount) if row.action == one.action else had
            told.append(had)
        return told

    def commit(self, row: CallRecord, state: CallState, **changes: Any) -> CallRecord:
        old = self.rows.get(row.key)
        assert may_move(old.state if old else None, state)
        self.rows[row.key] = replace(row, state=state, **changes)
        return self.rows[row.key]


@dataclass(kw_only=True)
class Counter:
    """An engine with its shop and ledger, and the caller's part of the work."""

    shop: Shop = field(default_factory=Shop)
    book: Book = field(default_factory=Book)
    limits: dict[str, Any] = field(
        default_factory=lambda: {
            "refund": {"autonomous_up_to": "50 GBP", "sign_off_up_to": "500 GBP"},
            "replacement": {"autonomous_up_to": "40 GBP"},
        }
    )

    @property
    def engine(self) -> Engine:
        tree = {
            "brand": {"name": "Northwind"},
            "connectors": {"shop": {"kind": "demo"}},
            "actions": self.limits,
        }
        return Engine(
            settings=Settings.model_validate(tree),
            connectors={"shop": self.shop},
            clock=SystemClock(),
            ledger=self.book.look_up,
            used=self.book.used,
        )

    async def run(self, call: Call, context: CallContext) -> Any:
        """Judge, commit, execute, commit: what a turn does."""
        judged = await self.engine.judge(call, context)
        if not isinstance(judged, Permitted):
            return judged
        if judged.record.key not in self.book.rows or (
            self.book.rows[judged.record.key].state is CallState.REFUSED
        ):
            self.book.commit(judged.record, CallState.ALLOWED)
        row = self.book.commit(judged.record, CallState.EXECUTING)
        outcome = await self.engine.execute(row)
        self.note(row, outcome)
        return outcome

    def note(self, row: CallRecord, outcome: object) -> None:
        match outcome:
            case Done():
                text = outcome.result.model_dump_json()
                self.book.commit(row, CallState.DONE, result=text)
            case Failed() | Refused():
                self.book.commit(row, CallState.FAILED)
            case Unknown():
                self.book.commit(row, CallState.UNKNOWN, why=outcome.why)
            case _:
                raise AssertionError(outcome)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def context(
    *,
    stage: Stage = Stage.AUTONOMOUS,
    surface: Surface = Surface.PRIVATE,
    proofs: tuple[Proof, ...] = MINE,
    conversation: str = "c1",
) -> CallContext:
    return CallContext(
        conversation=conversation,
        customer="u_1",
        channel="telegram",
        turn="t1",
        stage=stage,
        surface=surface,
        proofs=proofs,
    )


def refund(charge_id: str = "ch_1", amount: object = "24.90", **more: object) -> Call:
    args = {"order_id": ORDER, "charge_id": charge_id, "amount": amount, "currency": "GBP"}
    return Call(action="refund", args=args | {"reason": "damaged"} | more)


def replacement(**more: object) -> Call:
    args = {"order_id": ORDER, "line_id": "1", "by": "2026-11-20", "reason": "lost"}
    return Call(action="replacement", args=args | more)


async def test_a_refund_within_limits_is_done_once_however_often_it_is_wished(
    counter: Counter,
) -> None:
    first = await counter.run(refund(), context())
    second = await counter.run(refund(amount=24.89), context(conversation="c2"))

    assert isinstance(first, Done)
    assert isinstance(first.result, RefundResult)
    assert not first.repeated
    assert isinstance(second, Done)
    assert second.repeated
    assert second.key == first.key
    assert second.call.args["amount"] == "24.90"
    assert counter.shop.given_back == [("ch_1", Money(2490, "GBP"))]


async def test_the_ledger_row_says_what_will_be_done(counter: Counter) -> None:
    judged = await counter.engine.judge(refund(amount=24.9), context())

    assert isinstance(judged, Permitted)
    assert judged.record.summary == f"Refund 24.90 GBP of charge ch_1 (order {ORDER})"
    assert judged.record.amount == Money(2490, "GBP")
    assert judged.record.connector == "shop"
    assert judged.record.state is CallState.ALLOWED


@pytest.mark.parametrize(
    ("call", "stage", "expected"),
    [
        (refund("ch_2", "50"), Stage.AUTONOMOUS, Permitted),
        (refund("ch_2", "50.01"), Stage.AUTONOMOUS, NeedsSignOff),
        (refund("ch_9", "500"), Stage.AUTONOMOUS, NeedsSignOff),
        (refund("ch_1", "1"), Stage.COPILOT, NeedsSignOff),
        (replacement(), Stage.AUTONOMOUS, Permitted),
        (replacement(), Stage.COPILOT, NeedsSignOff),
    ],
)
async def test_limits_decide_who_does_it(
    counter: Counter, call: Call, stage: Stage, expected: type
) -> None:
    assert isinstance(await counter.engine.judge(call, context(stage=stage)), expected)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (refund("ch_9", "500.01"), Refusal.ABOVE_LIMIT),
        (refund("ch_1", "24.91"), Refusal.ABOVE_LIMIT),
        (refund("ch_b", "10"), Refusal.NOT_FOUND),
        (refund(currency="EUR"), Refusal.BAD_ANSWER),
        (refund(amount="NaN"), Refusal.INVALID),
        (refund(amount=float("nan")), Refusal.INVALID),
        (refund(amount=float("inf")), Refusal.INVALID),
        (refund(amount=-1), Refusal.INVALID),
        (refund(amount=0), Refusal.INVALID),
        (refund(amount=True), Refusal.INVALID),
        (refund(amount=1e12), Refusal.ABOVE_LIMIT),
        (refund(amount="1e99"), Refusal.INVALID),
        (refund(amount=10**6000), Refusal.INVALID),
        (refund(amount="24.999"), Refusal.INVALID),
        (refund(amount={"minor": 1}), Refusal.INVALID),
        (refund(approved=True), Refusal.INVALID),
        (refund(seen="0"), Refusal.INVALID),
        (refund(reason="x" * 201), Refusal.INVALID),
        (refund(order_id="\ud800"), Refusal.INVALID),
        (refund(order_id="x" * 10_000), Refusal.INVALID),
        (replacement(line_id="7"), Refusal.NOT_FOUND),
        (replacement(by="soon"), Refusal.INVALID),
        (Call(action="refund", args={}), Refusal.INVALID),
        (Call(action="delete_shop", args={}), Refusal.UNKNOWN_ACTION),
    ],
)
async def test_what_is_not_right_is_refused(counter: Counter, call: Call, reason: Refusal) -> None:
    judged = await counter.engine.judge(call, context())

    assert isinstance(judged, Refused)
    assert judged.reason is reason


async def test_what_is_above_every_sign_off_is_refused_with_its_amount(counter: Counter) -> None:
    judged = await counter.engine.judge(refund("ch_9", "900"), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.ABOVE_LIMIT
    assert "900.00 GBP" in judged.detail


async def test_a_charge_that_went_back_has_nothing_left(counter: Counter) -> None:
    counter.shop.charges[ORDER][0]["refunded"] = "24.90"

    judged = await counter.engine.judge(refund(amount="1"), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOTHING_LEFT


async def test_a_limit_over_time_that_is_used_up_makes_a_colleague_sign(counter: Counter) -> None:
    counter.limits["refund"]["per_customer"] = {"window": "30d", "total": "30 GBP"}
    first = await counter.run(refund("ch_1", "24.90"), context())
    assert isinstance(first, Done)
    again = await counter.run(refund("ch_1", "24.90"), context())
    assert isinstance(again, Done), "the same wish is not had twice"
    counter.shop.charges[ORDER].append(charge("ch_3", "5.11"))
    judged = await counter.engine.judge(refund("ch_3", "5.11"), context())
    assert isinstance(judged, NeedsSignOff)
    assert judged.why == "per_customer is used up"
    counter.shop.charges[ORDER].append(charge("ch_4", "5.10"))
    assert isinstance(await counter.run(refund("ch_4", "5.10"), context()), Done)


async def test_without_a_limit_a_colleague_signs(counter: Counter) -> None:
    counter.limits = {}

    for call in (refund(amount="0.01"), replacement()):
        assert isinstance(await counter.engine.judge(call, context()), NeedsSignOff)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("surface", list(Surface))
async def test_only_what_is_offered_is_judged(
    counter: Counter, stage: Stage, surface: Surface
) -> None:
    offered = counter.engine.offered(stage, surface)
    status = Call(action="order_status", args={"order_id": ORDER})
    for call in (status, refund()):
        judged = await counter.engine.judge(call, context(stage=stage, surface=surface))
        refused = isinstance(judged, Refused) and judged.reason is Refusal.NOT_OFFERED
        assert refused is (call.action not in offered)
    if surface is Surface.PUBLIC or stage < Stage.SCRIPTED:
        assert not offered
        assert counter.shop.asked == []
    assert ("refund" in offered) is (surface is Surface.PRIVATE and stage >= Stage.COPILOT)


# --- identity


@pytest.mark.parametrize(
    ("args", "level"),
    [
        ({"email": " ANN@example.com "}, "order_email"),
        ({"postcode": "sw1a1aa"}, "order_postcode"),
        ({"email": "ann@example.com", "postcode": "wrong"}, "order_email"),
        ({"email": "bob@example.com"}, None),
        ({"email": ""}, None),
        ({"postcode": "SW1A"}, None),
        ({}, None),
    ],
)
async def test_an_order_is_shown_to_whom_it_belongs(
    counter: Counter, args: dict[str, str], level: str | None
) -> None:
    call = Call(action="order_status", args={"order_id": ORDER} | args)
    judged = await counter.engine.judge(call, context(proofs=()))

    if level is None:
        assert isinstance(judged, Refused)
        assert judged.reason is Refusal.NOT_PROVED
    else:
        assert isinstance(judged, Known)
        assert judged.proof == Proof(order_id=ORDER, level=level)
        assert isinstance(judged.result, OrderView)
        shown = judged.result.model_dump_json()
        assert "ann@" not in shown
        assert "SW1A" not in shown


@pytest.mark.parametrize("nothing", [{"email": ""}, {"postcode": " "}])
async def test_an_order_without_a_contact_is_nobodys(
    counter: Counter, nothing: dict[str, str]
) -> None:
    counter.shop.orders[ORDER] |= {"email": None, "postcode": ""}
    call = Call(action="order_status", args={"order_id": ORDER} | nothing)

    assert isinstance(await counter.engine.judge(call, context(proofs=())), Refused)


@pytest.mark.parametrize("action", ["order_status", "charges", "refund", "replacement"])
async def test_an_unknown_order_looks_like_somebody_elses(counter: Counter, action: str) -> None:
    proofs = (
        Proof(order_id="Z-99999", level="order_email"),
        Proof(order_id="B-20001", level="order_postcode"),
    )

    async def answer(order_id: str) -> tuple[object, str]:
        args: dict[str, object] = {"order_id": order_id}
        if action == "refund":
            args = dict(refund(order_id=order_id).args)
        if action == "replacement":
            args = dict(replacement(order_id=order_id).args)
        judged = await counter.engine.judge(Call(action=action, args=args), context(proofs=proofs))
        assert isinstance(judged, Refused)
        return judged.reason, judged.detail

    unknown, others = await answer("Z-99999"), await answer(ORDER)

    assert unknown == others
    assert unknown[0] is Refusal.NOT_PROVED


@pytest.mark.parametrize(
    ("identity", "level", "allowed"),
    [
        (None, "order_email", True),
        (None, "order_postcode", False),
        ("order_email", "order_postcode", False),
        ("order_postcode", "order_postcode", True),
        ("order_postcode", "order_email", True),
        ("code", "order_email", False),
        ("platform", "order_email", False),
    ],
)
async def test_money_asks_for_the_proof_that_is_configured(
    counter: Counter, identity: str | None, level: str, *, allowed: bool
) -> None:
    if identity is not None:
        counter.limits["refund"]["identity"] = identity
    proofs = (Proof(order_id="#a-10293", level=level),)
    charges = Call(action="charges", args={"order_id": ORDER})

    judged = await counter.engine.judge(refund(), context(proofs=proofs))
    looked = await counter.engine.judge(charges, context(proofs=proofs))

    assert isinstance(judged, Permitted) is allowed
    assert isinstance(looked, Known) is allowed


async def test_a_delivery_promise_is_for_the_lines_own_address(counter: Counter) -> None:
    call = Call(action="delivery_promise", args={"order_id": ORDER, "line_id": "1"})

    assert isinstance(await counter.engine.judge(call, context()), Known)


async def test_a_delivery_promise_is_for_a_line_of_the_order(counter: Counter) -> None:
    call = Call(action="delivery_promise", args={"order_id": ORDER, "line_id": "7"})

    judged = await counter.engine.judge(call, context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("operation", "error", "outcome"),
    [
        ("order", Rejected(422), Refusal.NOT_PROVED),
        ("order", Rejected(403), None),
        ("order", Lost("late"), None),
        ("charges", NotFound("404"), Refusal.NOT_FOUND),
        ("charges", BadAnswer("odd"), Refusal.BAD_ANSWER),
        ("charges", Unreachable("down"), None),
    ],
)
async def test_a_shop_that_does_not_answer(
    counter: Counter, operation: str, error: ConnectorError, outcome: Refusal | None
) -> None:
    counter.shop.before[operation] = error
    for call in (Call(action="charges", args={"order_id": ORDER}), refund()):
        judged = await counter.engine.judge(call, context())
        if outcome is None:
            assert isinstance(judged, Failed)
        else:
            assert isinstance(judged, Refused)
            assert judged.reason is outcome


async def test_a_connector_that_hangs_is_given_up(counter: Counter) -> None:
    counter.shop.before["order"] = TimeoutError()  # type: ignore[assignment]  # breaks the contract

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Failed)


async def test_another_customers_refund_is_not_told_about(counter: Counter) -> None:
    await counter.run(refund(), context())
    thief = (Proof(order_id="B-20001", level="order_email"),)

    judged = await counter.engine.judge(refund(order_id="B-20001"), context(proofs=thief))

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOT_FOUND


# --- the ledger's states


async def row_in(counter: Counter, state: CallState, **changes: Any) -> CallRecord:
    judged = await counter.engine.judge(refund(), context())
    assert isinstance(judged, Permitted)
    row = replace(judged.record, state=state, **changes)
    counter.book.rows[row.key] = row
    return row


@pytest.mark.parametrize(
    ("state", "conversation", "why", "expected"),
    [
        (CallState.AWAITING, "c1", None, AwaitingSignOff),
        (CallState.ALLOWED, "c1", None, Permitted),
        (CallState.ALLOWED, "c2", None, Unknown),
        (CallState.EXECUTING, "c1", None, Unknown),
        (CallState.UNKNOWN, "c1", None, Unknown),
        (CallState.REFUSED, "c1", "above_limit", Permitted),
        (CallState.REFUSED, "c1", "expired", Permitted),
        (CallState.REFUSED, "c1", "rejected", Refused),
        (CallState.REFUSED, "c2", "rejected", NeedsSignOff),
        (CallState.DONE, "c1", None, Unknown),  # done, but the row holds no answer
        (CallState.FAILED, "c1", None, Permitted),
    ],
)
async def test_a_wish_meets_its_row(
    counter: Counter, state: CallState, conversation: str, why: str | None, expected: type
) -> None:
    await row_in(counter, state, conversation=conversation, why=why)

    assert isinstance(await counter.engine.judge(refund(), context()), expected)
    assert counter.shop.given_back == []


async def test_a_failed_wish_comes_back_under_the_next_key_a_few_times(counter: Counter) -> None:
    keys = set()
    for _ in range(GENERATIONS_MAX):
        judged = await counter.engine.judge(refund(), context())
        assert isinstance(judged, Permitted)
        keys.add(judged.record.key)
        counter.book.rows[judged.record.key] = replace(judged.record, state=CallState.FAILED)

    assert len(keys) == GENERATIONS_MAX
    assert isinstance(await counter.engine.judge(refund(), context()), Failed)


async def test_a_failed_wish_that_came_to_life_is_not_done_again(counter: Counter) -> None:
    row = await row_in(counter, CallState.FAILED)
    counter.shop.done[row.key] = {"refund_id": "re_9", "status": "done"}

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Done)
    assert judged.key == row.key


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"refund_id": "re_9", "status": "failed"}, Permitted),
        ({"refund_id": "re_9", "status": "pending"}, Unknown),
        ({"refund_id": "re_9"}, Failed),
    ],
)
async def test_a_failed_wish_is_looked_up_before_it_comes_back(
    counter: Counter, answer: dict[str, Any], expected: type
) -> None:
    row = await row_in(counter, CallState.FAILED)
    counter.shop.done[row.key] = answer

    assert isinstance(await counter.engine.judge(refund(), context()), expected)


async def test_books_that_cannot_be_read_settle_nothing(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.before["charges"] = Unreachable("down")

    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_a_lost_replacement_is_found_by_its_key(counter: Counter) -> None:
    counter.shop.after["replacement"] = Lost("timeout")

    assert isinstance(await counter.run(replacement(), context()), Done)


async def test_goods_worth_more_than_belief(counter: Counter) -> None:
    line = counter.shop.orders[ORDER]["lines"][0]
    counter.shop.orders[ORDER]["lines"][0] = line | {"amount": "9e12", "quantity": 100_000}

    judged = await counter.engine.judge(replacement(), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.BAD_ANSWER


async def test_a_row_of_a_connector_that_is_gone_does_nothing(counter: Counter) -> None:
    row = replace(await executing(counter), connector="gone")

    assert isinstance(await counter.engine.execute(row), Failed)
    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_an_unfinished_wish_stays_unknown_while_nobody_answers(counter: Counter) -> None:
    row = await row_in(counter, CallState.UNKNOWN)
    counter.shop.before["charges"] = Unreachable("down")

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Unknown)
    assert judged.key == row.key


# --- doing it, under faults


@pytest.mark.parametrize(
    ("faults", "expected", "refunds"),
    [
        ({"after": {"refund": Lost("timeout")}}, Done, 1),
        ({"before": {"refund": Lost("reset")}}, Unknown, 0),
        ({"after": {"refund": Lost("x"), "find_refund": Lost("y")}}, Unknown, 1),
        ({"after": {"refund": BadAnswer("garbage")}}, Unknown, 1),
        ({"after": {"refund": Rejected(409)}}, Done, 1),
        ({"before": {"refund": Rejected(409)}}, Unknown, 0),
        ({"before": {"refund": Rejected(422)}}, Failed, 0),
        ({"before": {"refund": NotFound("404")}}, Failed, 0),
        ({"before": {"refund": Unreachable("refused")}}, Failed, 0),
        ({"answers": {"refund": {"status": "done"}}}, Unknown, 1),
        ({"answers": {"refund": {"refund_id": "r", "status": "failed"}}}, Failed, 1),
        ({"answers": {"refund": {"refund_id": "r", "status": "odd"}}}, Unknown, 1),
        ({"status": "pending"}, Unknown, 1),
    ],
)
async def test_whatever_happens_on_the_way_it_happens_once(
    counter: Counter, faults: dict[str, Any], expected: type, refunds: int
) -> None:
    for name, value in faults.items():
        setattr(counter.shop, name, value)

    outcome = await counter.run(refund(), context())

    assert isinstance(outcome, expected)
    assert len(counter.shop.given_back) == refunds


@pytest.mark.parametrize(("amount", "currency"), [("24.91", "GBP"), ("24.90", "EUR")])
async def test_another_amount_than_asked_for_is_for_a_person(
    counter: Counter, amount: str, currency: str
) -> None:
    counter.shop.answers["refund"] = {
        "refund_id": "r1",
        "status": "done",
        "amount": amount,
        "currency": currency,
    }

    outcome = await counter.run(refund(), context())

    assert isinstance(outcome, Unknown)
    assert outcome.why.startswith(Refusal.BAD_ANSWER)


async def executing(counter: Counter) -> CallRecord:
    return await row_in(counter, CallState.EXECUTING)


async def test_pending_is_asked_again_until_it_is_done(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.done[row.key] = {"refund_id": "re_1", "status": "pending"}
    waiting = await counter.engine.reconcile(row, final=True)
    counter.shop.done[row.key]["status"] = "done"
    settled = await counter.engine.reconcile(row, final=True)

    assert isinstance(waiting, Unknown)
    assert waiting.why.startswith("pending")
    assert isinstance(settled, Done)


async def test_never_seen_counts_as_failed_only_on_a_later_asking(counter: Counter) -> None:
    row = await executing(counter)

    assert isinstance(await counter.engine.reconcile(row, final=False), Unknown)
    assert isinstance(await counter.engine.reconcile(row, final=True), Failed)


async def test_never_seen_with_changed_books_is_for_a_person(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.charges[ORDER][0]["refunded"] = "5"

    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_a_backend_that_cannot_be_asked_leaves_it_unknown(counter: Counter) -> None:
    row = await executing(counter)
    for error in (Unreachable("down"), Lost("late"), BadAnswer("odd"), Rejected(403)):
        counter.shop.before["find_refund"] = error
        assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


@pytest.mark.parametrize("refunded", ["24.90", "1"])
async def test_what_changed_after_the_sign_off_is_refused(counter: Counter, refunded: str) -> None:
    row = await executing(counter)
    counter.shop.charges[ORDER][0]["refunded"] = refunded

    outcome = await counter.engine.execute(row)

    assert isinstance(outcome, Refused)
    assert outcome.reason in {Refusal.NOTHING_LEFT, Refusal.ABOVE_LIMIT}
    assert counter.shop.given_back == []


async def test_a_part_refunded_by_somebody_else_voids_the_decision(counter: Counter) -> None:
    judged = await counter.engine.judge(refund(amount="10"), context())
    assert isinstance(judged, Permitted)
    counter.shop.charges[ORDER][0]["refunded"] = "1"

    outcome = await counter.engine.execute(replace(judged.record, state=CallState.EXECUTING))

    assert isinstance(outcome, Refused)
    assert outcome.reason is Refusal.NOTHING_LEFT
    assert counter.shop.given_back == []


async def test_a_second_execution_finds_the_first(counter: Counter) -> None:
    row = await executing(counter)
    first = await counter.engine.execute(row)
    for again in (False, True):
        assert await counter.engine.execute(row, again=again) == first

    assert len(counter.shop.given_back) == 1


async def test_a_row_taken_up_again_is_sent_when_it_never_was(counter: Counter) -> None:
    row = await executing(counter)

    assert isinstance(await counter.engine.execute(row, again=True), Done)


async def test_a_row_that_is_not_executing_is_never_done(counter: Counter) -> None:
    row = await row_in(counter, CallState.AWAITING)

    with pytest.raises(ValueError, match="awaiting"):
        await counter.engine.execute(row)


@pytest.mark.parametrize("args", ["", "[]", "{}", '{"seen": 1}', '{"seen": "x", "amount": 5}'])
async def test_a_damaged_row_does_nothing(counter: Counter, args: str) -> None:
    row = replace(await executing(counter), args=args)

    assert isinstance(await counter.engine.execute(row), Failed)
    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)
    assert counter.shop.given_back == []


async def test_trouble_before_sending_is_no_mystery(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.before["order"] = Unreachable("down")
    assert isinstance(await counter.engine.execute(row), Failed)
    counter.shop.before["order"] = BadAnswer("garbage")
    assert isinstance(await counter.engine.execute(row), Refused)


@pytest.mark.parametrize(
    "answer",
    [None, [], "ok", {}, {"order_id": ORDER}, order_of("B-20001", "ann@example.com")],
)
async def test_an_order_that_makes_no_sense_is_refused(counter: Counter, answer: object) -> None:
    counter.shop.answers["order"] = answer

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.BAD_ANSWER


async def test_a_replacement_is_sent_once_per_line(counter: Counter) -> None:
    first = await counter.run(replacement(), context())
    second = await counter.run(replacement(by=None, reason="again"), context(conversation="c2"))

    assert isinstance(first, Done)
    assert first.amount == Money(4000, "GBP")
    assert isinstance(second, Done)
    assert second.repeated
    assert counter.shop.asked.count("replacement") == 1


async def test_an_action_without_its_connector_is_unknown() -> None:
    counter = Counter()
    engine = Engine(
        settings=Settings.model_validate({"brand": {"name": "Northwind"}}),
        connectors={},
        clock=SystemClock(),
        ledger=counter.book.look_up,
        used=counter.book.used,
    )

    assert engine.offered(Stage.AUTONOMOUS, Surface.PRIVATE) == frozenset()


# --- a brain that works for the attacker

IDS = st.sampled_from([ORDER, "B-20001", "Z-1", "ch_1", "ch_2", "ch_9", "ch_b", "1", "", "../x"])
AMOUNTS = st.one_of(
    st.floats(),
    st.integers(),
    st.decimals(0, 1000, places=2).map(str),
    st.sampled_from(["NaN", "inf", "1e12", "-5", "50", "24.90", "\uff10\uff15", None, True]),
)
LEAVES = st.one_of(IDS, AMOUNTS, st.none(), st.booleans(), st.text(max_size=8))
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
ALMOST_RIGHT = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from([ORDER, ORDER, f"#{ORDER.lower()}", "B-20001"]),
        "charge_id": st.sampled_from(["ch_1", "ch_2", "ch_2", "ch_9", "ch_b"]),
        "amount": st.sampled_from(["24.90", 24.9, "49.99", 50, "50.01", 300, "500.01", 1e12]),
        "currency": st.sampled_from(["GBP", "GBP", "GBP", "EUR"]),
        "reason": st.just("x"),
    }
)
BENT = st.builds(
    lambda args, more: args | more,
    ALMOST_RIGHT,
    st.dictionaries(st.sampled_from(["amount", "order_id", "charge_id", "x"]), JUNK, min_size=1),
)
CALLS = st.one_of(
    *[st.builds(Call, action=st.just("refund"), args=ALMOST_RIGHT)] * 3,
    st.builds(Call, action=st.just("refund"), args=BENT),
    st.builds(
        Call,
        action=st.sampled_from(["refund", "replacement", "charges", "order_status", "x"]),
        args=st.dictionaries(st.sampled_from(["order_id", "line_id", "email", "y"]), JUNK),
    ),
)
FAULTS = st.sampled_from([None, None, Lost("x"), BadAnswer("x"), Rejected(409), Unreachable("x")])


@given(
    calls=st.lists(st.tuples(CALLS, FAULTS, st.sampled_from(["before", "after"])), max_size=12),
    stage=st.sampled_from([*Stage, Stage.AUTONOMOUS, Stage.AUTONOMOUS]),
    proved=st.sampled_from([True, True, False]),
)
@settings(max_examples=150, deadline=None)
def test_a_hostile_brain_moves_no_more_than_the_limits(
    calls: list[tuple[Call, ConnectorError | None, str]], stage: Stage, *, proved: bool
) -> None:
    counter = Counter()
    of_turn = context(stage=stage, proofs=MINE if proved else ())

    async def attack() -> None:
        for call, fault, when in calls:
            faults = {} if fault is None else {"refund": fault}
            counter.shop.before = faults if when == "before" else {}
            counter.shop.after = faults if when == "after" else {}
            await counter.run(call, of_turn)

    asyncio.run(attack())

    given_back = counter.shop.given_back
    assert all(Money(0, "GBP") < money <= Money(5000, "GBP") for _, money in given_back)
    assert len({charge_id for charge_id, _ in given_back}) == len(given_back)
    assert all(charge_id in {"ch_1", "ch_2", "ch_9"} for charge_id, _ in given_back)
    if stage is not Stage.AUTONOMOUS or not proved:
        assert given_back == []
