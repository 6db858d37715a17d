"""A page's inbox and an Instagram account before their stand-in: what tests of both need."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from channels.contract import Adapter, OutboundMessage
from channels.errors import SendError
from channels.meta.account import MetaAccount
from channels.registry import build_adapter
from config.channels import InstagramChannel, MessengerChannel
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import Comment, GraphCustomer

HELLO = OutboundMessage(text="Hello")


def page(graph: GraphStandIn) -> MessengerChannel:
    return MessengerChannel(
        platform="messenger",
        page_id=graph.page_id,
        page_token=SecretStr(graph.page_token),
        app_secret=SecretStr(graph.app_secret),
        verify_token=SecretStr(graph.verify_token),
        app_id=graph.app_id,
        api_base=graph.base_url,
    )


def instagram(graph: GraphStandIn) -> InstagramChannel:
    return InstagramChannel(
        platform="instagram",
        account_id=graph.instagram_id,
        page_token=SecretStr(graph.page_token),
        app_secret=SecretStr(graph.app_secret),
        verify_token=SecretStr(graph.verify_token),
        app_id=graph.app_id,
        api_base=graph.base_url,
    )


@contextlib.asynccontextmanager
async def served(
    settings: MessengerChannel | InstagramChannel, clock: Clock
) -> AsyncIterator[MetaAccount]:
    """Make the adapter, with a session of its own."""
    async with aiohttp.ClientSession() as session:
        made = build_adapter(settings.platform, settings, session=session, clock=clock)
        assert isinstance(made, MetaAccount)
        yield made


def private(account: str, channel: str, customer: GraphCustomer) -> Address:
    return Address(channel=channel, account=account, key=customer.user_id, surface=Surface.PRIVATE)


def public(account: str, channel: str, comment: Comment) -> Address:
    key = f"{comment.post_id}:{comment.author_id}"
    return Address(channel=channel, account=account, key=key, surface=Surface.PUBLIC)


async def failed(adapter: Adapter, address: Address, message: OutboundMessage = HELLO) -> SendError:
    with pytest.raises(SendError) as caught:
        await adapter.send(address, message)
    assert "stand-in" not in str(caught.value)
    return caught.value
