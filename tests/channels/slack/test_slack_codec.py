import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Codec
from channels.slack.codec import TEXT_LIMIT, SlackCodec, Us, handshake_of
from channels.slack.markup import slack_length, to_plain, to_slack
from config.stages import Surface
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    MessageReceived,
    Undecodable,
    decode,
    encode,
)
from conversation.model import Address, Arrival

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))}

CODEC = SlackCodec(channel="slack", us=Us(team_id="T0NORTH", user_id="U0CARE", bot_id="B0CARE"))
STRANGER = SlackCodec(channel="slack")
"""Before Slack has told who we are."""


def body(golden: Any) -> bytes:
    told = json.dumps(golden["body"])
    return (urlencode({"payload": told}) if golden["form"] else told).encode()


def only(raw: bytes, codec: SlackCodec = CODEC) -> Arrival:
    (arrival,) = codec.split(raw)
    return arrival


def test_codec_keeps_the_contract() -> None:
    codec: Codec = CODEC
    assert codec.split(b'{"type": "url_verification", "challenge": "c"}') == ()


# --- golden payloads


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrival(case: str) -> None:
    arrival, expected = only(body(GOLDEN[case])), GOLDEN[case]["arrival"]
    assert arrival.event_id == expected["event_id"]
    assert arrival.kind == expected["kind"]
    assert arrival.elsewhere == expected["elsewhere"]
    assert arrival.why is None
    at = expected["occurred_at"]
    assert arrival.occurred_at == (datetime.fromisoformat(at) if at else None)
    if expected["key"] is None:
        assert arrival.conversation is None
        return
    address = Address(
        channel="slack",
        account="T0NORTH",
        key=expected["key"],
        surface=Surface(expected["surface"]),
    )
    assert arrival.conversation == address.conversation
    assert (arrival.address is None) == expected["known"], "only for what is there already"


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    golden = GOLDEN[case]
    expected = tuple(decode(json.dumps(event)) for event in golden["expected"])
    assert CODEC.decode(only(body(golden))) == expected


@pytest.mark.parametrize("case", GOLDEN)
def test_events_survive_the_log(case: str) -> None:
    for event in CODEC.decode(only(body(GOLDEN[case]))):
        assert decode(encode(event)) == event


def test_a_mention_told_twice_is_one_arrival() -> None:
    first, second = (
        only(body(GOLDEN[case])) for case in ("mention_in_a_channel", "the_same_mention_told_twice")
    )
    assert first.event_id == second.event_id
    assert first.conversation == second.conversation
    assert CODEC.decode(first) == CODEC.decode(second)


def test_talk_among_others_is_not_kept() -> None:
    arrival = only(body(GOLDEN["talk_among_others"]))
    assert b"lunch" not in arrival.body


@pytest.mark.parametrize(
    ("event", "alarm"),
    [
        ({"type": "app_uninstalled"}, "the app was taken out of the workspace"),
        (
            {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U0CARE"]}},
            "the workspace has taken the app's token back",
        ),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, None),
        ({"type": "tokens_revoked", "tokens": None}, None),
        ({"type": "app_home_opened"}, None),
    ],
)
@pytest.mark.parametrize(("team", "ours"), [("T0NORTH", True), ("T0OTHER", False)])
def test_what_shuts_the_app_out_is_for_the_desk(
    event: dict[str, Any], alarm: str | None, team: str, *, ours: bool
) -> None:
    """Nobody's messages come any more: no call of ours would ever find out."""
    told = {"type": "event_callback", "event_id": "Ev1", "team_id": team, "event": event}
    arrival = only(json.dumps(told).encode())
    assert arrival.alarm == (alarm if ours else None)
    assert isinstance(CODEC.decode(arrival)[0], Ignored)


def test_before_slack_has_told_who_we_are_the_event_tells_it() -> None:
    for case in ("hello", "mention_in_a_channel", "echo_of_our_own_message"):
        raw = body(GOLDEN[case])
        assert STRANGER.decode(only(raw, STRANGER)) == CODEC.decode(only(raw))


def test_order_and_duplicates_do_not_matter() -> None:
    raw = body(GOLDEN["edit"])
    again = json.dumps(json.loads(raw), indent=1).encode()
    assert only(raw).event_id == only(again).event_id


# --- what is no event


def test_a_handshake_is_answered_and_kept_nowhere() -> None:
    raw = b'{"token": "t", "challenge": "3eZbrw1a", "type": "url_verification"}'
    assert handshake_of(raw) == "3eZbrw1a"
    assert CODEC.split(raw) == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"type": "url_verification"}', b"\xff", b'{"type": "event_callback"}'],
)
def test_what_is_no_handshake_is_not_answered(raw: bytes) -> None:
    assert handshake_of(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"null",
        b"5",
        b"[]",
        b"{}",
        b'{"type": 5}',
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event_id": "", "event": {}}',
        b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "ts": 5}}',
        b'{"type": "app_rate_limited"}',
        b'{"type": "block_actions"}',
        b'{"type": NaN}',
        b'{"type": "' + b"\\ud800" + b'"}',
        b"\xff\xfe",
        b"payload=",
        b"payload=%7B",
        b"a=b&" * 100,
        b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:70]),
)
def test_unreadable_is_data(raw: bytes) -> None:
    arrival = only(raw)
    assert (arrival.kind, arrival.address, arrival.occurred_at) == ("unreadable", None, None)
    assert arrival.event_id.startswith("sha256:")
    assert arrival.why
    assert CODEC.decode(arrival) == (Undecodable(why=arrival.why),)


def test_the_reason_holds_nothing_the_customer_wrote() -> None:
    event = {"type": "message", "channel": "D1", "ts": "1.1", "text": {"secret": "words"}}
    raw = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": event}).encode()
    assert "secret" not in (only(raw).why or "")


@pytest.mark.parametrize("form", [{"command": "/care"}, {"ssl_check": "1"}])
def test_commands_and_probes_ask_nothing_of_this_app(form: dict[str, str]) -> None:
    assert CODEC.decode(only(urlencode(form).encode())) == (Ignored(what="other"),)


@given(st.binary(max_size=200))
def test_any_bytes_give_values(raw: bytes) -> None:
    for arrival in CODEC.split(raw):
        assert CODEC.decode(arrival)
    handshake_of(raw)


# --- words


def test_replies_are_cut_where_they_are_too_long_as_sent() -> None:
    parts = CODEC.split_text("<b> & so on. " * 1_000, surface=Surface.PRIVATE)
    assert len(parts) > 3
    assert all(slack_length(part) <= TEXT_LIMIT for part in parts)


@given(st.text(max_size=80))
def test_what_we_write_calls_nobody_and_reads_as_written(text: str) -> None:
    sent = to_slack(text)
    assert "<" not in sent
    assert ">" not in sent
    assert to_plain(sent) == text.strip()


@pytest.mark.parametrize("call", ["<!channel>", "<!here|here>", "<@U0ANA>", "<!subteam^S0CARE>"])
def test_a_call_in_somebody_s_words_is_only_words(call: str) -> None:
    assert to_slack(call).startswith("&lt;")


def test_a_colleague_s_words_in_slack_are_no_customer_s() -> None:
    (event,) = CODEC.decode(only(body(GOLDEN["a_colleague_answers_in_slack"])))
    assert isinstance(event, AnsweredElsewhere)
    (event,) = CODEC.decode(only(body(GOLDEN["a_customer_in_a_shared_channel"])))
    assert isinstance(event, MessageReceived)
