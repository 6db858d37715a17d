import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Codec
from channels.x.codec import DM_LIMIT, XCodec
from channels.x.own import SENT_KEPT, OwnWords
from channels.x.people import moment_of, pair_key
from channels.x.shapes import LEFT_ALONE, SUBSCRIBED
from channels.x.weighing import weighted_length
from config.stages import Surface
from conversation.events import Ignored, MessageReceived, Undecodable, decode, encode
from conversation.model import Arrival

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))}
SPECIFICATION = Path(__file__).parents[3] / ".." / "shared" / "specs" / "x-openapi-2.167.json"
US = "7000000001"
OUR_APP = "27000001"


def codec() -> XCodec:
    return XCodec(
        channel="x", account=US, username="northwind", elsewhere=OwnWords(OUR_APP).elsewhere
    )


CODEC = codec()


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def only(raw: bytes) -> Arrival:
    (arrival,) = CODEC.split(raw)
    return arrival


def test_codec_keeps_the_contract() -> None:
    kept: Codec = CODEC
    assert kept.split(b"[]") == ()


# --- golden payloads


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrival(case: str) -> None:
    arrival, expected = only(body(GOLDEN[case]["body"])), GOLDEN[case]["arrival"]
    if expected["event_id"] is None:
        assert arrival.event_id.startswith("sha256:")
    else:
        assert arrival.event_id == expected["event_id"]
    assert arrival.kind == expected["kind"]
    assert (arrival.address.key if arrival.address else None) == expected["key"]
    assert (arrival.address.surface if arrival.address else None) == expected["surface"]
    at = expected["occurred_at"]
    told = arrival.occurred_at.replace(microsecond=0) if arrival.occurred_at else None
    assert told == (datetime.fromisoformat(at) if at else None)
    assert arrival.elsewhere is expected.get("elsewhere", False)
    assert (arrival.channel, arrival.account) == ("x", US)


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    expected = tuple(decode(json.dumps(event)) for event in GOLDEN[case]["expected"])
    assert CODEC.decode(only(body(GOLDEN[case]["body"]))) == expected


@pytest.mark.parametrize("case", GOLDEN)
def test_what_is_kept_can_be_taken_apart_again(case: str) -> None:
    arrival = only(body(GOLDEN[case]["body"]))
    again = only(arrival.body)
    assert (again.event_id, again.kind, again.address) == (
        arrival.event_id,
        arrival.kind,
        arrival.address,
    )
    for event in CODEC.decode(arrival):
        assert decode(encode(event)) == event


def test_what_became_of_each_is_reviewed() -> None:
    """Worded by hand: undecodable only where a person would agree."""
    read = {case: CODEC.decode(only(body(GOLDEN[case]["body"])))[0] for case in GOLDEN}
    for case, event in read.items():
        print(f"{case:25} {event.kind} {getattr(event, 'what', getattr(event, 'why', ''))}")  # noqa: T201  # the table is what `pytest -s` is asked for
    undecodable = {case for case, event in read.items() if isinstance(event, Undecodable)}
    assert undecodable == {"missing_field", "wrong_type", "null_payload"}


# --- batches, duplicates, order


def test_every_event_of_a_body_is_an_arrival_of_its_own() -> None:
    posts = GOLDEN["classic_mention"]["body"]["tweet_create_events"]
    told = GOLDEN["dm_account_activity"]["body"]
    whole = {**told, "tweet_create_events": [*posts, {"nonsense": 1}], "new_events": [{}]}
    kinds = [arrival.kind for arrival in CODEC.split(body(whole))]
    assert sorted(kinds) == ["direct_message_events", "other", "tweet_create_events", "unreadable"]


def test_a_message_takes_along_only_those_it_names() -> None:
    two = json.loads(json.dumps(GOLDEN["dm"]["body"]))
    payload = two["data"]["payload"]
    payload["users"]["5099"] = {"id": "5099", "name": "Somebody Else"}
    other = json.loads(json.dumps(payload["direct_message_events"][0]))
    other["id"] = "1999999999999999999"
    payload["direct_message_events"].append(other)
    first, second = CODEC.split(body(two))
    assert first.event_id != second.event_id
    assert b"Somebody Else" not in first.body + second.body


def test_a_list_of_bodies_is_as_many_bodies() -> None:
    several = [GOLDEN["hello"]["body"], "torn", GOLDEN["dm_polled"]["body"], {"meta": {}}]
    kinds = [arrival.kind for arrival in CODEC.split(body(several))]
    assert kinds == ["post.mention.create", "unreadable", "dm_events"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hello", "polled_mention"),
        ("hello", "classic_mention"),
        ("dm", "dm_polled"),
        ("dm", "dm_v2"),
    ],
)
def test_the_same_thing_told_twice_has_one_event_id_and_one_home(one: str, other: str) -> None:
    first, second = (only(body(GOLDEN[name]["body"])) for name in (one, other))
    assert (first.event_id, first.address) == (second.event_id, second.address)


def test_a_post_that_names_and_answers_us_comes_once() -> None:
    told = json.loads(json.dumps(GOLDEN["reply"]["body"]))
    told["data"] |= {"event_type": "post.mention.create", "event_uuid": "12"}
    assert only(body(told)).event_id == only(body(GOLDEN["reply"]["body"])).event_id


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"not json", b"null", b"5", b'"text"', b"{}", b'{"data": {}}', b'{"data": null}'),
        *(b'{"errors": [{"title": "x"}]}', b'{"data": {"event_type": 5}}'),
        *(b'{"data": {"event_type": ""}}', b'{"for_user_id": NaN}', b"\xff\xfe"),
        b'{"data": {"event_type": "a", "payload": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"data": {"event_type": "dm.received", "event_uuid": ' + b"9" * 5000 + b"}}",
        *(b'{"x": "\\ud800"}', b'{"x": "\xed\xa0\x80"}'),
    ],
    ids=lambda raw: repr(raw[:60]),
)
def test_unreadable_is_data(raw: bytes) -> None:
    arrival = only(raw)
    assert (arrival.kind, arrival.address) == ("unreadable", None)
    assert arrival.event_id.startswith("sha256:")
    assert CODEC.decode(arrival) == (Undecodable(why=arrival.why or ""),)


