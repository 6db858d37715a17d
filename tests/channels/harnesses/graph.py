"""Messenger and Instagram: threads, comments, and private replies to comments."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from pydantic import SecretStr

from channels.contract import Adapter
from channels.errors import SendFailure
from channels.meta.account import MetaAccount
from channels.meta.instagram.adapter import instagram_account
from channels.meta.messenger.adapter import messenger_account
from channels.meta.messenger.codec import COMMENT_LIMIT
from config.channels import InstagramChannel, MessengerChannel
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import GraphCustomer
from socialcare.sandbox.graph_rules import PAGE_COMMENT_CHARACTERS, GraphRefusalError
from socialcare.sandbox.hand_clock import HandClock
from tests.channels.harness import Harness
from tests.channels.harnesses.worded import worded

_BLOCKED, _REFUSED = SendFailure.BLOCKED, SendFailure.REFUSED


@dataclass(frozen=True, kw_only=True)
class _Account:
    """A page or an Instagram account, and somebody who writes there."""

    graph: GraphStandIn
    ana: GraphCustomer
    adapter: Adapter
    clock: HandClock
    comments: str
    """The stand-in's name of the call that answers a comment."""
    room: int = 0
    """What a comment may hold beyond the length that is told."""
    measure: Callable[[str], int]


