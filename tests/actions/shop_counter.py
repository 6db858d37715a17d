"""A pretend shop that keeps the connector's contract, its ledger, and the engine between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from actions.action import Call, CallContext, Done, Failed, Permitted, Refused, Unknown
from actions.connectors.contract import Argument, ConnectorError, NotFound
from actions.engine import Engine
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
    """Word an order as the shop does."""
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
    """Word a charge as the shop does; nothing of it went back yet."""
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


async def row_in(counter: Counter, state: CallState, **changes: Any) -> CallRecord:
    judged = await counter.engine.judge(refund(), context())
    assert isinstance(judged, Permitted)
    row = replace(judged.record, state=state, **changes)
    counter.book.rows[row.key] = row
    return row


async def executing(counter: Counter) -> CallRecord:
    return await row_in(counter, CallState.EXECUTING)
