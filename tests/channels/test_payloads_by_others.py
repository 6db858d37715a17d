"""Webhooks that other people wrote down, read by our codecs: values, never an exception.

They are not ours to copy and lie beside the checkout, where they do; `docs/payloads-by-others.md`
holds the table. What no codec reads is named here, one by one, with why a person agrees.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from channels.contract import Codec
from channels.meta.instagram.codec import InstagramCodec
from channels.meta.messenger.codec import MessengerCodec
from channels.meta.whatsapp.codec import WhatsappCodec
from channels.slack.codec import SlackCodec
from channels.telegram.codec import TelegramCodec
from tests.channels.meta.golden import us

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".." / "shared" / "payloads"
TABLE: Final = ROOT / "docs" / "payloads-by-others.md"
STATUSES: Final = frozenset({"receipt", "receipt_up_to"})
COLUMNS: Final = ("files", "messages", "statuses", "others", "ignored", "undecodable")
ANSWER: Final = "an answer of the API"
EMPTY: Final = "a form of an event, every value left empty"


@dataclass(frozen=True, kw_only=True)
class Material:
    """What others wrote of one platform."""

    codec: Callable[[Any], Codec]
    """Made for a file: its events are about the account that it names."""
    body: Callable[[str, bytes], bytes | None] = lambda _, raw: raw
    """What is posted to us, of a file's name and content; None: nobody posts it."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Files with something that cannot be read, and why a person agrees; looked at one by one."""


def entry_of(value: Any) -> str:
    """Name the account that one of Meta's payloads is about."""
    has_one = isinstance(value, dict) and value.get("entry")
    return str(value["entry"][0].get("id", "1")) if has_one else "1"


def number_of(value: Any) -> str:
    """Name the WhatsApp number that a payload is about."""
    changes = [change for entry in value["entry"] for change in entry["changes"]]
    numbers = [each["value"].get("metadata", {}).get("phone_number_id") for each in changes]
    return next((str(number) for number in numbers if number is not None), "1")


FRAGMENTS: Final = {
    "teloxide__message.": "message",
    "teloxide__maybe_inaccessible_message.": "message",
    "teloxide__callback_query.": "callback_query",
    "teloxide__message_reaction_updated.": "message_reaction",
    "teloxide__message_reaction_count_updated.": "message_reaction_count",
}
"""Files that hold what stands inside an update of Telegram's; they are read as one with it."""


EMPTY_FORMS: Final = (
    "ChannelArchive",
    "ChannelRename",
    "ChannelUnarchive",
    "DndUpdated",
    "FileDeleted",
    "FileShared",
    "GroupUnarchive",
    "MemberLeftChannel",
    "PinRemoved",
    "ReactionRemoved",
    "StarRemoved",
    "SubteamMembersChanged",
    "SubteamSelfRemoved",
)
"""Slack's SDK keeps forms of all events; these have not even an id."""


def as_update(name: str, raw: bytes) -> bytes:
    held = next((FRAGMENTS[start] for start in FRAGMENTS if name.startswith(start)), None)
    if held is None:
        return raw
    return json.dumps({"update_id": 1, held: json.loads(raw)}).encode()


def with_entries(_: str, raw: bytes) -> bytes | None:
    return raw if "entry" in json.loads(raw) else None


def posted_by_slack(name: str, raw: bytes) -> bytes | None:
    return None if "__api." in name else raw


MATERIAL: Final = {
    "telegram": Material(
        codec=lambda _: TelegramCodec(
            channel="telegram", account="7000000001", bot_username="NorthwindCareBot"
        ),
        body=as_update,
        unread={
            "TelegramBots-java__GetResponseWithError": ANSWER,
            "TelegramBots-java__GetSetGameScoreBooleanResponse": ANSWER,
            "TelegramBots-java__ResponseWithError": ANSWER,
            "TelegramBots-java__update-with-write-access-allowed-for-webapp": ANSWER,
            "go-telegram__bot_test-2": ANSWER,
            "go-telegram__bot_test-4": "neither chat nor date, which Telegram never sends",
            "go-telegram__bot_test-6": "neither chat nor date, which Telegram never sends",
            "teloxide__response_parameters.retry_after_deserialization": "part of an answer",
        },
    ),
    "slack": Material(
        codec=lambda _: SlackCodec(channel="slack"),
        body=posted_by_slack,
        unread={
            **{f"java-slack-sdk__{name}Payload": EMPTY for name in EMPTY_FORMS},
            "slack-api-specs__SCHEMA.slack_events_api_async_v1": "a schema, no event",
        },
    ),
    "messenger": Material(
        codec=lambda value: MessengerCodec(us("messenger", entry_of(value))),
        unread={
            "restfb__message-eu": ANSWER,
            "restfb__messages-with-attachments": ANSWER,
        },
    ),
    "instagram": Material(
        codec=lambda value: InstagramCodec(us("instagram", entry_of(value))),
        unread={
            "go-meta-webhooks__entry.invalid-signature": "an empty body, sent to be refused",
            "restfb__instagram-conversation": ANSWER,
            "restfb__instagram-message": ANSWER,
        },
    ),
    "whatsapp": Material(
        codec=lambda value: WhatsappCodec(channel="whatsapp", phone_id=number_of(value)),
        body=with_entries,
        unread={
            "netflie__build_from_payload_can_build_a_location_notification": (
                "words where a latitude is"
            ),
            "restfb__webhook-incoming-message-status-ui": "words where a time is",
        },
    ),
}
"""X has none there: its golden payloads are written by hand."""


@dataclass(kw_only=True)
class Read:
    """What a platform's files gave."""

    counted: Counter[str] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)


def column_of(kind: str) -> str:
    if kind in STATUSES:
        return "statuses"
    named = {"message": "messages", "ignored": "ignored", "undecodable": "undecodable"}
    return named.get(kind, "others")


def read(platform: str) -> Read:
    material, found = MATERIAL[platform], Read()
    for path in sorted((FOLDER / platform).glob("*.json")):
        raw = material.body(path.name, path.read_bytes())
        if raw is None:
            continue
        found.counted["files"] += 1
        codec = material.codec(json.loads(raw))
        for arrival in codec.split(raw):
            for event in codec.decode(arrival):
                found.counted[column_of(event.kind)] += 1
                why = getattr(event, "what", getattr(event, "why", None)) or ""
                found.lines.append(f"{path.stem:85} {event.kind:20} {why}")
                if event.kind == "undecodable":
                    found.unread.add(path.stem)
    return found


def row(platform: str, counted: Counter[str]) -> str:
    return f"| {platform} | " + " | ".join(str(counted[one]) for one in COLUMNS) + " |"


@pytest.mark.parametrize("platform", MATERIAL)
def test_payloads_written_by_others(platform: str) -> None:
    if not (FOLDER / platform).is_dir():
        pytest.skip("no payloads written by others beside the checkout")
    found = read(platform)
    print("\n".join(found.lines))  # noqa: T201  # the table is what `pytest -s` is asked for
    print(row(platform, found.counted))  # noqa: T201  # its sum, as the document has it
    assert found.unread == set(MATERIAL[platform].unread)
    assert row(platform, found.counted) in TABLE.read_text("utf-8").splitlines()
