"""The Bot API's outer shape: parameters in, answers out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.telegram_people import Chat
from socialcare.sandbox.telegram_rules import (
    BotApiRefusalError,
    bad_request,
    parsed_json,
    whole_number,
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a bot, and what it was told."""

    method: str
    params: Json
    result: Any
    """The result, or the refusal's description."""
    status: int
    at: datetime


def is_true(params: Json, name: str) -> bool:
    """Read a yes or no of a form."""
    return str(params.get(name, "")).lower() in {"true", "1", "yes"}


def reply_target(params: Json, chat: Chat) -> int | None:
    """Find the message a reply answers; None for a message of its own."""
    wanted = parsed_json(params, "reply_parameters")
    if not isinstance(wanted, dict):
        return None
    target = whole_number(wanted, "message_id")
    if target in chat.seen or target in chat.received:
        return target
    if wanted.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


async def read_params(request: web.Request) -> Json:
    """Take the parameters wherever the client put them: query, form, multipart, JSON."""
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            # What can't be read says nothing; the method then misses what it needs.
            body = None
        params |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        params |= {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
    return params


def refused(refusal: BotApiRefusalError) -> web.Response:
    """Word a refusal as the live server does."""
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    headers: dict[str, str] = {}
    if refusal.parameters:
        body["parameters"] = dict(refusal.parameters)
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.json_response(body, status=refusal.code, headers=headers)


def spoiled(fault: Fault) -> web.Response:
    """Word a fault as the live server does."""
    if fault.kind == "error_inside":
        body = {"ok": False, "error_code": 500, "description": fault.error}
        return web.json_response(body)
    if fault.retry_after is None:
        return refused(BotApiRefusalError(429, "Too Many Requests"))
    after = fault.retry_after
    return refused(
        BotApiRefusalError(429, f"Too Many Requests: retry after {after}", retry_after=after)
    )
