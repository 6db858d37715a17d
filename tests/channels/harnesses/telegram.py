"""Telegram: a chat with the bot, and a group where somebody calls it."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
from pydantic import SecretStr

from channels.errors import SendFailure
from channels.splitting import utf16_length
from channels.telegram.adapter import TelegramAdapter
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.telegram_people import Chat
from tests.channels.harness import Harness, Nothing

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED


@contextlib.asynccontextmanager
async def chat(clock: HandClock) -> AsyncIterator[Harness]:
    async with TelegramStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana = standin.customer()
        first = await ana.write("hello")

        async def writes_again() -> None:
            await ana.write("hello again")

        yield _harness(
            standin,
            session,
            clock,
            where=ana.private,
            first=first.message_id,
            surface=Surface.PRIVATE,
            writes_again=writes_again,
        )


@contextlib.asynccontextmanager
async def group(clock: HandClock) -> AsyncIterator[Harness]:
    async with TelegramStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana, walkers = standin.customer(), standin.group()
        call = f"@{standin.bot['username']} hello"
        first = await ana.write_in_group(walkers, call)

        async def writes_again() -> None:
            await ana.write_in_group(walkers, call)

        yield _harness(
            standin,
            session,
            clock,
            where=walkers.chat,
            first=first.message_id,
            surface=Surface.PUBLIC,
            writes_again=writes_again,
        )


def _harness(
    standin: TelegramStandIn,
    session: aiohttp.ClientSession,
    clock: HandClock,
    *,
    where: Chat,
    first: int,
    surface: Surface,
    writes_again: Nothing,
) -> Harness:
    bot = str(standin.bot["id"])
    token = standin.token

    def address(key: int) -> Address:
        return Address(channel="telegram", account=bot, key=str(key), surface=surface)

    def revoke() -> None:
        standin.token = "4200:another"  # noqa: S105  # a stand-in's

    def refused(status: int, description: str) -> Fault:
        body = f'{{"ok":false,"error_code":{status},"description":"{description}"}}'
        return Fault(kind="status", status=status, body=body, content_type="application/json")

    return Harness(
        adapter=TelegramAdapter(
            name="telegram",
            token=SecretStr(token),
            webhook_secret=SecretStr("s3cret"),
            api_base=standin.base_url,
            session=session,
            clock=clock,
        ),
        clock=clock,
        address=address(where.chat_id),
        stranger=address(77 if surface is Surface.PRIVATE else -77),
        message_id=str(first),
        secret=token,
        faults=standin.faults,
        send_call="sendMessage",
        seen=lambda: tuple((str(each.message_id), each.text) for each in where.seen.values()),
        typed=lambda: len(where.actions),
        writes_again=writes_again,
        go_down=standin.go_down,
        revoke=revoke,
        measure=utf16_length,
        refusals={
            "blocked": (refused(403, "Forbidden: bot was blocked by the user"), _BLOCKED),
            "kicked": (refused(403, "Forbidden: bot was kicked from the group chat"), _BLOCKED),
            "deactivated": (refused(403, "Forbidden: user is deactivated"), _BLOCKED),
            "no rights": (refused(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), _BLOCKED),
            "malformed": (refused(400, "Bad Request: can't parse entities"), _REFUSED),
            "webhook": (refused(409, "Conflict"), SendFailure.UNAVAILABLE),
            "unauthorized": (refused(401, "Unauthorized"), SendFailure.REVOKED),
        },
    )
