"""What the desk answers Slack's requests with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAnswer:
    """What `POST /webhooks/desk` answers."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
    retry_after_s: int | None = None


def in_json(value: Mapping[str, object]) -> DeskAnswer:
    """Answer with an object."""
    return DeskAnswer(status=200, body=json.dumps(value), content_type="application/json")
