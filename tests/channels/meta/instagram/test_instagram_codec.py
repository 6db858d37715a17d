from pathlib import Path

import pytest

from channels.contract import Codec
from channels.meta.instagram.codec import InstagramCodec
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Ignored, Undecodable
from tests.channels.meta.golden import (
    INSTAGRAM,
    OUR_WORDS,
    arrivals_are,
    body,
    events_are,
    golden_in,
    us,
)

GOLDEN = golden_in(Path(__file__).parent / "payloads")
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