def page_adapter(
    graph: GraphStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> MetaAccount:
    """Serve the stand-in's page."""
    settings = MessengerChannel(platform="messenger", page_id=graph.page_id, **_keys(graph))
    return messenger_account(name="messenger", settings=settings, session=session, clock=clock)


def instagram_adapter(
    graph: GraphStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> MetaAccount:
    """Serve the stand-in's Instagram account."""
    settings = InstagramChannel(platform="instagram", account_id=graph.instagram_id, **_keys(graph))
    return instagram_account(name="instagram", settings=settings, session=session, clock=clock)


def _keys(graph: GraphStandIn) -> dict[str, Any]:
    return {
        "page_token": SecretStr(graph.page_token),
        "app_secret": SecretStr(graph.app_secret),
        "verify_token": SecretStr(graph.verify_token),
        "app_id": graph.app_id,
        "api_base": graph.base_url,
    }


@contextlib.asynccontextmanager
async def _messenger(clock: HandClock) -> AsyncIterator[_Account]:
    async with GraphStandIn(clock=clock) as graph, aiohttp.ClientSession() as session:
        yield _Account(
            graph=graph,
            ana=graph.customer(),
            adapter=page_adapter(graph, session, clock),
            clock=clock,
            comments="comments",
            # Facebook takes 8,000; nobody reads them under a post.
            room=PAGE_COMMENT_CHARACTERS - COMMENT_LIMIT,
            measure=len,
        )


@contextlib.asynccontextmanager
async def _instagram(clock: HandClock) -> AsyncIterator[_Account]:
    async with GraphStandIn(clock=clock) as graph, aiohttp.ClientSession() as session:
        yield _Account(
            graph=graph,
            ana=graph.customer(place="instagram"),
            adapter=instagram_adapter(graph, session, clock),
            clock=clock,
            comments="replies",
            measure=lambda text: len(text.encode()),
        )


@contextlib.asynccontextmanager
async def messenger(clock: HandClock) -> AsyncIterator[Harness]:
    async with _messenger(clock) as account:
        yield await _thread(account)


@contextlib.asynccontextmanager
async def page_comment(clock: HandClock) -> AsyncIterator[Harness]:
    async with _messenger(clock) as account:
        yield await _comment(account)


@contextlib.asynccontextmanager
async def visitors_post(clock: HandClock) -> AsyncIterator[Harness]:
    async with _messenger(clock) as account:
        yield replace(await _comment(account), **await _post(account))


@contextlib.asynccontextmanager
async def post_private_reply(clock: HandClock) -> AsyncIterator[Harness]:
    async with _messenger(clock) as account:
        yield replace(await _private_reply(account), **await _post(account))


@contextlib.asynccontextmanager
async def page_private_reply(clock: HandClock) -> AsyncIterator[Harness]:
    async with _messenger(clock) as account:
        yield await _private_reply(account)


@contextlib.asynccontextmanager
async def instagram(clock: HandClock) -> AsyncIterator[Harness]:
    async with _instagram(clock) as account:
        yield await _thread(account)


@contextlib.asynccontextmanager
async def instagram_comment(clock: HandClock) -> AsyncIterator[Harness]:
    async with _instagram(clock) as account:
        yield await _comment(account)


@contextlib.asynccontextmanager
async def instagram_private_reply(clock: HandClock) -> AsyncIterator[Harness]:
    async with _instagram(clock) as account:
        yield await _private_reply(account)


async def _thread(account: _Account) -> Harness:
    ana = account.ana
    first = await ana.write("hello")

    async def writes_again() -> None:
        await ana.write("hello again")

    return Harness(
        adapter=account.adapter,
        clock=account.clock,
        address=_address(account, ana.user_id, Surface.PRIVATE),
        stranger=_address(account, "77", Surface.PRIVATE),
        message_id=first.message_id,
        user_id=ana.user_id,
        name_call="node",
        secret=account.graph.page_token,
        faults=account.graph.faults,
        send_call="messages",
        seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
        typed=lambda: ana.thread.actions.count("typing_on"),
        writes_again=writes_again,
        go_down=account.graph.go_down,
        revoke=_revocation(account.graph),
        measure=account.measure,
        refusals={
            "window": (_refused(10, 2018278), SendFailure.WINDOW_CLOSED),
            "window on Instagram": (_refused(10, 2534022), SendFailure.WINDOW_CLOSED),
            "not receiving": (_refused(10, 2018108), _BLOCKED),
            "not available": (_refused(551, 1545041), _BLOCKED),
            "no permission": (_refused(10), _REFUSED),
            "parameter": (_refused(100), _REFUSED),
            "busy": (_refused(1200), SendFailure.UNAVAILABLE),
            "too many": (_refused(613), SendFailure.RATE_LIMITED),
            "token": (_refused(190, 460), SendFailure.REVOKED),
            "violation": (_refused(368), SendFailure.REVOKED),
        },
    )


async def _comment(account: _Account) -> Harness:
    ana = account.ana
    first = await ana.comment("hello")

    async def writes_again() -> None:
        await ana.comment("hello again")

    return Harness(
        adapter=account.adapter,
        clock=account.clock,
        address=_address(account, first.comment_id, Surface.PUBLIC),
        stranger=_address(account, "77_77", Surface.PUBLIC),
        nothing="77_77",
        message_id=first.comment_id,
        prompt=_comments(ana),
        secret=account.graph.page_token,
        faults=account.graph.faults,
        send_call=account.comments,
        seen=lambda: tuple((each.comment_id, each.text) for each in ana.answers),
        typed=lambda: ana.thread.actions.count("typing_on"),
        writes_again=writes_again,
        go_down=account.graph.go_down,
        revoke=_revocation(account.graph),
        refusals={
            "gone": (_refused(100, 33), _REFUSED),
            "no permission": (_refused(200), _REFUSED),
            "busy": (_refused(2), SendFailure.UNAVAILABLE),
            "too many": (_refused(32), SendFailure.RATE_LIMITED),
            "token": (_refused(190, 460), SendFailure.REVOKED),
            "violation": (_refused(368), SendFailure.REVOKED),
        },
        room=account.room,
    )


async def _private_reply(account: _Account) -> Harness:
    in_public = await _comment(account)
    ana = account.ana
    return replace(
        in_public,
        private=True,
        send_call="messages",
        seen=lambda: tuple((each.message_id, each.text) for each in ana.chat),
        measure=account.measure,
        room=0,
        refusals={
            "answered before": (_refused(10900), _REFUSED),
            "too late": (_refused(10903), _REFUSED),
            "not receiving": (_refused(10, 2018108), _BLOCKED),
            "too many": (_refused(613), SendFailure.RATE_LIMITED),
            "token": (_refused(190, 460), SendFailure.REVOKED),
        },
    )


async def _post(account: _Account) -> dict[str, Any]:
    """What is other where a visitor's own post is answered."""

    async def posts() -> str:
        return (await account.ana.post("hello?")).comment_id

    first = await posts()
    page = account.graph.page_id
    return {
        "address": _address(account, first, Surface.PUBLIC),
        "message_id": first,
        "prompt": posts,
        "nothing": f"{page}_77",
    }


def _address(account: _Account, key: str, surface: Surface) -> Address:
    owner = account.graph.account_id(account.ana.place)
    return Address(channel=account.adapter.name, account=owner, key=key, surface=surface)


def _comments(ana: GraphCustomer) -> Callable[[], Awaitable[str]]:
    async def comments() -> str:
        return (await ana.comment("hello?")).comment_id

    return comments


def _revocation(graph: GraphStandIn) -> Callable[[], None]:
    def revoke() -> None:
        graph.token_works = False

    return revoke


def _refused(code: int, subcode: int | None = None) -> Fault:
    return worded(400, GraphRefusalError(code, "No.", subcode=subcode).body)
