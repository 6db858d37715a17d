"""Slack: a direct message to the app, and a thread in a channel where somebody calls it."""

import contextlib
from collections.abc import AsyncIterator

from channels.errors import SendFailure
from channels.slack.adapter import SlackAdapter
from channels.slack.codec import TEXT_LIMIT
from channels.slack.markup import slack_length
from channels.slack.transport import SlackTransport
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_reading import Message
from socialcare.sandbox.slack_reading import plain as shown
from socialcare.sandbox.slack_rules import TEXT_MAX
from tests.channels.harness import Harness, Nothing

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED


@contextlib.asynccontextmanager
async def direct(clock: HandClock) -> AsyncIterator[Harness]:
    async with SlackStandIn(clock=clock) as standin:
        standin.channel("D0ANA", name="directmessage")
        ana = standin.colleague("U0ANA", name="Ana")
        first = await ana.write("D0ANA", "hello")

        async def writes_again() -> None:
            await ana.write("D0ANA", "hello again")

        made = _harness(standin, clock, first, Surface.PRIVATE, writes_again)
        yield made
        await made.adapter.close()


@contextlib.asynccontextmanager
async def thread(clock: HandClock) -> AsyncIterator[Harness]:
    async with SlackStandIn(clock=clock) as standin:
        standin.channel("C0HELP", name="help")
        ana = standin.colleague("U0ANA", name="Ana")
        first = await ana.write("C0HELP", f"<@{standin.workspace.bot_user}> hello")

        async def writes_again() -> None:
            await ana.write_in_thread(first, "hello again")

        made = _harness(standin, clock, first, Surface.PUBLIC, writes_again)
        yield made
        await made.adapter.close()


def _harness(
    standin: SlackStandIn,
    clock: HandClock,
    first: Message,
    surface: Surface,
    writes_again: Nothing,
) -> Harness:
    in_thread = surface is Surface.PUBLIC

    def address(channel: str, ts: str) -> Address:
        key = f"{channel}:{ts}" if in_thread else channel
        account = standin.workspace.team_id
        return Address(channel="slack", account=account, key=key, surface=surface)

    def refused(word: str) -> Fault:
        return Fault(kind="error_inside", error=word)

    def seen() -> tuple[tuple[str, str], ...]:
        there = standin.messages(first.channel)
        ours = [each for each in there if each.bot_id]
        return tuple(
            (each.ts, shown(each))
            for each in ours
            if each.thread_ts == (first.ts if in_thread else None)
        )

    return Harness(
        adapter=SlackAdapter(
            name="slack",
            clock=clock,
            transport=SlackTransport(
                bot_token=standin.bot_token,
                signing_secret=standin.signing_secret,
                api_base=standin.base_url,
                clock=clock,
                name="slack",
            ),
        ),
        clock=clock,
        address=address(first.channel, first.ts),
        stranger=address("C0NOBODY" if in_thread else "D0NOBODY", "1.000001"),
        message_id=first.ts,
        user_id="U0ANA",
        name_call="users.info",
        secret=standin.bot_token,
        faults=standin.faults,
        send_call="chat.postMessage",
        seen=seen,
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
