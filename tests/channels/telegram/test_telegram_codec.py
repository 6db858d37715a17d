import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Codec
from channels.telegram.codec import LEFT_ALONE, READ_KINDS, TelegramCodec
from channels.telegram.messages import SERVICE, UNSUPPORTED
from channels.telegram.payloads import Message
from config.stages import Surface
from conversation.events import (
    Ignored,
    MessageReceived,
    Undecodable,
    decode,
    encode,
)
from conversation.model import Arrival

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))}

SHARED = Path(__file__).parents[3] / ".." / "shared"
CODEC = TelegramCodec(channel="telegram", account="7000000001", bot_username="NorthwindCareBot")


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def only(raw: bytes, codec: TelegramCodec = CODEC) -> Arrival:
    (arrival,) = codec.split(raw)
    return arrival


def test_codec_keeps_the_contract() -> None:
    codec: Codec = CODEC
    assert codec.split(b"[]") == ()


def test_half_a_character_hides_none_of_the_others() -> None:
    """Asked for updates, Telegram gives up to a hundred: one that nobody can keep is put aside."""

    def update(number: int, text: str) -> dict[str, Any]:
        person = {"id": 5, "is_bot": False, "first_name": "Ana"}
        chat = {"id": 5, "type": "private"}
        message = {"message_id": number, "date": 1, "chat": chat, "from": person, "text": text}
        return {"update_id": number, "message": message}

    raw = body([update(1, "hello"), update(2, "cut \ud83d"), update(3, "\U0001f44d")])
    first, broken, last = CODEC.split(raw)
    read = [CODEC.decode(one)[0] for one in (first, last)]
    assert all(isinstance(one, MessageReceived) for one in read)
    assert (broken.kind, broken.why) == ("unreadable", "holds half of a character")


# --- golden payloads


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrival(case: str) -> None:
    golden = GOLDEN[case]
    raw = body(golden["update"])
    arrival, expected = only(raw), golden["arrival"]
    assert arrival.event_id == expected["event_id"]
    assert arrival.kind == expected["kind"]
    assert (arrival.address.key if arrival.address else None) == expected["key"]
    assert (arrival.address.surface if arrival.address else None) == expected["surface"]
    at = expected["occurred_at"]
    assert arrival.occurred_at == (datetime.fromisoformat(at) if at else None)
    assert (arrival.channel, arrival.account, arrival.body) == ("telegram", "7000000001", raw)


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    golden = GOLDEN[case]
    expected = tuple(decode(json.dumps(event)) for event in golden["expected"])
    assert CODEC.decode(only(body(golden["update"]))) == expected


@pytest.mark.parametrize("case", GOLDEN)
def test_events_survive_the_log(case: str) -> None:
    for event in CODEC.decode(only(body(GOLDEN[case]["update"]))):
        assert decode(encode(event)) == event


# --- batches, duplicates, what is no update


def test_a_polled_list_gives_one_arrival_each_and_drops_none() -> None:
    updates = [GOLDEN["hello"]["update"], {"nonsense": 1}, GOLDEN["edit"]["update"], 5]
    arrivals = CODEC.split(body(updates))
    assert [arrival.kind for arrival in arrivals] == [
        "message",
        "unreadable",
        "edited_message",
        "unreadable",
    ]
    assert CODEC.decode(arrivals[0]) == CODEC.decode(only(body(updates[0])))
    assert len({arrival.event_id for arrival in arrivals}) == 4


def test_a_duplicate_has_the_same_event_id() -> None:
    raw = body(GOLDEN["hello"]["update"])
    assert only(raw).event_id == only(raw + b" ").event_id


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"null",
        b"5",
        b'"text"',
        b"{}",
        b'{"message": {}}',
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": 7.5}',
        b'{"update_id": -1}',
        b'{"update_id": NaN}',
        b'{"update_id": 1e999}',
        b'{"update_id": 7, "message": {"date": Infinity}}',
        b'{"update_id": 99999999999999999999}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 7, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"update_id": 7, "message": {"text": "\xff\xfe"}}',
        b'{"update_id": 7, "message": {"text": "\xed\xa0\x80"}}',
        b'{"update_id": 7, "message": {"text": "\\ud800"}}',
        b'{"update_id": 7, "message": {"text": "\\uDFFF"}}',
        b'\xef\xbb\xbf{"update_id": 7}',
        b'{"update_id": 7',
    ],
    ids=lambda raw: repr(raw[:60]),
)
def test_unreadable_is_data(raw: bytes) -> None:
    arrival = only(raw)
    assert (arrival.kind, arrival.address, arrival.occurred_at) == ("unreadable", None, None)
    assert arrival.event_id.startswith("sha256:")
    assert arrival.body == raw
    assert arrival.why
    assert CODEC.decode(arrival) == (Undecodable(why=arrival.why),)


