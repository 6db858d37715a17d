"""What every codec promises of every payload: values, never an exception, nothing dropped.

A channel joins with a line in `codec_cases`; nothing here knows a platform.
"""

from functools import cache
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Codec
from config.stages import Surface
from conversation.model import Arrival
from tests.channels.codec_cases import CASES
from tests.channels.damage import ODD, damaged, gives_values, paths

GOLDEN: Final = [(name, golden) for name, case in CASES.items() for golden in case.golden]
UNREADABLE: Final = [b"", b"null", b"5", b"\xff", b"[" * 100_000, b'{"a": 1e999}', b'"\\ud800"']


@pytest.fixture(params=CASES)
def codec(request: pytest.FixtureRequest) -> Codec:
    return CASES[request.param].codecs()[0]


def bodies_of(name: str, golden: str) -> bytes:
    case = CASES[name]
    whole = case.golden[golden]
    return case.written(whole, case.payload(whole))


@pytest.mark.parametrize(("name", "golden"), GOLDEN)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_damaged_node_gives_values(name: str, golden: str, data: st.DataObject) -> None:
    case = CASES[name]
    whole = case.golden[golden]
    payload = case.payload(whole)
    path = data.draw(st.sampled_from(paths(payload)))
    raw = case.written(whole, damaged(payload, path, data.draw(ODD)))
    for codec in case.codecs():
        gives_values(codec, raw)


@pytest.mark.parametrize(("name", "golden"), GOLDEN)
def test_what_comes_twice_has_the_same_names(name: str, golden: str) -> None:
    raw = bodies_of(name, golden)
    for codec in CASES[name].codecs():
        first, again = codec.split(raw), codec.split(raw)
        named = [(one.account, one.event_id) for one in first]
        assert [(one.account, one.event_id) for one in again] == named
        assert [one.body for one in again] == [one.body for one in first]


@pytest.mark.parametrize(("name", "golden"), GOLDEN)
def test_an_arrival_is_read_alone_as_in_its_batch(name: str, golden: str) -> None:
    """Turns read what the inbox kept: the arrival's own bytes, another codec of the same kind."""
    for arrival in CASES[name].codecs()[0].split(bodies_of(name, golden)):
        first, later = (codec.decode(arrival) for codec in (CASES[name].codecs()[0],) * 2)
        assert first
        assert first == later


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_give_values(name: str, raw: bytes) -> None:
    for codec in CASES[name].codecs():
        gives_values(codec, raw)


@pytest.mark.parametrize("raw", UNREADABLE)
def test_what_is_none_of_the_platforms_is_kept_with_its_reason(codec: Codec, raw: bytes) -> None:
    arrivals = codec.split(raw)
    assert all(one.address is None for one in arrivals)
    assert all(one.kind == "unreadable" and one.why for one in arrivals)
    assert arrivals


@cache
def kinds_of(name: str) -> tuple[str, ...]:
    """Name the kinds of all arrivals that a platform's golden payloads hold."""
    codec, case = CASES[name].codecs()[0], CASES[name]
    return tuple(
        sorted({one.kind for golden in case.golden for one in codec.split(bodies_of(name, golden))})
    )


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_arrival_gives_values(name: str, data: st.DataObject) -> None:
    case = CASES[name]
    arrival = Arrival(
        channel=name,
        account=case.account,
        event_id="1",
        address=None,
        kind=data.draw(st.sampled_from([*kinds_of(name), "unreadable", "other", "", "\x00"])),
        occurred_at=None,
        body=data.draw(st.binary(max_size=60)),
    )
    for codec in case.codecs():
        assert codec.decode(arrival)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=400), surface=st.sampled_from(Surface))
def test_any_reply_is_cut_without_loss_of_words(codec: Codec, text: str, surface: Surface) -> None:
    parts: Any = codec.split_text(text, surface=surface)
    assert all(part.strip() for part in parts)
    assert bool(parts) == bool(text.strip())
