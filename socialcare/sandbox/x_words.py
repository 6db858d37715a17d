"""How X words posts and messages: API v2, the Activity API, the Account Activity API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from socialcare.sandbox.x_people import Account, Message, Post

Json = dict[str, Any]
Naming = Literal["post", "tweet"]


def iso(moment: datetime) -> str:
    """Date as API v2 does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def classic(moment: datetime) -> str:
    """Date as API 1.1 does."""
    return moment.strftime("%a %b %d %H:%M:%S +0000 %Y")


def milliseconds(moment: datetime) -> str:
    """Date as the Account Activity API does."""
    return str(int(moment.timestamp() * 1000))


def escaped(text: str) -> str:
    """Write a text as X's API gives it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def post_v2(post: Post, people: Iterable[Account], naming: Naming) -> Json:
    """Word a post for API v2, by its new names or its old ones."""
    known = {one.username.casefold(): one for one in people}
    told: Json = {
        "id": post.post_id,
        "text": escaped(post.text),
        "author_id": post.author.user_id,
        "conversation_id": post.thread,
        "created_at": iso(post.at),
        "lang": post.lang,
        f"edit_history_{naming}_ids": list(post.versions or (post.post_id,)),
    }
    mentions = [known[name.casefold()] for name in post.names() if name.casefold() in known]
    if mentions:
        told["entities"] = {
            "mentions": [{"username": one.username, "id": one.user_id} for one in mentions]
        }
    references = [
        {"type": kind, "id": other.post_id}
        for kind, other in (("replied_to", post.answers), ("quoted", post.quotes))
        if other is not None
    ]
    if references:
        told[f"referenced_{naming}s"] = references
    if post.answers is not None:
        told["in_reply_to_user_id"] = post.answers.author.user_id
    if post.media:
        told["attachments"] = {"media_keys": [one["media_key"] for one in post.media]}
    return told


def message_v2(message: Message) -> Json:
    """Word a direct message for `GET /2/dm_events`."""
    return {
        "id": message.message_id,
        "event_type": "MessageCreate",
        "text": escaped(message.text),
        "sender_id": message.sender.user_id,
        "dm_conversation_id": message.conversation,
        "participant_ids": [message.sender.user_id, message.recipient.user_id],
        "created_at": iso(message.at),
    }


def message_classic(message: Message) -> Json:
    """Word a direct message for webhooks and the stream: an Account Activity body."""
    data: Json = {"text": escaped(message.text), "entities": {"urls": [], "user_mentions": []}}
    if message.media is not None:
        data["attachment"] = {"type": "media", "media": message.media}
    event = {
        "type": "message_create",
        "id": message.message_id,
        "created_timestamp": milliseconds(message.at),
        "message_create": {
            "target": {"recipient_id": message.recipient.user_id},
            "sender_id": message.sender.user_id,
            "source_app_id": message.app,
            "message_data": data,
        },
    }
    people = (message.sender, message.recipient)
    return {
        "direct_message_events": [event],
        "users": {one.user_id: one.classic for one in people},
    }


def activity(
    kind: str, payload: Json, *, user_id: str, uuid: str, includes: Json | None = None
) -> Json:
    """Put something that happened into the Activity API's envelope."""
    data: Json = {
        "event_uuid": uuid,
        "filter": {"user_id": user_id},
        "event_type": kind,
        "tag": "stand-in",
        "payload": payload,
    }
    return {"data": data | ({"includes": includes} if includes else {})}


def account_activity(body: Json, *, user_id: str) -> Json:
    """Give the deprecated Account Activity API's body for a message's envelope."""
    payload: Json = body["data"]["payload"]
    return {"for_user_id": user_id, **payload}
