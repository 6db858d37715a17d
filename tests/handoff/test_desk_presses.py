"""Slack's requests, read: golden payloads by hand, damage by Hypothesis, payloads by others."""

import copy
import json
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.presses import (
    ButtonPress,
    DeskRequest,
    ModalSubmitted,
    Nothing,
    SlashCommand,
    ThreadMessage,
    Unreadable,
    UrlVerification,
    plain_words,
    read,
)

PRESS: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0BEN", "username": "ben", "name": "ben", "team_id": "T0NORTHW"},
    "api_app_id": "A1",
    "token": "t",
    "container": {
        "type": "message",
        "message_ts": "1763629200.000200",
        "thread_ts": "1763629200.000100",
        "channel_id": "C0CARE",
        "is_ephemeral": False,
    },
    "trigger_id": "111.222.abc",
    "team": {"id": "T0NORTHW", "domain": "northwind"},
    "enterprise": None,
    "channel": {"id": "C0CARE", "name": "care"},
    "response_url": "https://hooks.slack.com/actions/T0/1/x",
    "actions": [
        {
            "action_id": "case.claim",
            "block_id": "case",
            "text": {"type": "plain_text", "text": "Claim", "emoji": False},
            "value": '{"c":"c_1","k":"case-1"}',
            "type": "button",
            "action_ts": "1763629260.123456",
        }
    ],
}
SUBMISSION: dict[str, Any] = {
    "type": "view_submission",
    "team": {"id": "T0NORTHW", "domain": "northwind"},
    "user": {"id": "U0BEN", "username": "ben", "name": "ben", "team_id": "T0NORTHW"},
    "trigger_id": "1.2.x",
    "view": {
        "id": "V1",
        "type": "modal",
        "callback_id": "case.reply",
        "private_metadata": '{"c":"c_1","k":"case-1"}',
        "hash": "h1",
        "state": {
            "values": {"reply": {"text": {"type": "plain_text_input", "value": "Hello Mia"}}}
        },
    },
    "response_urls": [],
}
LINE: dict[str, Any] = {
    "type": "event_callback",
    "token": "t",
    "team_id": "T0NORTHW",
    "api_app_id": "A1",
    "event_id": "Ev1",
    "event_time": 1763629300,
    "event": {
        "type": "message",
        "channel": "C0CARE",
        "channel_type": "channel",
        "user": "U0BEN",
        "text": "It ships today &amp; free",
        "ts": "1763629300.000300",
        "thread_ts": "1763629200.000100",
        "client_msg_id": "11-22",
        "team": "T0NORTHW",
    },
}
GOLDEN = [PRESS, SUBMISSION, LINE]
VALUES = get_args(DeskRequest)


def form(payload: object) -> bytes:
    return ("payload=" + quote_plus(json.dumps(payload))).encode()


def line(**changes: Any) -> bytes:
    event = {**LINE["event"], **changes}
    return json.dumps({**LINE, "event": {k: v for k, v in event.items() if v != "-"}}).encode()


def test_a_press() -> None:
    assert read(form(PRESS), content_type="application/x-www-form-urlencoded") == ButtonPress(
        action_id="case.claim",
        value='{"c":"c_1","k":"case-1"}',
        user_id="U0BEN",
        user_name="ben",
        team_id="T0NORTHW",
        channel="C0CARE",
        message_ts="1763629200.000200",
        thread_ts="1763629200.000100",
        trigger_id="111.222.abc",
        action_ts="1763629260.123456",
        response_url="https://hooks.slack.com/actions/T0/1/x",
    )


def test_a_submitted_modal() -> None:
    assert read(form(SUBMISSION)) == ModalSubmitted(
        callback_id="case.reply",
        private_metadata='{"c":"c_1","k":"case-1"}',
        values={"reply": "Hello Mia"},
        user_id="U0BEN",
        user_name="ben",
        team_id="T0NORTHW",
        view_id="V1",
        hash="h1",
    )


