"""Golden payloads of Meta's channels, and how they are compared."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from channels.contract import Codec
from channels.meta.threads import Us
from conversation.events import decode, encode
from conversation.model import Arrival

APP = "410000000000001"
PAGE = "100000000000042"
INSTAGRAM = "17841400000000042"
OUR_WORDS = "m_Ours-without-app"
"""A message that we know to have sent by its id alone."""


def us(channel: str, account: str) -> Us:
    return Us(
        channel=channel,
        account=account,
        app_id=APP,
        said=lambda message_id, _recipient, _text: message_id == OUR_WORDS,
    )


def golden_in(folder: Path) -> dict[str, Any]:
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def body(value: Any) -> bytes:
    """Write JSON as Meta does."""
    return json.dumps(value, separators=(",", ":")).replace("/", r"\/").encode()


def told(arrival: Arrival) -> dict[str, Any]:
    """Lay an arrival out as the golden files do."""
    address, at = arrival.address, arrival.occurred_at
    return {
        "event_id": arrival.event_id,
        "kind": arrival.kind,
        "account": arrival.account,
        "key": address.key if address else None,
        "surface": str(address.surface) if address else None,
        "occurred_at": at.isoformat() if at else None,
        "elsewhere": arrival.elsewhere,
        "why": arrival.why,
    }


def arrivals_are(codec: Codec, golden: Mapping[str, Any]) -> None:
    arrivals = codec.split(body(golden["body"]))
    wanted = [
        {key: value for key, value in one.items() if key != "expected"}
        for one in golden["arrivals"]
    ]
    assert [told(one) for one in arrivals] == wanted


def events_are(codec: Codec, golden: Mapping[str, Any]) -> None:
    arrivals = codec.split(body(golden["body"]))
    for arrival, wanted in zip(arrivals, golden["arrivals"], strict=True):
        events = codec.decode(arrival)
        assert events == tuple(decode(json.dumps(event)) for event in wanted["expected"])
        assert all(decode(encode(event)) == event for event in events)
