import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.contract import Handshake
from channels.meta.webhooks import Item, Unreadable, authentic, handshake, moment, split_body

SECRET = SecretStr("the app's secret")
TOKEN = SecretStr("a word of ours")
AT = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
SECOND = int(AT.timestamp())


def signed(body: bytes) -> str:
    mac = hmac.new(SECRET.get_secret_value().encode(), body, hashlib.sha256)
    return "sha256=" + mac.hexdigest()


# --- signatures


def test_metas_own_bytes_are_authentic() -> None:
    body = rb'{"object":"page","text":"\u00e4 \/"}'
    assert authentic(SECRET, {"X-Hub-Signature-256": signed(body)}, body)
    assert authentic(SECRET, {"x-hub-signature-256": signed(body)}, body)


def test_the_same_json_written_otherwise_is_not() -> None:
    body = rb'{"object":"page","text":"\u00e4 \/"}'
    rewritten = json.dumps(json.loads(body), ensure_ascii=False).encode()
    assert not authentic(SECRET, {"X-Hub-Signature-256": signed(body)}, rewritten)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=\udcff", "sha1=abc", "ä"])
def test_anything_else_in_the_header_is_not(header: str | None) -> None:
    headers = {} if header is None else {"X-Hub-Signature-256": header}
    assert not authentic(SECRET, headers, b"{}")


def test_without_a_secret_nobody_is_trusted() -> None:
    mac = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    assert not authentic(SecretStr(""), {"X-Hub-Signature-256": f"sha256={mac}"}, b"{}")


# --- handshakes


def asked(**changes: str) -> dict[str, str]:
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": TOKEN.get_secret_value(),
        "hub.challenge": "1158201444",
    }
    return query | {f"hub.{key}": value for key, value in changes.items()}


def test_the_right_word_gets_its_challenge_back() -> None:
    assert handshake(TOKEN, asked()) == Handshake(status=200, body="1158201444")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (asked(mode="", challenge=""), 403),
        (asked() | {"hub.verify_token": "another"}, 403),
        (asked(verify_token=""), 403),
        (asked(mode="unsubscribe"), 403),
        ({}, 403),
        (asked(challenge=""), 400),
        (asked(challenge="1" * 1_025), 400),
    ],
)
def test_a_wrong_question_is_refused(query: dict[str, str], status: int) -> None:
    assert handshake(TOKEN, query).status == status


def test_a_channel_without_a_word_answers_nobody() -> None:
    assert handshake(SecretStr(""), asked(verify_token="")).status == 403


# --- times


@pytest.mark.parametrize(
    "written",
    [
        SECOND,
        SECOND * 1_000,
        str(SECOND),
        str(SECOND * 1_000),
        float(SECOND),
        "2026-11-05T09:00:00+0000",
        "2026-11-05T10:00:00+01:00",
        "2026-11-05T09:00:00Z",
        "2026-11-05T09:00:00",
    ],
    ids=repr,
)
def test_every_way_to_write_a_time_is_read(written: object) -> None:
    assert moment(written) == AT


@pytest.mark.parametrize(
    "written",
    [None, True, "", "soon", -(10**20), 10**40, float("inf"), [], "9" * 5_000, "²"],
    ids=str,
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert moment(written) is None


# --- bodies


def body_of(*entries: object, kind: str = "page") -> bytes:
    return json.dumps({"object": kind, "entry": list(entries)}).encode()


def items(body: bytes) -> list[Item]:
    found = split_body(body)
    assert all(isinstance(one, Item) for one in found)
    return [one for one in found if isinstance(one, Item)]


def test_every_event_of_every_entry_is_found_in_order() -> None:
    found = items(
        body_of(
            {"id": 12, "time": SECOND, "messaging": [{"n": 1}, {"n": 2}]},
            {"id": "34", "time": SECOND * 1_000, "standby": [{"n": 3}], "changes": [{"n": 4}]},
        )
    )
    assert [(one.account, one.source, one.value, one.time) for one in found] == [
        ("12", "messaging", {"n": 1}, AT),
        ("12", "messaging", {"n": 2}, AT),
        ("34", "standby", {"n": 3}, AT),
        ("34", "changes", {"n": 4}, AT),
    ]


def test_an_event_alone_can_be_read_again() -> None:
    for one in items(
        body_of(
            {"id": 12, "time": "2026-11-05T09:00:00+0000", "messaging": [{"text": "ä\udc00"}]},
            {"id": "34", "changed_fields": ["feed"]},
            {"id": "56", "messaging": {"text": "outside a list"}},
        )
    ):
        again = items(one.body)
        assert [(each.account, each.source, each.value) for each in again] == [
            (one.account, one.source, one.value)
        ]
        assert again[0].time == one.time


def test_one_part_of_a_change_stands_alone() -> None:
    change = items(body_of({"id": "1", "changes": [{"field": "messages", "value": [1, 2]}]}))[0]
    part = change.holding({"field": "messages", "value": [2]})
    assert items(part.body)[0].value == {"field": "messages", "value": [2]}


def test_an_empty_batch_holds_nothing() -> None:
    assert split_body(body_of()) == ()
    assert split_body(body_of({"id": "1", "messaging": []})) == ()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b"9" * 5_000, b"NaN"]
)
def test_what_is_no_batch_is_kept_whole(body: bytes) -> None:
    (kept,) = split_body(body)
    assert isinstance(kept, Unreadable)
    assert kept.body == body
    assert kept.event_id == f"sha256:{hashlib.sha256(body).hexdigest()}"


def test_a_broken_entry_does_not_cost_its_neighbours() -> None:
    found = split_body(body_of({"time": 1}, {"id": "1", "messaging": [{}]}, None))
    assert [type(one) for one in found] == [Unreadable, Item, Unreadable]


@given(st.binary(max_size=200))
def test_no_body_raises(body: bytes) -> None:
    for one in split_body(body):
        assert one.body is not None
