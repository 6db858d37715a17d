"""One channel and its stand-in, made alike: what `test_adapters.py` needs of each.

A channel joins with an async context manager that gives a `Harness`, and a line in `HARNESSES`.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import aiohttp
from pydantic import SecretStr

from channels.contract import Adapter
from channels.errors import SendFailure
from channels.meta.instagram.adapter import InstagramAdapter
from channels.meta.messenger.adapter import MessengerAdapter
from channels.meta.whatsapp.adapter import WhatsappAdapter
from channels.meta.whatsapp.formatting import plain
from channels.slack.adapter import SlackAdapter
from channels.slack.codec import TEXT_LIMIT
from channels.slack.markup import slack_length
from channels.slack.transport import SlackTransport
from channels.splitting import utf16_length
from channels.telegram.adapter import TelegramAdapter
from channels.x.adapter import XAdapter
from config.channels import InstagramChannel, MessengerChannel, TemplateSection, WhatsappChannel
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import GraphCustomer
from socialcare.sandbox.graph_rules import GraphRefusalError
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_reading import plain as shown
from socialcare.sandbox.slack_rules import TEXT_MAX
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_http import graph_fault
from socialcare.sandbox.x import OUR_APP, XStandIn
from socialcare.sandbox.x_rules import DUPLICATE, NO_DM, UNAUTHORIZED, XRefusalError, forbidden
from tests.channels.harness import Harness

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED


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


@contextlib.asynccontextmanager
async def messenger(clock: HandClock) -> AsyncIterator[Harness]:
    async with GraphStandIn(clock=clock) as graph, aiohttp.ClientSession() as session:
        ana = graph.customer()
        adapter = MessengerAdapter(
            name="messenger",
            settings=MessengerChannel(
                platform="messenger",
                page_id=graph.page_id,
                page_token=SecretStr(graph.page_token),
                app_secret=SecretStr(graph.app_secret),
                verify_token=SecretStr(graph.verify_token),
                app_id=graph.app_id,
                api_base=graph.base_url,
            ),
            session=session,
            clock=clock,
        )
        yield await _of_graph(graph, ana, adapter, clock)


@contextlib.asynccontextmanager
async def instagram(clock: HandClock) -> AsyncIterator[Harness]:
    async with GraphStandIn(clock=clock) as graph, aiohttp.ClientSession() as session:
        ana = graph.customer(place="instagram")
        adapter = InstagramAdapter(
            name="instagram",
            settings=InstagramChannel(
                platform="instagram",
                account_id=graph.instagram_id,
                page_token=SecretStr(graph.page_token),
                app_secret=SecretStr(graph.app_secret),
                verify_token=SecretStr(graph.verify_token),
                app_id=graph.app_id,
                api_base=graph.base_url,
            ),
            session=session,
            clock=clock,
        )
        made = await _of_graph(graph, ana, adapter, clock)
        yield replace(made, measure=lambda text: len(text.encode()))


async def _of_graph(
    graph: GraphStandIn, ana: GraphCustomer, adapter: Adapter, clock: HandClock
) -> Harness:
    first = await ana.write("hello")
    account = graph.account_id(ana.place)

    def address(key: str) -> Address:
        return Address(channel=adapter.name, account=account, key=key, surface=Surface.PRIVATE)

    async def writes_again() -> None:
        await ana.write("hello again")

    def revoke() -> None:
        graph.token_works = False

    def refused(code: int, subcode: int | None = None) -> Fault:
        body = GraphRefusalError(code, "No.", subcode=subcode).body
        return _worded(400, body)

    return Harness(
        adapter=adapter,
        clock=clock,
        address=address(ana.user_id),
        stranger=address("77"),
        message_id=first.message_id,
        secret=graph.page_token,
        faults=graph.faults,
        send_call="messages",
        seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
        typed=lambda: ana.thread.actions.count("typing_on"),
        writes_again=writes_again,
        go_down=graph.go_down,
        revoke=revoke,
        refusals={
            "window": (refused(10, 2018278), SendFailure.WINDOW_CLOSED),
            "window on Instagram": (refused(10, 2534022), SendFailure.WINDOW_CLOSED),
            "not receiving": (refused(10, 2018108), _BLOCKED),
            "not available": (refused(551, 1545041), _BLOCKED),
            "no permission": (refused(10), _REFUSED),
            "parameter": (refused(100), _REFUSED),
            "busy": (refused(1200), SendFailure.UNAVAILABLE),
            "too many": (refused(613), SendFailure.RATE_LIMITED),
            "token": (refused(190, 460), SendFailure.REVOKED),
            "violation": (refused(368), SendFailure.REVOKED),
        },
    )


@contextlib.asynccontextmanager
async def x(clock: HandClock) -> AsyncIterator[Harness]:
    async with XStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana = standin.customer()
        first = await ana.writes_dm("hello")
        us, keys = standin.us.user_id, standin.keys

        def address(key: str) -> Address:
            return Address(channel="x", account=us, key=key, surface=Surface.PRIVATE)

        async def writes_again() -> None:
            await ana.writes_dm("hello again")

        def refused(refusal: XRefusalError) -> Fault:
            return _worded(refusal.status, refusal.body)

        yield Harness(
            adapter=XAdapter(
                name="x",
                user_id=us,
                consumer_key=SecretStr(keys.consumer_key),
                consumer_secret=SecretStr(keys.consumer_secret),
                access_token=SecretStr(keys.access_token),
                access_token_secret=SecretStr(keys.access_token_secret),
                api_base=standin.base_url,
                session=session,
                clock=clock,
                app_id=OUR_APP,
            ),
            clock=clock,
            address=address(first.conversation),
            stranger=address(f"77-{us}"),
            message_id=first.message_id,
            secret=keys.access_token_secret,
            faults=standin.faults,
            send_call="dm",
            seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
            typed=lambda: 0,
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=standin.revoke,
            refusals={
                "shut out": (refused(forbidden(NO_DM)), _BLOCKED),
                "forbidden": (refused(forbidden(DUPLICATE)), _REFUSED),
                "unauthorized": (refused(XRefusalError(*UNAUTHORIZED)), SendFailure.REVOKED),
                "no credits": (
                    refused(XRefusalError(402, "CreditsDepleted", "")),
                    SendFailure.REVOKED,
                ),
            },
        )


@contextlib.asynccontextmanager
async def slack(clock: HandClock) -> AsyncIterator[Harness]:
    async with SlackStandIn(clock=clock) as standin:
        standin.channel("D0ANA", name="directmessage")
        ana = standin.colleague("U0ANA", name="Ana")
        first = await ana.write("D0ANA", "hello")
        team = standin.workspace.team_id

        def address(key: str) -> Address:
            return Address(channel="slack", account=team, key=key, surface=Surface.PRIVATE)

        async def writes_again() -> None:
            await ana.write("D0ANA", "hello again")

        def refused(word: str) -> Fault:
            return Fault(kind="error_inside", error=word)

        adapter = SlackAdapter(
            name="slack",
            clock=clock,
            transport=SlackTransport(
                bot_token=standin.bot_token,
                signing_secret=standin.signing_secret,
                api_base=standin.base_url,
                clock=clock,
                name="slack",
            ),
        )
        yield Harness(
            adapter=adapter,
            clock=clock,
            address=address("D0ANA"),
            stranger=address("D0NOBODY"),
            message_id=first.ts,
            secret=standin.bot_token,
            faults=standin.faults,
            send_call="chat.postMessage",
            seen=lambda: tuple(
                (each.ts, shown(each)) for each in standin.messages("D0ANA") if each.bot_id
            ),
            typed=lambda: 0,
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=standin.revoke_token,
            measure=slack_length,
            refusals={
                "archived": (refused("is_archived"), _BLOCKED),
                "not there": (refused("not_in_channel"), _BLOCKED),
                "too long": (refused("msg_too_long"), _REFUSED),
                "busy": (refused("ratelimited"), SendFailure.RATE_LIMITED),
                "down": (refused("service_unavailable"), SendFailure.UNAVAILABLE),
                "half-way": (refused("internal_error"), SendFailure.UNKNOWN),
                "token": (refused("token_revoked"), SendFailure.REVOKED),
            },
            # Slack advises 4,000 and takes ten times as much.
            room=TEXT_MAX - TEXT_LIMIT,
        )
        await adapter.close()


def _worded(status: int, body: Mapping[str, object]) -> Fault:
    said = json.dumps(body)
    return Fault(kind="status", status=status, body=said, content_type="application/json")


HARNESSES = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "messenger": messenger,
    "instagram": instagram,
    "x": x,
    "slack": slack,
}