def test_the_reason_holds_nothing_the_customer_wrote() -> None:
    update = {"update_id": 7, "message": {"message_id": 1, "chat": {"id": "secret words"}}}
    (event,) = CODEC.decode(only(body(update)))
    assert isinstance(event, Undecodable)
    assert "secret" not in event.why


# --- groups


def test_before_the_name_is_known_any_bots_name_may_be_ours() -> None:
    nameless = TelegramCodec(channel="telegram", account="7000000001")
    update = GOLDEN["group_leading_mention"]["update"]
    (event,) = nameless.decode(only(body(update), nameless))
    assert isinstance(event, MessageReceived)
    update = GOLDEN["group_unaddressed"]["update"]
    assert nameless.decode(only(body(update), nameless)) == (Ignored(what="not_addressed"),)


def test_an_edit_that_leaves_no_words_is_left_alone() -> None:
    update = GOLDEN["edit"]["update"]
    update = {**update, "edited_message": {**update["edited_message"], "text": ""}}
    assert CODEC.decode(only(body(update))) == (Ignored(what="edit_without_words"),)


def test_a_press_by_a_bot_is_left_alone() -> None:
    update = GOLDEN["press"]["update"]
    press = update["callback_query"]
    update = {**update, "callback_query": {**press, "from": {**press["from"], "is_bot": True}}}
    assert CODEC.decode(only(body(update))) == (Ignored(what="bot_press"),)


def test_a_damaged_date_does_not_hide_the_conversation() -> None:
    arrival = only(body(GOLDEN["far_future"]["update"]))
    assert arrival.address is not None


# --- lengths


def test_replies_are_cut_at_4096_utf16_units() -> None:
    emoji = "\U0001f600" * 5000
    parts = CODEC.split_text(emoji, surface=Surface.PRIVATE)
    assert [len(part) for part in parts] == [2048, 2048, 904]


def test_escaping_does_not_count() -> None:
    assert CODEC.split_text("<" * 4096, surface=Surface.PUBLIC) == ("<" * 4096,)


# --- against material of others


def specification() -> Any:
    path = SHARED / "specs" / "telegram-bot-api-10.1.json"
    if not path.exists():
        pytest.skip(f"no machine-readable Bot API beside the checkout: {path.name}")
    return json.loads(path.read_text())


def test_every_kind_of_update_is_known() -> None:
    fields = {field["name"] for field in specification()["types"]["Update"]["fields"]}
    assert fields - {"update_id"} == {*READ_KINDS, *LEFT_ALONE}


def test_every_service_message_and_content_is_known() -> None:
    fields = {field["name"] for field in specification()["types"]["Message"]["fields"]}
    assert {*SERVICE, *UNSUPPORTED} <= fields
    read = {field.alias or name for name, field in Message.model_fields.items()}
    about_the_message = {
        "author_signature",
        "business_connection_id",
        "direct_messages_topic",
        "effect_id",
        "external_reply",
        "forward_origin",
        "guest_bot_caller_chat",
        "guest_bot_caller_user",
        "guest_query_id",
        "has_media_spoiler",
        "has_protected_content",
        "is_from_offline",
        "is_paid_post",
        "link_preview_options",
        "media_group_id",
        "paid_star_count",
        "quote",
        "reply_markup",
        "reply_to_checklist_task_id",
        "reply_to_poll_option_id",
        "reply_to_story",
        "sender_boost_count",
        "sender_business_bot",
        "sender_chat",
        "sender_tag",
        "show_caption_above_media",
        "suggested_post_info",
        "via_bot",
    }
    assert fields - read - {*SERVICE, *UNSUPPORTED} == about_the_message