def test_a_line_in_a_thread() -> None:
    assert read(json.dumps(LINE).encode(), content_type="application/json") == ThreadMessage(
        channel="C0CARE",
        thread_ts="1763629200.000100",
        ts="1763629300.000300",
        user_id="U0BEN",
        text="It ships today & free",
        event_id="Ev1",
        team_id="T0NORTHW",
    )


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share"])
def test_words_beside_a_file_or_shown_in_the_channel_too_are_words(subtype: str) -> None:
    assert isinstance(read(line(subtype=subtype)), ThreadMessage)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"subtype": "message_changed", "hidden": True}, "message: message_changed"),
        ({"subtype": "message_deleted"}, "message: message_deleted"),
        ({"subtype": "bot_message"}, "message: bot_message"),
        ({"bot_id": "B1"}, "message: of a bot"),
        ({"user": "-"}, "message: of a bot"),
        ({"thread_ts": "-"}, "message: not in a thread"),
        ({"thread_ts": "1763629300.000300"}, "message: not in a thread"),
        ({"text": "  "}, "message: without words"),
        ({"type": "reaction_added"}, "reaction_added"),
    ],
)
def test_what_asks_for_nothing(changes: dict[str, Any], why: str) -> None:
    assert read(line(**changes)) == Nothing(why=why)


def test_the_handshake() -> None:
    body = b'{"type": "url_verification", "challenge": "abc", "token": "t"}'
    assert read(body, content_type="application/json") == UrlVerification(challenge="abc")


def test_a_slash_command() -> None:
    body = b"command=%2Fcare&text=pause+telegram&user_id=U1&user_name=ben&team_id=T1&channel_id=C1"
    found = read(body, content_type="application/x-www-form-urlencoded")
    assert isinstance(found, SlashCommand)
    assert (found.command, found.text, found.user_id) == ("/care", "pause telegram", "U1")


def test_other_interactions_ask_for_nothing() -> None:
    assert read(form({"type": "view_closed"})) == Nothing(why="view_closed")
    assert read(b"ssl_check=1&token=x") == Nothing(why="ssl_check")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"1",
        b"{}",
        b"payload=1",
        b"payload=null",
        b"payload=%7B",
        b"{" * 5000,
        b"payload=" + b"%5B" * 5000,
        b"a=1&" * 500,
        b'{"type": "event_callback"}',
        b'{"type": "url_verification"}',
        b'{"type": "block_actions", "actions": []}',
        b"command=/care",
    ],
)
def test_nonsense_is_unreadable(body: bytes) -> None:
    assert isinstance(read(body), Unreadable)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("see <https://x.example/a|x.example/a>", "see https://x.example/a"),
        ("see <https://x.example/a>", "see https://x.example/a"),
        ("see <https://x.example/a|our page>", "see our page (https://x.example/a)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("ask <@U123> or <@U123|ben>", "ask @… or @ben"),
        ("in <#C1|care>", "in #care"),
        ("<!here> hi", "@here hi"),
        ("<!subteam^S1|@team>", "@team"),
    ],
)
def test_a_colleague_s_words_lose_slack_s_markup(written: str, meant: str) -> None:
    assert plain_words(written) == meant


# --- damage


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    numbered = dict(enumerate(value)) if isinstance(value, list) else value
    for key, each in numbered.items() if isinstance(numbered, dict) else ():
        found += leaves(each, (*path, key))
    return found


def damaged(payload: Any, path: tuple[Any, ...], worth: Any) -> Any:
    made = copy.deepcopy(payload)
    place = made
    for key in path[:-1]:
        place = place[key]
    if worth is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = worth
    return made


WORTHS = st.one_of(
    st.just(...),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


@given(data=st.data())
def test_a_damaged_leaf_gives_a_value(data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(GOLDEN))
    path = data.draw(st.sampled_from(leaves(payload)))
    broken = damaged(payload, path, data.draw(WORTHS))
    for body in (json.dumps(broken).encode(), form(broken)):
        assert isinstance(read(body), VALUES)


@given(body=st.binary(max_size=300), kind=st.sampled_from(["", "application/json", "text/plain"]))
def test_any_bytes_give_a_value(body: bytes, kind: str) -> None:
    assert isinstance(read(body, content_type=kind), VALUES)


@given(text=st.text())
def test_any_words_lose_their_markup_without_harm(text: str) -> None:
    plain_words(text)


OTHERS = Path(__file__).parents[2] / ".." / "shared" / "payloads" / "slack"


@pytest.mark.skipif(not OTHERS.is_dir(), reason="no folder of others' payloads beside this one")
def test_others_payloads_give_values() -> None:
    read_well = 0
    for path in sorted(OTHERS.glob("*.json")):
        body = path.read_bytes()
        found = read(body, content_type="application/json")
        assert isinstance(found, VALUES), path.name
        assert isinstance(read(b"payload=" + quote_plus(body.decode()).encode()), VALUES)
        read_well += not isinstance(found, Unreadable)
    assert read_well > 50
