"""WhatsApp: private alone."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
from pydantic import SecretStr

from channels.errors import SendFailure
from channels.meta.whatsapp.adapter import WhatsappAdapter
from channels.meta.whatsapp.formatting import plain
from config.channels import TemplateSection, WhatsappChannel
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_http import graph_fault
from tests.channels.harness import Harness

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED


@contextlib.asynccontextmanager
async def chat(clock: HandClock) -> AsyncIterator[Harness]:
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
