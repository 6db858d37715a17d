import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.contract import Adapter, Codec, OutboundMessage
from channels.webchat.adapter import WebchatAdapter
from channels.webchat.codec import Refused, WebchatCodec, enveloped, read_frame
from channels.webchat.lines import KINDS, line
from channels.webchat.payloads import TEXT_LIMIT, Hello, Rating, Seen, Written
from config.stages import Surface
from conversation.entries import LogEntry
from conversation.events import (
    Claimed,
    Colleague,
    Decided,
    Delivered,
    Erased,
    Event,
    HandedOff,
    Ignored,
    MessageReceived,
    Rated,
    Released,
    Resolved,
    Undecodable,
    decode,
    encode,
)
from conversation.model import Arrival, Author, Peer

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))}
CODEC = WebchatCodec(channel="webchat")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def only(raw: bytes) -> Arrival:
    (arrival,) = CODEC.split(raw)
    return arrival


# --- golden payloads


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrival(case: str) -> None:
    golden = GOLDEN[case]
    raw = body(golden["body"])
    arrival, expected = only(raw), golden["arrival"]
    assert arrival.address is not None
    assert arrival.address.surface is Surface.PRIVATE
    assert {
        "event_id": arrival.event_id,
        "kind": arrival.kind,
        "key": arrival.address.key,
        "occurred_at": arrival.occurred_at and arrival.occurred_at.isoformat(),
    } == expected
    assert (arrival.channel, arrival.account, arrival.body) == ("webchat", "site", raw)


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    golden = GOLDEN[case]
    expected = tuple(decode(json.dumps(event)) for event in golden["expected"])
    found = CODEC.decode(only(body(golden["body"])))
    assert found == expected
    assert tuple(decode(encode(event)) for event in found) == found


@given(text=st.text(max_size=300))
def test_any_frame_gives_a_value(text: str) -> None:
    assert isinstance(read_frame(text), Refused)


def test_deep_nonsense_is_refused() -> None:
    assert isinstance(read_frame("[" * 60_000), Refused)
    assert isinstance(read_frame('{"type":"message","id":' + "9" * 60_000 + "}"), Refused)


# --- frames


@pytest.mark.parametrize(
    "frame",
    [
        Written(type="message", id="a1b2c3d4", text="hi", language="de-AT"),
        Seen(type="read", id="m_1234567"),
        Rating(type="rating", about=3, score=1),
    ],
)
def test_what_is_kept_of_a_frame_is_read_again(frame: Written | Seen | Rating) -> None:
    arrival = only(enveloped(frame, visitor="visitor-0123456789", at=AT))
    assert arrival.kind == frame.type
    assert arrival.occurred_at == AT
    assert not isinstance(CODEC.decode(arrival)[0], Undecodable)


def test_a_page_of_a_later_version_is_understood() -> None:
    assert read_frame('{"type":"hello","seq":3,"colour":"blue"}') == Hello(type="hello", seq=3)


def test_a_refusal_names_the_message_and_never_its_words() -> None:
    told = read_frame(json.dumps({"type": "message", "id": "a1b2c3d4", "text": "secret" * 1000}))
    assert told == Refused(why="message.text: string_too_long", id="a1b2c3d4")


# --- what pages are told


def told(event: Event | Erased | None) -> Any:
    frame = line(LogEntry(conversation="c", position=7, at=AT, event=event))
    return None if frame is None else json.loads(frame)


BEN = Colleague(user_id="U0BEN", name="Benjamin Private-Name")


def test_what_is_said_is_told_with_its_place_and_author() -> None:
    said = MessageReceived(message_id="m1", sender=Peer(user_id="v"), occurred_at=AT, text="<b>")
    assert told(said) == {
        "type": "line", "seq": 7, "id": "m1", "author": "customer", "text": "<b>",
        "at": AT.isoformat(),
    }  # fmt: skip
    ours = Delivered(outbox_key="k", message_id="m2", part=0, text="x", author=Author.COLLEAGUE)
    assert (told(ours)["author"], told(ours)["id"]) == ("colleague", "m2")


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (HandedOff(reason="wants_human", note="internal", case_id="case_1"), "waiting"),
        (Claimed(by=BEN), "colleague"),
        (Released(by=BEN), "bot"),
        (Resolved(by=BEN), "resolved"),
    ],
)
def test_where_the_case_stands_is_told_without_names_and_notes(event: Event, status: str) -> None:
    assert told(event) == {"type": "case", "seq": 7, "status": status}


def test_what_is_internal_is_not_told() -> None:
    decided = Decided(
        turn="t", stage="autonomous", shadow=False, language="en", mood="angry", issues=(),
        deadline=None, memory="{}", summary="internal",
    )  # fmt: skip
    assert [told(one) for one in (decided, Ignored(what="x"), Erased(), None)] == [None] * 4
    assert told(Rated(score=2, about=5, occurred_at=AT))["about"] == 5
    assert "decided" not in KINDS


# --- the adapter


async def test_adapter_keeps_the_contract() -> None:
    chat = WebchatAdapter(name="webchat", origins=(), secret=SecretStr("s" * 24))
    adapter: Adapter = chat
    codec: Codec = adapter.codec
    assert codec.split_text("x" * (TEXT_LIMIT + 1), surface=Surface.PRIVATE) != ("x",)
    assert not adapter.authentic({}, b"")
    assert adapter.handshake({}) is None
    await adapter.open()
    await adapter.subscribe("https://care.example/webhooks/webchat")
    address = CODEC.address("visitor-0123456789")
    shown: list[object] = []
    await adapter.show_typing(address)
    chat.on_typing(shown.append)
    await adapter.show_typing(address)
    assert shown == [address]
    words = OutboundMessage(text="hi")
    ids = {(await adapter.send(address, words)).message_id for _ in range(50)}
    assert len(ids) == 50
    assert adapter.capabilities(Surface.PRIVATE).followed
    await adapter.acknowledge_press("1")
    await adapter.close()
