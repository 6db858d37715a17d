import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Codec
from channels.meta.whatsapp.codec import WhatsappCodec
from config.stages import Surface
from conversation.events import Ignored, MessageReceived, Moved, Undecodable, decode, encode
from conversation.model import Arrival

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))}
PHONE = "106000000000001"

CODEC = WhatsappCodec(channel="whatsapp", phone_id=PHONE)


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def escaped(value: Any) -> bytes:
    """Write JSON as Meta does: letters beyond ASCII and slashes escaped."""
    return json.dumps(value).replace("/", "\\/").encode()


def only(raw: bytes) -> Arrival:
    (arrival,) = CODEC.split(raw)
    return arrival


def test_codec_keeps_the_contract() -> None:
    codec: Codec = CODEC
    assert codec.split(b'{"entry": []}') == ()


# --- golden payloads


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrivals(case: str) -> None:
    golden = GOLDEN[case]
    arrivals = CODEC.split(escaped(golden["body"]))
    assert len(arrivals) == len(golden["arrivals"])
    for arrival, expected in zip(arrivals, golden["arrivals"], strict=True):
        if expected["event_id"] is None:
            assert arrival.event_id.startswith("sha256:")
        else:
            assert arrival.event_id == expected["event_id"]
        assert arrival.kind == expected["kind"]
        assert (arrival.address.key if arrival.address else None) == expected["key"]
        assert arrival.address is None or arrival.address.surface is Surface.PRIVATE
        at = expected["occurred_at"]
        assert arrival.occurred_at == (datetime.fromisoformat(at) if at else None)
        assert arrival.elsewhere is expected.get("elsewhere", False)
        assert arrival.why == expected.get("why")
        assert (arrival.channel, arrival.account) == ("whatsapp", expected.get("account", PHONE))


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    golden = GOLDEN[case]
    expected = [decode(json.dumps(event)) for event in golden["expected"]]
    read = [event for one in CODEC.split(body(golden["body"])) for event in CODEC.decode(one)]
    assert read == expected


@pytest.mark.parametrize("case", GOLDEN)
def test_events_survive_the_log(case: str) -> None:
    for arrival in CODEC.split(body(GOLDEN[case]["body"])):
        for event in CODEC.decode(arrival):
            assert decode(encode(event)) == event


# --- batches, duplicates, what is no batch


def test_each_of_a_batch_is_kept_alone_and_with_nobody_elses_name() -> None:
    first, second, *_ = CODEC.split(body(GOLDEN["batch"]["body"]))
    assert b"Ada Okafor" in first.body
    assert b"Ben" not in first.body
    assert b"Ada Okafor" not in second.body
    assert b"wamid.IN2" not in first.body


def test_a_duplicate_has_the_same_event_id() -> None:
    for case in ("hello", "failed", "id_update", "account_error", "batch", "edit"):
        raw = GOLDEN[case]["body"]
        again = [one.event_id for one in CODEC.split(escaped(raw) + b" ")]
        assert [one.event_id for one in CODEC.split(body(raw))] == again


def test_what_a_message_became_are_several_events() -> None:
    ids = {only(body(GOLDEN[case]["body"])).event_id for case in ("sent", "delivered", "failed")}
    assert len(ids) == 3


def test_out_of_order_changes_nothing_of_what_each_says() -> None:
    batch = GOLDEN["batch"]["body"]
    turned = {**batch, "entry": list(reversed(batch["entry"]))}
    in_order = [event for one in CODEC.split(body(batch)) for event in CODEC.decode(one)]
    read = [event for one in CODEC.split(body(turned)) for event in CODEC.decode(one)]
    assert sorted(map(encode, read)) == sorted(map(encode, in_order))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"null",
        b"5",
        b"[]",
        b"{}",
        b'{"entry": {}}',
        b'{"entry": [5]}',
        b'{"entry": [{"changes": 1}]}',
        b'{"entry": [{"changes": [null]}]}',
        b'{"entry": [{"changes": [{"field": "messages"}]}]}',
        b'{"entry": [{"changes": [{"field": "messages", "value": {"messages": [{}]}}]}]}',
        b'{"entry": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"entry": [{"changes": [' + b"[" * 980 + b"]" * 980 + b"]}]}",
        b'{"entry": "\xff\xfe"}',
        b'{"entry": ' + b"9" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
        b'{"entry": [',
    ],
    ids=lambda raw: repr(raw[:60]),
)
def test_unreadable_is_data(raw: bytes) -> None:
    arrival = only(raw)
    assert (arrival.kind, arrival.address, arrival.occurred_at) == ("unreadable", None, None)
    assert arrival.event_id.startswith("sha256:")
    assert arrival.why
    assert CODEC.decode(arrival) == (Undecodable(why=arrival.why),)


@pytest.mark.parametrize("words", ["\\ud800", "\\uDFFF x"])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_no_text_can_hold_spoils_its_own_message_alone(words: str, number: str) -> None:
    good = GOLDEN["hello"]["body"]["entry"][0]["changes"][0]["value"]["messages"][0]
    value = {"metadata": {"phone_number_id": PHONE}, "messages": [good, "BAD", "WORSE"]}
    raw = body({"entry": [{"changes": [{"field": "messages", "value": value}]}]})
    raw = raw.replace(
        b'"BAD"', b'{"id": "wamid.X", "from": "1", "text": "' + words.encode() + b'"}'
    )
    raw = raw.replace(b'"WORSE"', b'{"id": "wamid.Y", "from": "1", "x": ' + number.encode() + b"}")
    first, second, third = CODEC.split(raw)
    assert isinstance(CODEC.decode(first)[0], MessageReceived)
    assert (second.kind, third.kind) == ("unreadable", "unreadable")
    assert second.event_id != third.event_id


def test_the_reason_holds_nothing_the_customer_wrote() -> None:
    value = GOLDEN["hello"]["body"]
    text = value["entry"][0]["changes"][0]["value"]["messages"][0]
    spoiled = json.dumps(value).replace(json.dumps(text["text"]), '{"body": ["secret words"]}')
    (event,) = CODEC.decode(only(spoiled.encode()))
    assert isinstance(event, Undecodable)
    assert "secret" not in event.why


def test_a_notice_of_no_number_is_the_accounts() -> None:
    arrival = only(body(GOLDEN["account_notice"]["body"]))
    assert (arrival.account, arrival.address) == (PHONE, None)


def test_another_number_names_no_conversation_of_ours() -> None:
    for arrival in CODEC.split(body(GOLDEN["batch"]["body"]).replace(PHONE.encode(), b"777")):
        assert arrival.conversation is None
        assert not arrival.elsewhere
        assert CODEC.decode(arrival) == (Ignored(what="other_account"),)


def test_who_changed_is_told_from_a_chat_that_moved() -> None:
    (event,) = CODEC.decode(only(body(GOLDEN["id_update"]["body"])))
    assert isinstance(event, Moved)
    assert event.user_id == event.new_key == "GB.99"


def test_replies_are_cut_at_4096_characters() -> None:
    parts = CODEC.split_text("\U0001f600" * 5000, surface=Surface.PRIVATE)
    assert [len(part) for part in parts] == [4096, 904]
