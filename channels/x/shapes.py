"""The three shapes in which X tells of things, taken apart into single things. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from channels.x.payloads import Activity, Envelope

MENTIONS: Final = "mentions"
DM_EVENTS: Final = "dm_events"

SUBSCRIBED: Final = (
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "dm.received",
    "dm.sent",
    "dm.read",
    "chat.received",
    "post.create",
)
"""What we ask the Activity API to tell: https://docs.x.com/x-api/activity/introduction."""

POSTS: Final = (*SUBSCRIBED[:3], "post.create", "tweet_create_events", MENTIONS)
DIRECT: Final = ("dm.received", "dm.sent", "direct_message_events", DM_EVENTS)
READS: Final = ("dm.read", "direct_message_mark_read_events")
DELETIONS: Final = ("post.delete", "tweet_delete_events")
ENCRYPTED: Final = ("chat.received",)
UNDERSTOOD: Final = frozenset({*POSTS, *DIRECT, *READS, *DELETIONS, *ENCRYPTED})

CLASSIC_REVOKE: Final = "user_event.revoke"
"""The Account Activity API's word for `oauth.revoke`."""
LEFT_ALONE: Final = frozenset(
    {
        *("post.repost.create", "like.create", "dm.indicate_typing", "chat.sent"),
        *("chat.conversation.join", "chat.conversation_join", "oauth.revoke"),
        *("chat.conversation.member_added", "chat.conversation.member_removed"),
        *("chat.conversation.admin_added", "chat.conversation.admin_removed"),
        *("chat.update.group_name", "chat.update.restrictions"),
        *("follow.follow", "follow.unfollow", "mute.mute", "mute.unmute"),
        *("block.block", "block.unblock", "news.new", "spaces.start", "spaces.end"),
        *("broadcast.start", "broadcast.end", "broadcast.chat"),
        *("profile.update.bio", "profile.update.profile_picture", "profile.update.banner_picture"),
        *("profile.update.screenname", "profile.update.geo", "profile.update.url"),
        *("profile.update.verified_badge", "profile.update.affiliate_badge"),
        *("profile.update.handle", "favorite_events", "follow_events", "block_events"),
        *("mute_events", "user_event", CLASSIC_REVOKE, "direct_message_indicate_typing_events"),
    }
)
"""What asks nothing of whoever answers customers."""

_LISTS: Final = ("direct_message_events", "direct_message_mark_read_events")
"""Account Activity lists that the Activity API's `dm.…` carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that happened, by itself."""

    kind: str
    """X's word for it, or the name of the list it stood in."""
    content: Any
    """The post, message … as X wrote it."""
    body: Any
    """The whole, in its shape, with nothing else in it: what is kept."""
    account: str | None = None
    """Whose activity it is, where X says so."""
    uuid: str | None = None
    """The Activity API's own id of the telling; the same post may be told twice."""
    users: Any = None
    media: Any = None


def parts(value: object) -> Iterator[Part]:
    """Take apart what X sent; nothing comes of what has none of its shapes."""
    if not isinstance(value, dict):
        return
    match value.get("data"):
        case {"event_type": _}:
            yield from _of_activity(value)
        case list(items):
            includes = value.get("includes")
            for item in items:
                yield _polled(item, includes if isinstance(includes, dict) else {})
        case _:
            if "for_user_id" in value:
                yield from _of_classic(value)
            elif isinstance(value.get("user_event"), dict):
                yield from _of_account(value["user_event"])


def _of_activity(value: dict[str, Any]) -> Iterator[Part]:
    try:
        activity = Envelope.model_validate(value).data
    except ValidationError:
        return
    payload = activity.payload
    if isinstance(payload, dict):
        # Some events wrap the object in its own name, by the old or the new one.
        payload = payload.get("post") or payload.get("tweet") or payload
    if not isinstance(payload, dict) or not any(name in payload for name in _LISTS):
        yield _active(activity, payload, value, users=_within(activity.includes, "users"))
        return
    for name in _LISTS:
        for each in _listed(payload.get(name)):
            users = _mentioned(payload.get("users"), each)
            lone = {name: [each], "users": users}
            body = {**value, "data": {**value["data"], "payload": lone}}
            yield _active(activity, each, body, users=users)


def _active(activity: Activity, content: Any, body: Any, *, users: Any) -> Part:
    return Part(
        kind=activity.event_type,
        content=content,
        body=body,
        account=activity.filter.user_id,
        uuid=activity.event_uuid,
        users=users,
        media=_within(activity.includes, "media"),
    )


def _polled(item: Any, includes: Mapping[str, Any]) -> Part:
    users = _mentioned(includes.get("users"), item)
    media = _mentioned(includes.get("media"), item)
    direct = isinstance(item, dict) and ("event_type" in item or "dm_conversation_id" in item)
    return Part(
        kind=DM_EVENTS if direct else MENTIONS,
        content=item,
        body={"data": [item], "includes": {"users": users, "media": media}},
        users=users,
        media=media,
    )


def _of_classic(value: dict[str, Any]) -> Iterator[Part]:
    account = value["for_user_id"]
    for name, listed in value.items():
        if not name.endswith(("_events", "_event")):
            continue
        for each in _listed(listed):
            users = _mentioned(value.get("users"), each)
            yield Part(
                kind=name,
                content=each,
                body={"for_user_id": account, name: [each], "users": users},
                account=account if isinstance(account, str) else str(account)[:64],
                users=users,
            )


def _of_account(event: dict[str, Any]) -> Iterator[Part]:
    """Find whom an event of an account as a whole is about; it is not told as the others are."""
    revoke = event.get("revoke")
    source = revoke.get("source") if isinstance(revoke, dict) else None
    account = source.get("user_id") if isinstance(source, dict) else None
    yield Part(
        kind=CLASSIC_REVOKE if isinstance(revoke, dict) else "user_event",
        content=event,
        body={"user_event": event},
        account=None if account is None else str(account)[:64],
    )


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _within(includes: Any, name: str) -> Any:
    return includes.get(name) if isinstance(includes, dict) else None


def _mentioned(objects: Any, by: Any) -> Any:
    """Keep of users or media those whom a thing names: the rest is other people's business."""
    named = set(_words(by))
    if isinstance(objects, dict):
        return {key: each for key, each in objects.items() if key in named}
    if isinstance(objects, list):
        return [each for each in objects if not named.isdisjoint(_keys(each))]
    return None


def _keys(each: Any) -> list[str]:
    if not isinstance(each, dict):
        return []
    return [str(each[key]) for key in ("id", "id_str", "media_key") if key in each]


def _words(node: Any) -> Iterator[str]:
    """Give every leaf that can be an id."""
    if isinstance(node, dict):
        for child in node.values():
            yield from _words(child)
    elif isinstance(node, list):
        for child in node:
            yield from _words(child)
    elif isinstance(node, str | int) and len(str(node)) <= 64:
        yield str(node)
