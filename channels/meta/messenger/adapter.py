"""A Facebook page in service: its inbox and the comments under its posts."""

from typing import Final

import aiohttp

from channels.contract import Capabilities, LengthUnit
from channels.meta.account import PRIVATE_REPLY, MetaAccount, Place, in_threads
from channels.meta.messenger.codec import COMMENT_LIMIT, TEXT_LIMIT, MessengerCodec
from channels.meta.thread_events import MEDIA
from config.channels import MessengerChannel
from conversation.clock import Clock

FIELDS: Final = (
    "messages",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_deliveries",
    "message_reads",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "standby",
    "feed",
)
"""What the codec reads: https://developers.facebook.com/docs/messenger-platform/webhooks#fields."""

PROFILE: Final = "first_name,last_name"
_PRIVATE: Final = in_threads(max_length=TEXT_LIMIT, unit=LengthUnit.CHARACTERS)
_PUBLIC: Final = Capabilities(
    max_length=COMMENT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    media=MEDIA,
    private_reply=PRIVATE_REPLY,
)


def messenger_account(
    *, name: str, settings: MessengerChannel, session: aiohttp.ClientSession, clock: Clock
) -> MetaAccount:
    """Make the adapter of one page."""
    page = settings.page_id

    def named_by(answered: str) -> str:
        """A visitor's own post is named by page and post, a comment by post and comment."""
        return "post_id" if answered.startswith(f"{page}_") else "comment_id"

    return MetaAccount(
        name=name,
        settings=settings,
        place=Place(
            account=page,
            node=page,
            fields=FIELDS,
            profile=PROFILE,
            answers="comments",
            private=_PRIVATE,
            public=_PUBLIC,
            named_by=named_by,
            known_by="id",
            # https://developers.facebook.com/docs/messenger-platform/discovery/m-me-links
            link=lambda _username, token: f"https://m.me/{page}?ref={token}",
        ),
        codec=MessengerCodec,
        session=session,
        clock=clock,
    )
