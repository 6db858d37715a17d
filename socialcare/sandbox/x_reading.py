"""What X answers who asks: the mentions of an account, and its direct messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from socialcare.sandbox.x_people import Account, Message, Post
from socialcare.sandbox.x_rules import invalid
from socialcare.sandbox.x_words import Naming, iso, message_v2, post_v2

Json = dict[str, Any]
T = TypeVar("T")
_MENTION_QUERY: Final = frozenset(
    {
        *("max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id"),
        *("post.fields", "tweet.fields", "expansions", "user.fields", "media.fields"),
        *("poll.fields", "place.fields"),
    }
)
_DM_QUERY: Final = frozenset(
    {
        *("max_results", "pagination_token", "event_types", "dm_event.fields", "expansions"),
        *("user.fields", "post.fields", "tweet.fields", "media.fields"),
    }
)


def mentions(
    posts: Iterable[Post],
    us: Account,
    query: Mapping[str, str],
    people: Sequence[Account],
    naming: Naming,
) -> Json:
    """Answer `GET /2/users/:id/mentions`: newest first."""
    _known(query, _MENTION_QUERY)
    since, begin = int(query.get("since_id", "0")), query.get("start_time", "")
    named = [
        post
        for post in posts
        if any(name.casefold() == us.username.casefold() for name in post.names())
        and post.author != us
        and int(post.post_id) > since
        and iso(post.at) >= begin
    ]
    page, meta = _page(sorted(named, key=lambda post: -int(post.post_id)), query, least=5)
    if not page:
        return {"meta": {"result_count": 0}}
    ids = {"newest_id": page[0].post_id, "oldest_id": page[-1].post_id}
    return {
        "data": [post_v2(post, people, naming) for post in page],
        "includes": {
            "users": [post.author.v2 for post in page],
            "media": [medium for post in page for medium in post.media],
        },
        "meta": meta | ids,
    }


def dm_events(messages: Iterable[Message], query: Mapping[str, str]) -> Json:
    """Answer `GET /2/dm_events`: newest first, what we sent too."""
    _known(query, _DM_QUERY)
    page, meta = _page(sorted(messages, key=lambda one: -int(one.message_id)), query, least=1)
    if not page:
        return {"meta": {"result_count": 0}}
    senders = {one.sender.user_id: one.sender for one in page}
    return {
        "data": [message_v2(one) for one in page],
        "includes": {"users": [one.v2 for one in senders.values()]},
        "meta": meta,
    }


def _known(query: Mapping[str, str], known: frozenset[str]) -> None:
    if unknown := set(query) - known:
        raise invalid(f"The query parameter [{min(unknown)}] is not one of {sorted(known)}")


def _page(found: list[T], query: Mapping[str, str], *, least: int) -> tuple[list[T], Json]:
    size = int(query.get("max_results", "10"))
    if not least <= size <= 100:
        raise invalid(f"The `max_results` query parameter value [{size}] is not valid")
    start = int(query.get("pagination_token", "0"))
    page = found[start : start + size]
    meta: Json = {"result_count": len(page)}
    if start + size < len(found):
        meta["next_token"] = str(start + size)
    return page, meta