def test_the_reason_holds_nothing_the_customer_wrote() -> None:
    told = json.loads(json.dumps(GOLDEN["hello"]["body"]))
    told["data"]["payload"]["id"] = "my secret words"
    (event,) = CODEC.decode(only(body(told)))
    assert isinstance(event, Undecodable)
    assert "secret" not in event.why


# --- ids, names, whose words


def test_an_id_tells_its_moment() -> None:
    assert moment_of("1212092628029698048").isoformat() == "2019-12-31T19:26:16.771000+00:00"
    assert pair_key("9", "10") == pair_key("10", "9") == "9-10"


def test_before_the_name_is_known_ids_tell_who_is_called() -> None:
    nameless = XCodec(channel="x", account=US)
    called = json.loads(json.dumps(GOLDEN["polled_mention"]["body"]))
    assert nameless.decode(nameless.split(body(called))[0]) == (Ignored(what="not_addressed"),)
    called["data"][0]["entities"] = {"mentions": [{"username": "northwind", "id": US}]}
    (event,) = nameless.decode(nameless.split(body(called))[0])
    assert isinstance(event, MessageReceived)


def test_our_app_is_learnt_from_what_we_sent() -> None:
    own = OwnWords()
    assert not own.elsewhere("5", "3033300"), "nobody can tell yet"
    own.sent("6")
    assert not own.elsewhere("6", OUR_APP)
    assert own.elsewhere("7", "3033300")
    assert not own.elsewhere("8", OUR_APP)
    assert not own.elsewhere("9", None)


def test_what_we_sent_is_forgotten_from_the_oldest() -> None:
    own = OwnWords("1")
    for number in range(SENT_KEPT + 1):
        own.sent(str(number))
    assert own.elsewhere("0", "2")
    assert not own.elsewhere(str(SENT_KEPT), "2")


# --- the account as a whole


@pytest.mark.parametrize(
    ("account", "alarm"),
    [(US, "the account has taken the app's permission back"), ("8", None)],
)
def test_a_permission_taken_back_is_heard_in_the_old_shape_too(
    account: str, alarm: str | None
) -> None:
    """https://docs.x.com/x-api/account-activity/introduction: it names no `for_user_id`."""
    revoke = {
        "date_time": "2026-11-16T10:00:00+00:00",
        "target": {"app_id": "13090192"},
        "source": {"user_id": account},
    }
    arrival = only(body({"user_event": {"revoke": revoke}}))
    assert arrival.alarm == alarm
    assert CODEC.decode(arrival) == (Ignored(what=arrival.kind),)


@pytest.mark.parametrize("event", [{}, {"revoke": None}, {"revoke": {"source": 7}}, {"other": {}}])
def test_any_other_word_of_the_account_is_kept(event: dict[str, Any]) -> None:
    arrival = only(body({"user_event": event}))
    assert arrival.why is None
    assert isinstance(CODEC.decode(arrival)[0], Ignored)


# --- batches


def message(number: int, text: str) -> dict[str, Any]:
    return {
        "id": str(1_860_000_000_000_000_000 + number),
        "type": "message_create",
        "created_timestamp": "1790000000000",
        "message_create": {
            "target": {"recipient_id": US},
            "sender_id": "9",
            "message_data": {"text": text},
        },
    }


def test_half_a_character_hides_none_of_the_others() -> None:
    """One event that no store could keep is put aside; what came with it is answered."""
    events = [message(1, "hello"), message(2, "cut \ud83d"), message(3, "and I \U0001f44d")]
    raw = body({"for_user_id": US, "direct_message_events": events, "users": {}})
    first, broken, last = CODEC.split(raw)
    assert [CODEC.decode(one)[0].kind for one in (first, last)] == ["message"] * 2
    assert (broken.kind, broken.why) == ("unreadable", "holds half of a character")
    assert CODEC.split(raw)[1].event_id == broken.event_id


def test_half_a_character_in_what_is_not_read_is_no_trouble() -> None:
    event = {"data": {"event_type": "follow.follow", "payload": {"name": "\ud83d"}}}
    assert only(body(event)).kind == "follow.follow"


# --- lengths


def test_a_public_answer_is_one_post() -> None:
    words = "This is a sentence of an article. " * 30
    (part,) = CODEC.split_text(words, surface=Surface.PUBLIC)
    assert part.endswith("[…]")
    assert weighted_length(part) <= 280


def test_private_words_are_cut_at_ten_thousand() -> None:
    parts = CODEC.split_text("word " * 4_000, surface=Surface.PRIVATE)
    assert len(parts) == 2
    assert all(len(part) <= DM_LIMIT for part in parts)


# --- against material of others


def test_every_kind_of_activity_is_known() -> None:
    if not SPECIFICATION.exists():
        pytest.skip(f"no machine-readable API of X beside the checkout: {SPECIFICATION.name}")
    schemas = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    kinds = schemas["CreateActivitySubscriptionRequest"]["properties"]["event_type"]["enum"]
    assert set(kinds) - {"post.delete"} <= {*SUBSCRIBED, *LEFT_ALONE}
    assert set(SUBSCRIBED) <= set(kinds)
