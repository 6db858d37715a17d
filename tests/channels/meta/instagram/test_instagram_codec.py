from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Codec
from channels.meta.instagram.codec import InstagramCodec
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Ignored, Undecodable
from conversation.model import Arrival
from tests.channels.meta.golden import (
    INSTAGRAM,
    ODD,
    OUR_WORDS,
    arrivals_are,
    body,
    damaged,
    events_are,
    gives_values,
    golden_in,
    paths,
    table_of,
    us,
)

GOLDEN = golden_in(Path(__file__).parent / "payloads")
SHARED = Path(__file__).parents[4] / ".." / "shared"
CODEC = InstagramCodec(us("instagram", INSTAGRAM))


def test_codec_keeps_the_contract() -> None:
    codec: Codec = CODEC
    assert codec.split(b'{"object":"instagram","entry":[]}') == ()


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_arrivals(case: str) -> None:
    arrivals_are(CODEC, GOLDEN[case])


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_events(case: str) -> None:
    events_are(CODEC, GOLDEN[case])


@pytest.mark.parametrize("case", GOLDEN)
def test_a_duplicate_has_the_same_event_ids(case: str) -> None:
    raw = body(GOLDEN[case]["body"])
    first, again = CODEC.split(raw), CODEC.split(raw)
    assert [one.event_id for one in first] == [one.event_id for one in again]
    assert len({(one.account, one.event_id) for one in first}) == len(first)


def test_our_own_words_are_told_by_their_id_where_the_app_is_not_named() -> None:
    raw = body(GOLDEN["echo_without_app"]["body"]).replace(b"m_Ben-1", OUR_WORDS.encode())
    (arrival,) = CODEC.split(raw)
    assert (arrival.kind, arrival.elsewhere) == ("echo", False)
    assert CODEC.decode(arrival) == (Ignored(what="echo"),)


def test_what_was_told_as_elsewhere_stays_so() -> None:
    """Read later, perhaps by another process, that knows other words of ours."""
    (arrival,) = CODEC.split(body(GOLDEN["echo_without_app"]["body"]))
    (event,) = CODEC.decode(arrival)
    assert isinstance(event, AnsweredElsewhere)


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"5", b"{}", b"[]", b'{"object":"instagram"}', b"\xff", b"[" * 100_000]
)
def test_unreadable_is_data(raw: bytes) -> None:
    (arrival,) = CODEC.split(raw)
    assert (arrival.kind, arrival.address, arrival.body) == ("unreadable", None, raw)
    assert arrival.why is not None
    assert CODEC.decode(arrival) == (Undecodable(why=arrival.why),)


def test_the_reason_holds_nothing_the_customer_wrote() -> None:
    raw = body(GOLDEN["text_is_a_number"]["body"]).replace(b":5}", b':["secret words"]}')
    (arrival,) = CODEC.split(raw)
    (event,) = CODEC.decode(arrival)
    assert isinstance(event, Undecodable)
    assert "secret" not in event.why


@pytest.mark.parametrize("case", GOLDEN)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_damaged_node_gives_values(case: str, data: st.DataObject) -> None:
    golden = GOLDEN[case]["body"]
    path = data.draw(st.sampled_from(paths(golden)))
    gives_values(CODEC, body(damaged(golden, path, data.draw(ODD))))


@given(raw=st.binary(max_size=60), kind=st.sampled_from(["message", "echo", "other", ""]))
def test_any_arrival_gives_values(raw: bytes, kind: str) -> None:
    arrival = Arrival(
        channel="instagram",
        account=INSTAGRAM,
        event_id="1",
        address=None,
        kind=kind,
        occurred_at=datetime(2026, 11, 5, tzinfo=UTC),
        body=raw,
    )
    assert CODEC.decode(arrival)


def test_a_long_message_is_cut_by_bytes() -> None:
    parts = CODEC.split_text("ä" * 490 + " and more words", surface=Surface.PRIVATE)
    assert all(len(part.encode()) <= 1_000 for part in parts)
    assert len(parts) == 1
    assert len(CODEC.split_text("ä" * 499 + " and more", surface=Surface.PRIVATE)) == 2


def test_a_comment_is_shorter() -> None:
    parts = CODEC.split_text("word " * 100, surface=Surface.PUBLIC)
    assert [len(part) <= 300 for part in parts] == [True, True]


def test_a_comment_told_of_twice_is_one() -> None:
    first = CODEC.split(body(GOLDEN["comment"]["body"]))[0]
    boosted = CODEC.split(body(GOLDEN["comment_on_an_ad"]["body"]))[0]
    assert first.event_id == boosted.event_id
    assert first.conversation == boosted.conversation


NO_WEBHOOKS = {
    "go-meta-webhooks__entry.invalid-signature": "an empty body, sent to be refused",
    "restfb__instagram-conversation": "an answer of the API",
    "restfb__instagram-message": "an answer of the API",
}
"""Looked at one by one."""


def test_payloads_written_by_others() -> None:
    folder = SHARED / "payloads" / "instagram"
    if not folder.is_dir():
        pytest.skip("no payloads written by others beside the checkout")
    read = table_of(lambda account: InstagramCodec(us("instagram", account)), folder)
    assert {stem for stem, line in read.items() if "undecodable" in line} == set(NO_WEBHOOKS)
