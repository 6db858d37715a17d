"""Sendings stay within a platform's rates, whatever comes, and nobody waits for ever."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Rate
from channels.errors import SendError, SendFailure
from socialcare.pacing import CHATS_KEPT, CLOSED_DEFAULT_S, CLOSED_MAX_S, PacedError, Pacer
from socialcare.sandbox.hand_clock import HandClock

WIDE, NARROW = Rate(count=3, window_s=10.0), Rate(count=2, window_s=5.0, per_chat=True)


def clock() -> HandClock:
    return HandClock()


def test_what_fits_goes_at_once_and_the_next_waits_for_the_oldest() -> None:
    time = clock()
    pacer = Pacer(time)
    pacer.ask("ada", (WIDE, NARROW))
    time.advance(1)
    pacer.ask("ada", (WIDE, NARROW))
    with pytest.raises(PacedError) as paced:
        pacer.ask("ada", (WIDE, NARROW))
    assert paced.value.wait_s == pytest.approx(4)
    pacer.ask("bob", (WIDE, NARROW))
    with pytest.raises(PacedError) as paced:
        pacer.ask("eve", (WIDE, NARROW))
    assert paced.value.wait_s == pytest.approx(9), "the account is full, whoever it is for"


def test_a_refusal_closes_the_chat_or_the_whole_account() -> None:
    time = clock()
    pacer = Pacer(time)
    pacer.note("ada", SendError(SendFailure.RATE_LIMITED, "slowly", retry_after_s=7))
    with pytest.raises(PacedError):
        pacer.ask("ada", ())
    pacer.ask("bob", ())
    pacer.note("bob", SendError(SendFailure.RATE_LIMITED, "slowly", retry_after_s=9, wide=True))
    with pytest.raises(PacedError) as paced:
        pacer.ask("eve", ())
    assert paced.value.wait_s == pytest.approx(9)
    time.advance(9)
    pacer.ask("eve", ())
    pacer.ask("ada", ())


def test_public_and_private_words_are_counted_apart() -> None:
    """X: fifteen direct messages a quarter of an hour, and a hundred posts, each on its own."""
    time = clock()
    pacer = Pacer(time)
    posts, messages = Rate(count=4, window_s=900.0), Rate(count=2, window_s=900.0)
    for _ in range(3):
        pacer.ask("thread", (posts,), surface="public")
    for _ in range(2):
        pacer.ask("ada", (messages,), surface="private")
    with pytest.raises(PacedError):
        pacer.ask("ada", (messages,), surface="private")
    pacer.ask("thread", (posts,), surface="public")
    with pytest.raises(PacedError):
        pacer.ask("thread", (posts,), surface="public")


def test_a_rate_that_both_surfaces_name_is_one() -> None:
    """Telegram: thirty a second over all chats, groups and private ones together."""
    pacer, overall = Pacer(clock()), Rate(count=2, window_s=1.0)
    pacer.ask("group", (overall,), surface="public")
    pacer.ask("ada", (overall,), surface="private")
    with pytest.raises(PacedError):
        pacer.ask("bob", (overall,), surface="private")


def test_the_account_is_closed_where_it_was_refused() -> None:
    pacer = Pacer(clock())
    full = SendError(SendFailure.RATE_LIMITED, "full", retry_after_s=600, wide=True)
    pacer.note("ada", full, surface="private")
    pacer.ask("thread", (), surface="public")
    with pytest.raises(PacedError):
        pacer.ask("bob", (), surface="private")


def test_a_refusal_that_names_no_time_or_too_much_of_it_has_ours() -> None:
    time = clock()
    pacer = Pacer(time)
    pacer.note("ada", SendError(SendFailure.RATE_LIMITED, "slowly"))
    with pytest.raises(PacedError) as paced:
        pacer.ask("ada", ())
    assert paced.value.wait_s == pytest.approx(CLOSED_DEFAULT_S)
    pacer.note("bob", SendError(SendFailure.RATE_LIMITED, "slowly", retry_after_s=1e9))
    with pytest.raises(PacedError) as paced:
        pacer.ask("bob", ())
    assert paced.value.wait_s == pytest.approx(CLOSED_MAX_S)


def test_its_own_waiting_and_other_failures_close_nothing() -> None:
    pacer = Pacer(clock())
    pacer.note("ada", PacedError(60))
    pacer.note("ada", SendError(SendFailure.BLOCKED, "gone"))
    pacer.ask("ada", ())


def test_chats_are_forgotten_from_the_oldest() -> None:
    pacer = Pacer(clock())
    only = Rate(count=1, window_s=1e6, per_chat=True)
    pacer.ask("first", (only,))
    for n in range(CHATS_KEPT):
        pacer.ask(f"chat {n}", (only,))
    pacer.ask("first", (only,))


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 4)), max_size=60),
    st.lists(
        st.builds(
            Rate,
            count=st.integers(1, 4),
            window_s=st.floats(0.5, 20),
            per_chat=st.booleans(),
        ),
        max_size=3,
    ),
)
def test_no_window_ever_holds_more_than_its_rate(
    asked: list[tuple[str, float]], rates: list[Rate]
) -> None:
    time = clock()
    pacer, sent = Pacer(time), []
    for chat, pause in asked:
        time.advance(pause)
        with suppress(PacedError):
            pacer.ask(chat, tuple(rates))
            sent.append((time.monotonic(), chat))
    for rate in rates:
        for at, chat in sent:
            inside = [
                one
                for one, other in sent
                if at <= one < at + rate.window_s - 1e-6 and (not rate.per_chat or other == chat)
            ]
            assert len(inside) <= rate.count


@given(st.floats(0.1, 1_000), st.integers(1, 5))
def test_who_waits_as_long_as_told_gets_a_place(window_s: float, count: int) -> None:
    time = clock()
    pacer, rate = Pacer(time), Rate(count=count, window_s=window_s)
    for _ in range(3 * count):
        try:
            pacer.ask("ada", (rate,))
        except PacedError as paced:
            time.advance(paced.wait_s + 1e-6)
            pacer.ask("ada", (rate,))
