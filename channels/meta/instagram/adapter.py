"""An Instagram account in service: its direct messages and the comments under its posts."""

from typing import Final

import aiohttp

from channels.contract import Capabilities, LengthUnit, Rate
from channels.meta.account import PRIVATE_REPLY, MetaAccount, Place, in_threads
from channels.meta.instagram.codec import COMMENT_LIMIT, TEXT_BYTES, InstagramCodec
from config.channels import InstagramChannel
from conversation.clock import Clock

NODE: Final = "me"
"""The Send API's place of the account: what the token stands for, which with Facebook's login is
the page linked to the account, with Instagram's the account itself."""

FIELDS: Final = (
    "messages",
    "message_edits",
    "message_reactions",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_handovers",
    "message_reads",
    "standby",
)
"""What the codec reads. Comments and mentions are subscribed to by the app itself:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-instagram."""

PROFILE: Final = "name,username"
_PRIVATE: Final = in_threads(max_length=TEXT_BYTES, unit=LengthUnit.BYTES)
_PUBLIC: Final = Capabilities(
    max_length=COMMENT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    private_reply=PRIVATE_REPLY,
    # Private replies: https://developers.facebook.com/docs/graph-api/overview/rate-limiting#instagram-messaging
    rates=(Rate(count=750, window_s=3_600.0),),
)


def _link(username: str | None, token: str) -> str | None:
    """https://developers.facebook.com/docs/messenger-platform/instagram/features/ig-me-links."""
    return None if username is None else f"https://ig.me/m/{username}?ref={token}"


def instagram_account(
    *, name: str, settings: InstagramChannel, session: aiohttp.ClientSession, clock: Clock
) -> MetaAccount:
    """Make the adapter of one account."""
    return MetaAccount(
        name=name,
        settings=settings,
        place=Place(
            account=settings.account_id,
            node=NODE,
            fields=FIELDS,
            profile=PROFILE,
            answers="replies",
            private=_PRIVATE,
            public=_PUBLIC,
            named_by=lambda _answered: "comment_id",
            known_by="id,username",
            link=_link,
        ),
        codec=InstagramCodec,
        session=session,
        clock=clock,
    )
