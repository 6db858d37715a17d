"""A desk at work: a real SQLite store, the stand-in of Slack, and turns that only keep the log."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web

from channels.slack.transport import SlackTransport
from config.desk import Desk as DeskSettings
from config.money import Money
from config.stages import Surface
from conversation.delivery import DeliveryState
from conversation.events import (
    Decided,
    Event,
    Fact,
    HandedOff,
    IssueSeen,
    MessageReceived,
    SignOffAsked,
    decode,
    encode,
)
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.model import Address, Arrival, Owner, Peer
from conversation.sqlite import SqliteStore
from conversation.state import ConversationState, fold
from conversation.store import (
    Acceptance,
    CallWrite,
    Commit,
    CommitResult,
    ConversationRow,
    Settlement,
)
from handoff.desk import Desk
from handoff.posts import posts_for
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_people import Colleague as SlackColleague
from socialcare.sandbox.slack_reading import Message, plain

ADDRESS = Address(channel="telegram", account="42", key="chat-1", surface=Surface.PRIVATE)
CONVERSATION = ADDRESS.conversation
CASE = "case-1"
CHANNEL = "C0CARE"
SIGNOFFS = "C0SIGNOFF"
CUSTOMER = Peer(user_id="7", name="Mia", username="mia_w", language="en")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def make_settings(slack: SlackStandIn | None = None, **changes: object) -> DeskSettings:
    """Give the desk's settings as a brand would write them."""
    written: dict[str, object] = {
        "slack": {
            "channel": CHANNEL,
            "bot_token": "xoxb-stand-in",
            "signing_secret": "stand-in-signing-secret",
            "team_id": "T0NORTHW",
            "api_base": slack.base_url if slack else "https://slack.com/api/",
        },
        "roles": {
            "colleague": {"members": ["S0CARE"]},
            "approver": {"members": ["U0APPROVER"], "sign_up_to": "100 GBP"},
            "admin": {"members": ["U0ADMIN"]},
        },
    }
    return DeskSettings.model_validate({**written, **changes})


def message(text: str, *, number: int = 1, at: datetime = NOW) -> MessageReceived:
    return MessageReceived(message_id=str(number), sender=CUSTOMER, occurred_at=at, text=text)


def decided() -> Decided:
    return Decided(
        turn="t",
        stage="autonomous",
        shadow=False,
        language="en",
        mood="upset",
        issues=(IssueSeen(topic="damaged_item", text="my jacket came torn"),),
        deadline="2026-11-27",
        memory="{}",
        summary="Jacket of A-10293 arrived torn; wants a new one by the 27th.",
        facts=(Fact(label="E-mail on file", value="mia@shop.example", source="shop.order"),),
    )


def handed_off(case_id: str = CASE) -> HandedOff:
    return HandedOff(reason="wants_human", note="Asked for a person twice.", case_id=case_id)


def asked(
    amount: Money | None, *, approval_id: str = "a1", minutes: int = 30
) -> tuple[SignOffAsked, CallWrite, Approval]:
    """A refund that waits for a yes."""
    key = f"refund:{approval_id}:0"
    call = CallRecord(
        key=key,
        conversation=CONVERSATION,
        turn="t",
        action="refund",
        connector="billing",
        args='{"charge_id": "ch_2"}',
        amount=amount,
        state=CallState.AWAITING,
        summary=f"Refund {amount} of charge ch_2 (order A-10293)",
    )
    expires_at = NOW + timedelta(minutes=minutes)
    approval = Approval(
        id=approval_id,
        call_key=key,
        conversation=CONVERSATION,
        digest=call.digest,
        state=ApprovalState.WAITING,
        asked_at=NOW,
        expires_at=expires_at,
    )
    event = SignOffAsked(
        approval_id=approval_id,
        call_key=key,
        summary=call.summary,
        expires_at=expires_at,
        case_id=CASE,
    )
    return event, CallWrite(record=call, expected=None), approval


