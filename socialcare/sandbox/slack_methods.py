"""The Web API methods an app calls, each a function of the workspace and its parameters.

https://docs.slack.dev/reference/methods
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from socialcare.sandbox.rates import Rate
from socialcare.sandbox.slack_places import Channel, Hook
from socialcare.sandbox.slack_reading import Message, View
from socialcare.sandbox.slack_rules import (
    TEXT_MAX,
    UPDATED_TEXT_MAX,
    SlackRefusalError,
    check_blocks,
    check_view,
)
from socialcare.sandbox.slack_workspace import Workspace

Json = dict[str, Any]

# About one message a second and channel, short bursts allowed; chat.update is tier 3.
POST_RATE: Final = Rate(burst=10, per_s=1.0)
USERS_RATE: Final = Rate(burst=100, per_s=100 / 60)
UPDATE_RATE: Final = Rate(burst=50, per_s=50 / 60)
PAGE_MAX: Final = 1000


class RateLimitedError(Exception):
    """HTTP 429 with `Retry-After`."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("ratelimited")
        self.wait_s = wait_s


def is_true(value: Any) -> bool:
    """Read a yes or no of a form or of JSON."""
    return str(value).lower() in {"1", "true"}


def structured(params: Json, name: str, error: str) -> Any:
    """Read a parameter that is JSON inside a form, or itself inside a JSON body."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise SlackRefusalError(error) from None


def _within(workspace: Workspace, key: tuple[str, ...], rate: Rate) -> None:
    if workspace.enforce_rates and (wait_s := workspace.rates.spend(key, rate)):
        raise RateLimitedError(wait_s)


def _words(params: Json, *, text_max: int) -> tuple[str, tuple[Json, ...]]:
    given = structured(params, "blocks", "invalid_blocks_format")
    blocks = tuple(check_blocks(given)) if given else ()
    text = str(params.get("text") or "")
    if not text.strip() and not blocks:
        raise SlackRefusalError("no_text")
    if len(text) > text_max:
        raise SlackRefusalError("msg_too_long")
    return text, blocks


def _metadata(params: Json) -> Json | None:
    found = structured(params, "metadata", "invalid_metadata_format")
    if found is None:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event_payload"), dict):
        raise SlackRefusalError("invalid_metadata_schema")
    if not found.get("event_type"):
        raise SlackRefusalError("invalid_metadata_schema")
    return found


def _composed(workspace: Workspace, params: Json, channel: Channel) -> Message:
    text, blocks = _words(params, text_max=TEXT_MAX)
    thread_ts = params.get("thread_ts")
    if thread_ts and str(thread_ts) not in channel.messages:
        raise SlackRefusalError("thread_not_found")
    linked = is_true(params.get("link_names")) or params.get("parse") == "full"
    return Message(
        channel=channel.id,
        ts=workspace.next_ts(channel),
        user=workspace.bot_user,
        bot_id=workspace.bot_id,
        username=params.get("username"),
        text=text,
        blocks=blocks,
        thread_ts=str(thread_ts) if thread_ts else None,
        metadata=_metadata(params),
        link_names=linked,
        at=workspace.now(),
    )


def _auth_test(workspace: Workspace, _params: Json) -> Json:
    return {
        "url": "https://northwind.slack.com/",
        "team": "Northwind",
        "user": "northwind-care",
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _api_test(_workspace: Workspace, params: Json) -> Json:
    if params.get("error"):
        raise SlackRefusalError(str(params["error"]))
    return {"args": {key: value for key, value in params.items() if key != "token"}}


def _post_message(workspace: Workspace, params: Json) -> Json:
    channel = workspace.channel(params.get("channel"))
    message = _composed(workspace, params, channel)
    _within(workspace, ("chat.postMessage", channel.id), POST_RATE)
    kept = workspace.say(message)
    return {"channel": channel.id, "ts": kept.ts, "message": workspace.payload(kept)}


def _post_ephemeral(workspace: Workspace, params: Json) -> Json:
    channel = workspace.channel(params.get("channel"))
    user = str(params.get("user") or "")
    if user not in workspace.members:
        raise SlackRefusalError("user_not_in_channel")
    message = _composed(workspace, params, channel)
    _within(workspace, ("chat.postMessage", channel.id), POST_RATE)
    workspace.whisper(replace(message, ephemeral_to=user))
    return {"message_ts": message.ts}


def _own(workspace: Workspace, params: Json, error: str) -> Message:
    message = workspace.message(params.get("channel"), params.get("ts"))
    if message.bot_id != workspace.bot_id:
        raise SlackRefusalError(error)
    return message


def _update(workspace: Workspace, params: Json) -> Json:
    message = _own(workspace, params, "cant_update_message")
    text, blocks = _words(params, text_max=UPDATED_TEXT_MAX)
    _within(workspace, ("chat.update",), UPDATE_RATE)
    channel = workspace.channels[message.channel]
    metadata = _metadata(params) if "metadata" in params else message.metadata
    # Without blocks the text alone stays, as live.
    changed = workspace.keep(
        replace(
            message,
            text=text,
            blocks=blocks,
            metadata=metadata,
            edited=workspace.next_ts(channel),
        )
    )
    told = workspace.payload(changed)
    return {"channel": channel.id, "ts": changed.ts, "text": text, "message": told}


def _delete(workspace: Workspace, params: Json) -> Json:
    message = _own(workspace, params, "cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def _views_open(workspace: Workspace, params: Json) -> Json:
    body = check_view(structured(params, "view", "invalid_arguments"))
    user = workspace.spend_trigger(params.get("trigger_id"))
    return {"view": workspace.open_view(user, body).body}


def _found_view(workspace: Workspace, params: Json) -> View:
    for view in workspace.views.values():
        external = view.body["external_id"]
        if view.id == params.get("view_id") or (external and external == params.get("external_id")):
            return view
    raise SlackRefusalError("not_found")


def _views_update(workspace: Workspace, params: Json) -> Json:
    view = _found_view(workspace, params)
    body = check_view(structured(params, "view", "invalid_arguments"))
    if params.get("hash") not in {None, view.body["hash"]}:
        raise SlackRefusalError("hash_conflict")
    return {"view": workspace.open_view(view.user, body, view).body}


def _page(workspace: Workspace, params: Json, messages: list[Message]) -> Json:
    oldest, latest = str(params.get("oldest") or "0"), str(params.get("latest") or "9999999999")
    inclusive = is_true(params.get("inclusive"))
    edges = {oldest, latest} if inclusive else set()
    within = [
        each
        for each in messages
        if float(oldest) < float(each.ts) < float(latest) or each.ts in edges
    ]
    start = int(str(params.get("cursor") or "0"))
    limit = max(1, min(int(params.get("limit") or 100), PAGE_MAX))
    shown, rest = within[start : start + limit], within[start + limit :]
    metadata = is_true(params.get("include_all_metadata"))
    told: Json = {
        "messages": [workspace.payload(each, metadata=metadata) for each in shown],
        "has_more": bool(rest),
    }
    if rest:
        told["response_metadata"] = {"next_cursor": str(start + limit)}
    return told


def _history(workspace: Workspace, params: Json) -> Json:
    channel = workspace.channel(params.get("channel"))
    roots = [each for each in channel.messages.values() if not each.is_reply]
    return _page(workspace, params, roots[::-1])


def _replies(workspace: Workspace, params: Json) -> Json:
    channel = workspace.channel(params.get("channel"))
    root = channel.messages.get(str(params.get("ts")))
    if root is None:
        raise SlackRefusalError("thread_not_found")
    if root.is_reply:
        root = channel.messages.get(str(root.thread_ts), root)
    return _page(workspace, params, [root, *workspace.replies(root)])


def _conversation(workspace: Workspace, params: Json) -> Json:
    channel = workspace.channel(params.get("channel"))
    about = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_im": channel.kind == "im",
        "is_private": channel.kind != "channel",
        "is_archived": False,
        "is_member": True,
    }
    return {"channel": about}


def _user(workspace: Workspace, params: Json) -> Json:
    _within(workspace, ("users.info",), USERS_RATE)
    if not workspace.reads_users:
        raise SlackRefusalError("missing_scope")
    member = workspace.members.get(str(params.get("user")))
    if member is None:
        raise SlackRefusalError("user_not_found")
    profile = {"real_name": member.name, "display_name": member.name}
    return {
        "user": {
            "id": member.id,
            "team_id": workspace.team_of(member.id),
            "name": member.name.lower(),
            "real_name": member.name,
            "tz": "Europe/London",
            "is_bot": False,
            "deleted": False,
            "profile": profile,
        }
    }


def _usergroup_users(workspace: Workspace, params: Json) -> Json:
    members = workspace.usergroups.get(str(params.get("usergroup")))
    if members is None:
        raise SlackRefusalError("no_such_subteam")
    return {"users": list(members)}


def _team(workspace: Workspace, _params: Json) -> Json:
    return {"team": {"id": workspace.team_id, "name": "Northwind", "domain": "northwind"}}


METHODS: Final[dict[str, Callable[[Workspace, Json], Json]]] = {
    "auth.test": _auth_test,
    "api.test": _api_test,
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "views.open": _views_open,
    "views.update": _views_update,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.info": _conversation,
    "users.info": _user,
    "usergroups.users.list": _usergroup_users,
    "team.info": _team,
}


def answer_hook(workspace: Workspace, hook: Hook, body: Json) -> None:
    """Do what an app posted to a response_url."""
    message = hook.message
    if is_true(body.get("delete_original")):
        workspace.remove(message)
        return
    text, blocks = _words(body, text_max=TEXT_MAX)
    if is_true(body.get("replace_original")):
        if message.ephemeral_to is None:
            workspace.keep(replace(message, text=text, blocks=blocks))
        else:
            workspace.whisper(replace(message, text=text, blocks=blocks))
        return
    thread_ts = body.get("thread_ts")
    fresh = Message(
        channel=message.channel,
        ts=workspace.next_ts(workspace.channels[message.channel]),
        user=workspace.bot_user,
        bot_id=workspace.bot_id,
        text=text,
        blocks=blocks,
        thread_ts=str(thread_ts) if thread_ts else None,
        at=workspace.now(),
    )
    if body.get("response_type") == "in_channel":
        workspace.say(fresh)
    else:
        workspace.whisper(replace(fresh, ephemeral_to=hook.user))
