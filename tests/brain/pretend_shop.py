"""A customer, a pretend engine and the plan between them, without store or clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from actions.action import (
    AwaitingSignOff,
    Call,
    Done,
    Known,
    Outcome,
    Refusal,
    Refused,
)
from actions.ports import (
    Charge,
    Charges,
    OrderLine,
    OrderView,
    Promise,
    RefundResult,
    ReplacementResult,
    Tracking,
    WriteStatus,
)
from brain.decision import Decision, Turn
from brain.following import in_context
from brain.knowledge.search import Found
from brain.listening import Heard
from brain.memory import recall
from brain.planner import plan
from brain.triage import Understanding
from brain.wordbook import Speech
from config.money import Money
from config.stages import Surface
from conversation.events import Proof
from conversation.model import Author
from conversation.state import ConversationState, Line

WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)
ALL = frozenset({"order_status", "charges", "delivery_promise", "refund", "replacement"})
GBP = "GBP"
SPEECH = Speech(languages=("en", "de", "fr", "es"))


def order_line(line_id: str, title: str, minor: int) -> OrderLine:
    return OrderLine(
        line_id=line_id, sku=f"SKU-{line_id}", title=title, quantity=1, amount=Money(minor, GBP)
    )


def charge(charge_id: str, minor: int, *, refunded: int = 0, hour: int = 9) -> Charge:
    return Charge(
        charge_id=charge_id,
        amount=Money(minor, GBP),
        at=datetime(2026, 11, 12, hour, tzinfo=UTC),
        refunded=Money(refunded, GBP),
    )


@dataclass(slots=True, kw_only=True)
class PretendOrder:
    email: str
    postcode: str
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    status: str = "delivered"
    tracking: Tracking | None = None


def orders() -> dict[str, PretendOrder]:
    return {
        "A-10293": PretendOrder(
            email="ana@northwind.example",
            postcode="SW1A 1AA",
            lines=(order_line("L1", "Enamel mug, green", 2490),),
            charges=(charge("C1", 2490), charge("C2", 2490, hour=10)),
        ),
        "A-10417": PretendOrder(
            email="ben@northwind.example",
            postcode="LS1 1AA",
            lines=(order_line("L2", "Wool cap, grey", 3450),),
            charges=(charge("C3", 3450),),
        ),
        "A-10611": PretendOrder(
            email="dev@northwind.example",
            postcode="LS1 4AP",
            lines=(order_line("L3", "Trail boots, 43", 11900),),
            charges=(charge("C4", 11900),),
            status="shipped",
            tracking=Tracking(number="DPD106110001", carrier="DPD", expected="2026-11-20"),
        ),
        "A-10845": PretendOrder(
            email="fay@northwind.example",
            postcode="M1 1AA",
            lines=(
                order_line("L4", "Fleece jumper, blue", 5600),
                order_line("L5", "Merino socks, L", 1800),
            ),
            charges=(charge("C5", 7400),),
        ),
    }


@dataclass(slots=True, kw_only=True)
class PretendEngine:
    """Answers calls as the engine would: proof first, each write once."""

    orders: dict[str, PretendOrder] = field(default_factory=orders)
    proofs: list[Proof] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)
    earliest: date = date(2026, 11, 20)
    sign_off: bool = False

    def answer(self, call: Call) -> Outcome:
        order_id = str(call.args["order_id"])
        order = self.orders.get(order_id)
        proof = None if order is None else self._proof(order_id, order, call)
        if order is None or proof is None:
            return Refused(call=call, reason=Refusal.NOT_PROVED, detail="does not fit")
        if proof not in self.proofs:
            self.proofs.append(proof)
        match call.action:
            case "order_status":
                view = OrderView(
                    order_id=order_id,
                    status=order.status,
                    placed_at=WEDNESDAY - timedelta(days=6),
                    lines=order.lines,
                    tracking=order.tracking,
                )
                return Known(call=call, result=view, proof=proof)
            case "charges":
                result = Charges(order_id=order_id, charges=order.charges)
                return Known(call=call, result=result, proof=proof)
            case "delivery_promise":
                latest = self.earliest + timedelta(days=2)
                return Known(call=call, result=Promise(earliest=self.earliest, latest=latest))
            case _:
                return self._write(call, order)

    def _proof(self, order_id: str, order: PretendOrder, call: Call) -> Proof | None:
        if call.args.get("email") == order.email:
            return Proof(order_id=order_id, level="order_email")
        levels = {each.level for each in self.proofs if each.order_id == order_id}
        if call.args.get("postcode") == order.postcode:
            levels.add("order_postcode")
        looks = {"order_status", "delivery_promise"}
        enough = {"order_email", "order_postcode"} if call.action in looks else {"order_email"}
        level = next((each for each in sorted(levels) if each in enough), None)
        return None if level is None else Proof(order_id=order_id, level=level)

    def _write(self, call: Call, order: PretendOrder) -> Outcome:
        key = f"k-{call.action}-{call.args.get('charge_id') or call.args.get('line_id')}"
        if self.sign_off:
            amount = None
            if call.action == "refund":
                amount = Money.from_major(str(call.args["amount"]), str(call.args["currency"]))
            return AwaitingSignOff(call=call, key=key, amount=amount)
        self.done.append(call)
        if call.action == "replacement":
            promised = ReplacementResult(
                replacement_id="R1", status=WriteStatus.DONE, promised_for=self.earliest
            )
            return Done(call=call, key=key, result=promised)
        money = Money.from_major(str(call.args["amount"]), str(call.args["currency"]))
        order.charges = tuple(
            replace_refunded(each, money) if each.charge_id == call.args["charge_id"] else each
            for each in order.charges
        )
        refund = RefundResult(refund_id="F1", status=WriteStatus.DONE)
        return Done(call=call, key=key, result=refund, amount=money)


def replace_refunded(old: Charge, money: Money) -> Charge:
    return old.model_copy(update={"refunded": old.refunded + money})


def _said(words: str | None) -> tuple[Line, ...]:
    return (Line(at=WEDNESDAY, author=Author.BOT, text=words),) if words else ()


@dataclass(slots=True, kw_only=True)
class Talk:
    """One conversation, turn by turn."""

    understand: Callable[[str], Understanding] | None = None
    engine: PretendEngine = field(default_factory=PretendEngine)
    state: ConversationState = field(default_factory=ConversationState)
    offered: frozenset[str] = ALL
    surface: Surface = Surface.PRIVATE
    calls: list[Call] = field(default_factory=list)
    last: Decision | None = None
    rounds: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def says(
        self,
        text: str,
        *,
        news: Sequence[Outcome] = (),
        answers: dict[str, Found] | None = None,
        media_only: bool = False,
    ) -> str:
        assert self.understand is not None
        understanding = self.understand(text)
        return self.hears(
            Heard(
                text=text,
                understanding=understanding,
                answers=answers or {},
                media_only=media_only,
            ),
            news=news,
        )

    def hears(self, heard: Heard | None, *, news: Sequence[Outcome] = ()) -> str:
        """Play one turn to its words."""
        heard = (
            None
            if heard is None
            else in_context(recall(self.state.memory), heard, language=self.state.language)
        )
        turn = Turn(
            id="t",
            conversation="c",
            channel="telegram",
            surface=self.surface,
            now=WEDNESDAY,
            state=self.state,
            messages=(),
            outcomes=tuple(news),
            offered=self.offered,
        )
        self.outcomes = list(news)
        for self.rounds in range(1, 7):
            decision = plan(
                turn,
                heard,
                self.outcomes,
                memory=recall(self.state.memory),
                brand="Northwind",
                speech=SPEECH,
                today=WEDNESDAY.date(),
            )
            if not decision.calls:
                break
            self.calls += decision.calls
            self.outcomes += [self.engine.answer(call) for call in decision.calls]
        else:
            raise AssertionError("the turn came to no end")
        self.last = decision
        self.state = replace(
            self.state,
            memory=decision.memory,
            language=decision.understood.language,
            summary=decision.summary,
            opted_out=decision.understood.opted_out,
            proofs=tuple(self.engine.proofs),
            turns=self.state.turns + 1,
            lines=(*self.state.lines, *_said(decision.words)),
        )
        return decision.words or ""

    @property
    def handoff(self) -> str | None:
        assert self.last is not None
        return self.last.handoff.reason if self.last.handoff else None

    def wrote(self, action: str) -> list[Call]:
        return [call for call in self.engine.done if call.action == action]
