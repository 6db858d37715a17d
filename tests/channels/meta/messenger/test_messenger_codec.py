from pathlib import Path

import pytest

from channels.contract import Codec
from channels.meta.messenger.codec import MessengerCodec
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Ignored, Undecodable
from tests.channels.meta.golden import (
    OUR_WORDS,
    PAGE,
    arrivals_are,
    body,
    events_are,
    golden_in,
    us,
)

GOLDEN = golden_in(Path(__file__).parent / "payloads")
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


def test_a_long_reply_is_cut_by_characters() -> None:
    parts = CODEC.split_text("ä" * 1_990 + " and more words", surface=Surface.PRIVATE)
    assert all(len(part) <= 2_000 for part in parts)
    assert len(parts) == 2