@dataclass
class World:
    """One desk and everything around it."""

    clock: HandClock
    slack: SlackStandIn
    store: SqliteStore
    desk: Desk
    transport: SlackTransport
    ben: SlackColleague
    cleo: SlackColleague
    approver: SlackColleague
    admin: SlackColleague
    stranger: SlackColleague
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def number(self) -> int:
        return next(self.numbers)

    async def arrives(self, *events: Event) -> None:
        """Let events of the customer's platform come in."""
        arrivals = tuple(
            Arrival(
                channel="telegram",
                account="42",
                event_id=f"e{self.number()}",
                address=ADDRESS,
                kind=event.kind,
                occurred_at=NOW,
                body=encode(event).encode(),
            )
            for event in events
        )
        await self.store.accept(Acceptance(arrivals=arrivals, received_at=self.clock.now()))

    async def writes(self, text: str) -> None:
        """Let the customer write."""
        await self.arrives(message(text, number=self.number() + 100))

    async def turn(
        self,
        *own: Event,
        owner: Owner | None = None,
        calls: tuple[CallWrite, ...] = (),
        approvals: tuple[Approval, ...] = (),
    ) -> tuple[Event, ...]:
        """Take what has come into the log, with what the bot adds, and tell the desk."""
        written: list[Event] = []
        for work in await self.store.claim(now=self.clock.now(), limit=10):
            came = [decode(pending.arrival.body.decode()) for pending in work.pending]
            events = (*came, *own)
            now = self.clock.now()
            after = fold(work.state, [(now, event) for event in events])
            row = work.row
            if owner is not None:
                row = ConversationRow(
                    **{name: getattr(row, name) for name in row.__slots__} | {"owner": owner}
                )
            turn = f"turn-{self.number()}"
            result = await self.store.commit(
                Commit(
                    conversation=work.row.id,
                    token=work.row.token,
                    at=now,
                    seen=work.row.accepted,
                    consumed=tuple(pending.seq for pending in work.pending),
                    log=events,
                    turn=turn,
                    outbox=posts_for(row, work.state, after, events, turn),
                    owner=owner,
                    calls=calls,
                    approvals=approvals,
                    release=True,
                )
            )
            assert result is CommitResult.COMMITTED
            written += events
        return tuple(written)

    async def deliver(self) -> None:
        """Send everything that is due to the desk."""
        while deliveries := await self.store.take(now=self.clock.now(), limit=10):
            for delivery in deliveries:
                _, posted = await self.desk.deliver(delivery)
                await self.store.settle(
                    Settlement(
                        delivery=delivery,
                        state=DeliveryState.SENT,
                        at=self.clock.now(),
                        posted=posted,
                    )
                )

    async def case(self, *own: Event, owner: Owner | None = Owner.DESK) -> Message:
        """Open a case and give its card."""
        await self.arrives(message("my jacket came torn, get me a human"))
        await self.turn(*(own or (decided(), handed_off())), owner=owner)
        await self.deliver()
        return self.card

    async def sign_off(self, amount: Money | None = None, *, minutes: int = 30) -> Message:
        """Ask for a sign-off and give its post."""
        event, call, approval = asked(amount, minutes=minutes)
        await self.arrives(message("refund me please"))
        await self.turn(event, calls=(call,), approvals=(approval,))
        await self.deliver()
        posts = [*self.slack.messages(CHANNEL), *self.slack.messages(SIGNOFFS)]
        return next(each for each in reversed(posts) if "Approve" in plain(each))

    @property
    def card(self) -> Message:
        return next(each for each in self.slack.messages(CHANNEL) if not each.is_reply)

    @property
    def thread(self) -> tuple[Message, ...]:
        return self.slack.thread(self.card.ts)

    async def state(self) -> ConversationState:
        found = await self.store.conversation(CONVERSATION)
        assert found is not None
        return found[1]

    async def row(self) -> ConversationRow:
        found = await self.store.conversation(CONVERSATION)
        assert found is not None
        return found[0]

    async def log(self) -> Sequence[object]:
        return [event for _, event in await self.store.log(CONVERSATION)]

    def tick(self) -> None:
        self.clock.advance(1)


@asynccontextmanager
async def _world(path: Path, changes: dict[str, object]) -> AsyncIterator[World]:
    clock = HandClock()
    store = SqliteStore(path / "care.db", clock=clock)
    await store.open()
    async with SlackStandIn(clock=clock, enforce_rates=False) as slack:
        slack.channel(SIGNOFFS, name="sign-offs")
        people = [
            slack.colleague(f"U0{name.upper()}", name=name)
            for name in ("Ben", "Cleo", "Approver", "Admin", "Stranger")
        ]
        slack.usergroup("S0CARE", members=("U0BEN", "U0CLEO"))
        settings = make_settings(slack, **changes)
        transport = SlackTransport(
            bot_token=slack.bot_token,
            signing_secret=slack.signing_secret,
            api_base=slack.base_url,
            clock=clock,
            name="desk",
        )
        desk = Desk(settings=settings, store=store, transport=transport, clock=clock)
        await desk.open()

        async def take(request: web.Request) -> web.Response:
            answer = await desk.answer(request.headers, await request.read())
            return web.Response(
                status=answer.status,
                body=answer.body.encode(),
                headers={"Content-Type": answer.content_type},
            )

        server = LocalServer([web.post("/webhooks/desk", take)])
        await server.start()
        slack.connect(f"{server.url}/webhooks/desk")
        ben, cleo, approver, admin, stranger = people
        yield World(clock, slack, store, desk, transport, ben, cleo, approver, admin, stranger)
        await server.stop()
        await desk.close()
    await store.close()


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    changes: dict[str, object] = getattr(request, "param", {})
    async with _world(tmp_path, changes) as made:
        yield made
