"""One channel and its stand-in, made alike: what `test_adapters.py` needs of each.

A channel joins with an async context manager that gives a `Harness`, and a line in `HARNESSES`.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
from pydantic import SecretStr

from channels.contract import Adapter
from channels.errors import SendFailure
from channels.meta.whatsapp.adapter import WhatsappAdapter
from channels.meta.whatsapp.formatting import plain
from channels.splitting import utf16_length
from channels.telegram.adapter import TelegramAdapter
from config.channels import TemplateSection, WhatsappChannel
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_http import graph_fault

Nothing = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Harness:
    """One channel, its stand-in, and a customer who has just written."""

    adapter: Adapter
    clock: HandClock
    address: Address
    """The customer's."""
    stranger: Address
    """Of somebody the platform does not know."""
    message_id: str
    """The customer's message."""
    secret: str
    """What must never be told."""
    faults: FaultPlan
    send_call: str
    """The stand-in's name of the call that sends."""
    typing_call: str
    seen: Callable[[], tuple[tuple[str, str], ...]]
    """What the customer reads now: ids and texts, oldest first."""
    typed: Callable[[], int]
    """How often the customer saw that somebody writes."""
    writes_again: Nothing
    """The customer writes once more."""
    go_down: Nothing
    """Nobody listens there any more."""
    revoke: Callable[[], None]
    """The platform stops knowing our credentials."""
    measure: Callable[[str], int] = len
    """How the platform counts the length of a text."""
    as_read: Callable[[str], str] = str
    """What the customer reads of a plain text, where the platform cannot show it as it is."""
    refusals: Mapping[str, tuple[Fault, SendFailure]] = field(default_factory=dict)
    """The platform's own refusals, and what each means."""
    templates: tuple[str, ...] = ()
    """Templates that may go when the window is over."""


@contextlib.asynccontextmanager
async def telegram(clock: HandClock) -> AsyncIterator[Harness]:
    async with TelegramStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana = standin.customer()
        first = await ana.write("hello")
        bot = str(standin.bot["id"])
        token = standin.token

        def address(key: int) -> Address:
            return Address(channel="telegram", account=bot, key=str(key), surface=Surface.PRIVATE)

        async def writes_again() -> None:
            await ana.write("hello again")

        def revoke() -> None:
            standin.token = "4200:another"  # noqa: S105  # a stand-in's

        def refused(status: int, description: str) -> Fault:
            body = f'{{"ok":false,"error_code":{status},"description":"{description}"}}'
            return Fault(kind="status", status=status, body=body, content_type="application/json")

        yield Harness(
            adapter=TelegramAdapter(
                name="telegram",
                token=SecretStr(token),
                webhook_secret=SecretStr("s3cret"),
                api_base=standin.base_url,
                session=session,
                clock=clock,
            ),
            clock=clock,
            address=address(ana.user_id),
            stranger=address(77),
            message_id=str(first.message_id),
            secret=token,
            faults=standin.faults,
            send_call="sendMessage",
            typing_call="sendChatAction",
            seen=lambda: tuple((str(each.message_id), each.text) for each in ana.chat),
            typed=lambda: len(ana.private.actions),
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=revoke,
            measure=utf16_length,
            refusals={
                "blocked": (refused(403, "Forbidden: bot was blocked by the user"), _BLOCKED),
                "deactivated": (refused(403, "Forbidden: user is deactivated"), _BLOCKED),
                "malformed": (refused(400, "Bad Request: can't parse entities"), _REFUSED),
                "webhook": (refused(409, "Conflict"), SendFailure.UNAVAILABLE),
                "unauthorized": (refused(401, "Unauthorized"), SendFailure.REVOKED),
            },
        )


@contextlib.asynccontextmanager
async def whatsapp(clock: HandClock) -> AsyncIterator[Harness]:
    async with WhatsappStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana = standin.customer()
        first = await ana.write("hello")
        token = standin.token

        def address(key: str) -> Address:
            return Address(
                channel="whatsapp", account=standin.phone_id, key=key, surface=Surface.PRIVATE
            )

        async def writes_again() -> None:
            await ana.write("hello again")

        def revoke() -> None:
            standin.token = "EAAanother"  # noqa: S105  # a stand-in's

        yield Harness(
            adapter=WhatsappAdapter(
                name="whatsapp",
                settings=WhatsappChannel(
                    platform="whatsapp",
                    phone_id=standin.phone_id,
                    token=SecretStr(token),
                    app_secret=SecretStr(standin.app_secret),
                    verify_token=SecretStr("verify"),
                    api_base=standin.base_url,
                    templates={
                        "reopen": TemplateSection(name="care_reopen", languages=("en", "de"))
                    },
                ),
                session=session,
                clock=clock,
            ),
            clock=clock,
            address=address(ana.user_id),
            stranger=address("GB.7"),
            message_id=first.message_id,
            secret=token,
            faults=standin.faults,
            send_call="messages",
            typing_call="read",
            seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
            typed=lambda: len(ana.private.typing),
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=revoke,
            as_read=plain,
            refusals={
                "window": (graph_fault(131047), SendFailure.WINDOW_CLOSED),
                "pair rate": (graph_fault(131056), SendFailure.RATE_LIMITED),
                "throughput": (graph_fault(130429), SendFailure.RATE_LIMITED),
                "undeliverable": (graph_fault(131026), _BLOCKED),
                "unsupported": (graph_fault(131051), _REFUSED),
                "parameter": (graph_fault(100), _REFUSED),
                "template": (graph_fault(132001), _REFUSED),
                "token": (graph_fault(190), SendFailure.REVOKED),
                "locked": (graph_fault(131031), SendFailure.REVOKED),
                "violation": (graph_fault(368), SendFailure.REVOKED),
                "wrong": (graph_fault(131000), SendFailure.UNAVAILABLE),
                "busy": (graph_fault(131016), SendFailure.UNAVAILABLE),
            },
            templates=("reopen",),
        )


_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED

HARNESSES = {"telegram": telegram, "whatsapp": whatsapp}
