"""X: direct messages, and the three ways to summon somebody in public."""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from pydantic import SecretStr

from channels.errors import SendFailure
from channels.x.adapter import XAdapter
from channels.x.weighing import weighted_length
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.x import OUR_APP, XStandIn
from socialcare.sandbox.x_people import Customer, Post
from socialcare.sandbox.x_rules import (
    ANSWERED,
    DUPLICATE,
    GONE,
    NO_DM,
    NOT_SUMMONED,
    UNAUTHORIZED,
    XRefusalError,
    forbidden,
)
from tests.channels.harness import Harness
from tests.channels.harnesses.worded import worded

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED
_LEADING = re.compile(r"\A(?:@\w{1,15}\s+)+", re.ASCII)

Summons = Callable[[XStandIn, Customer, Post], Awaitable[Post]]
"""How somebody calls us, given a post of ours."""


@contextlib.asynccontextmanager
async def direct(clock: HandClock) -> AsyncIterator[Harness]:
    async with XStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana = standin.customer()
        first = await ana.writes_dm("hello")

        def address(key: str) -> Address:
            account = standin.us.user_id
            return Address(channel="x", account=account, key=key, surface=Surface.PRIVATE)

        async def writes_again() -> None:
            await ana.writes_dm("hello again")

        yield Harness(
            adapter=_adapter(standin, session, clock),
            clock=clock,
            address=address(first.conversation),
            stranger=address(f"77-{standin.us.user_id}"),
            message_id=first.message_id,
            secret=standin.keys.access_token_secret,
            faults=standin.faults,
            send_call="dm",
            seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
            typed=lambda: 0,
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=standin.revoke,
            refusals={
                "shut out": (_refused(forbidden(NO_DM)), _BLOCKED),
                "forbidden": (_refused(forbidden(DUPLICATE)), _REFUSED),
                "unauthorized": (_refused(XRefusalError(*UNAUTHORIZED)), SendFailure.REVOKED),
                "no credits": (_no_credits(), SendFailure.REVOKED),
            },
        )


async def _mentions(x: XStandIn, ana: Customer, _ours: Post) -> Post:
    return await ana.posts(f"@{x.us.username} hello")


async def _answers(x: XStandIn, ana: Customer, ours: Post) -> Post:
    return await ana.posts(f"@{x.us.username} hello", reply_to=ours)


async def _quotes(_x: XStandIn, ana: Customer, ours: Post) -> Post:
    return await ana.posts("what does that mean?", quotes=ours)


@contextlib.asynccontextmanager
async def _public(clock: HandClock, summons: Summons) -> AsyncIterator[Harness]:
    async with XStandIn(clock=clock) as standin, aiohttp.ClientSession() as session:
        ana, account = standin.customer(), standin.us.user_id
        post_id, at = standin.made()
        ours = standin.publish(
            Post(post_id=post_id, author=standin.us, text="New boots!", at=at, thread=post_id)
        )
        first = await summons(standin, ana, ours)

        def address(key: str) -> Address:
            return Address(channel="x", account=account, key=key, surface=Surface.PUBLIC)

        async def prompt() -> str:
            return (await summons(standin, ana, ours)).post_id

        async def writes_again() -> None:
            await prompt()

        yield Harness(
            adapter=_adapter(standin, session, clock),
            clock=clock,
            address=address(f"{first.thread}:{ana.user_id}"),
            stranger=address("77:77"),
            nothing="77",
            message_id=first.post_id,
            prompt=prompt,
            secret=standin.keys.access_token_secret,
            faults=standin.faults,
            send_call="tweets",
            # The names an answer begins with are shown above it, not in it.
            seen=lambda: tuple((each.post_id, _LEADING.sub("", each.text)) for each in ana.public),
            typed=lambda: 0,
            writes_again=writes_again,
            go_down=standin.go_down,
            revoke=standin.revoke,
            measure=weighted_length,
            refusals={
                "not summoned": (_refused(forbidden(NOT_SUMMONED)), _REFUSED),
                "answered": (_refused(forbidden(ANSWERED)), _REFUSED),
                "gone": (_refused(forbidden(GONE)), _REFUSED),
                "unauthorized": (_refused(XRefusalError(*UNAUTHORIZED)), SendFailure.REVOKED),
                "no credits": (_no_credits(), SendFailure.REVOKED),
            },
        )


@contextlib.asynccontextmanager
async def mention(clock: HandClock) -> AsyncIterator[Harness]:
    async with _public(clock, _mentions) as made:
        yield made


@contextlib.asynccontextmanager
async def answer(clock: HandClock) -> AsyncIterator[Harness]:
    async with _public(clock, _answers) as made:
        yield made


@contextlib.asynccontextmanager
async def quote(clock: HandClock) -> AsyncIterator[Harness]:
    async with _public(clock, _quotes) as made:
        yield made


def _adapter(standin: XStandIn, session: aiohttp.ClientSession, clock: HandClock) -> XAdapter:
    keys = standin.keys
    return XAdapter(
        name="x",
        user_id=standin.us.user_id,
        consumer_key=SecretStr(keys.consumer_key),
        consumer_secret=SecretStr(keys.consumer_secret),
        access_token=SecretStr(keys.access_token),
        access_token_secret=SecretStr(keys.access_token_secret),
        api_base=standin.base_url,
        session=session,
        clock=clock,
        app_id=OUR_APP,
    )


def _refused(refusal: XRefusalError) -> Fault:
    return worded(refusal.status, refusal.body)


def _no_credits() -> Fault:
    return _refused(XRefusalError(402, "CreditsDepleted", ""))
