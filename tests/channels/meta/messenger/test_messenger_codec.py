from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Codec
from channels.meta.messenger.codec import MessengerCodec
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Ignored, Undecodable
from conversation.model import Arrival
from tests.channels.meta.golden import (
    ODD,
    OUR_WORDS,
    PAGE,
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
CODEC = MessengerCodec(us("messenger", PAGE))


def test_codec_keeps_the_contract() -> None:
    codec: Codec = CODEC
    assert codec.split(b'{"object":"page","entry":[]}') == ()


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
    "raw", [b"", b"null", b"5", b"{}", b"[]", b'{"object":"page"}', b"\xff", b"[" * 100_000]
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
        channel="messenger",
        account=PAGE,
        event_id="1",
        address=None,
        kind=kind,
        occurred_at=datetime(2026, 11, 5, tzinfo=UTC),
        body=raw,
    )
    assert CODEC.decode(arrival)


def test_a_long_reply_is_cut_by_characters() -> None:
    parts = CODEC.split_text("ä" * 1_990 + " and more words", surface=Surface.PRIVATE)
    assert all(len(part) <= 2_000 for part in parts)
    assert len(parts) == 2


NO_WEBHOOKS = {
    "restfb__message-eu": "an answer of the API",
    "restfb__messages-with-attachments": "an answer of the API",
}
"""Looked at one by one."""


def test_payloads_written_by_others() -> None:
    folder = SHARED / "payloads" / "messenger"
    if not folder.is_dir():
        pytest.skip("no payloads written by others beside the checkout")
    read = table_of(lambda account: MessengerCodec(us("messenger", account)), folder)
    assert {stem for stem, line in read.items() if "undecodable" in line} == set(NO_WEBHOOKS)
