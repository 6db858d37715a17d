"""Graph's outer shape: JSON in, answers out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.whatsapp_rules import GraphRefusalError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the brand, and what it was told."""

    name: str
    """`messages`, `read` or `number`."""
    body: Json
    result: Any
    """The answer, or the refusal's code."""
    status: int
    at: datetime


async def read_body(request: web.Request) -> Json:
    """Take the body of a call."""
    try:
        body = await request.json()
    except ValueError:
        # What can't be read says nothing; the call then misses what it needs.
        return {}
    return body if isinstance(body, dict) else {}


def graph_fault(code: int) -> Fault:
    """Make a fault that answers with an error of that code."""
    refusal = GraphRefusalError(code)
    return Fault(
        kind="status",
        status=refusal.status,
        body=json.dumps(refusal.body),
        content_type="application/json",
    )


def spoiled(fault: Fault) -> web.Response:
    """Word a fault as Graph does."""
    refusal = GraphRefusalError(131000 if fault.kind == "error_inside" else 130429)
    if fault.kind == "error_inside":
        return web.json_response(refusal.body)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return web.json_response(refusal.body, status=429, headers=headers)
