"""What follows from a failed send: a table, and that it always ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import SendError, SendFailure
from conversation.delivery import DeliveryState
from socialcare.pacing import PacedError
from socialcare.retrying import (
    DESK_AGE_MAX,
    FAILURES_IN_A_ROW,
    PAUSE_MAX_S,
    REPLY_AGE_MAX,
    RESENDS_MAX,
    REST_S,
    REVOKED_PAUSE_S,
    Breaker,
    Next,
    RestingError,
    after_failure,
)
from socialcare.sandbox.hand_clock import HandClock

WAITING, DEAD, UNKNOWN = DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNKNOWN
F = SendFailure


def following(failure: SendFailure, *, tries: int = 1, resend: bool = True, **more: float) -> Next:
    error = SendError(failure, "x", retry_after_s=more.get("retry_after_s"))
    age = timedelta(hours=more.get("age_h", 0))
    return after_failure(
        error,
        tries=tries,
        doubts=tries,
        age=age,
        age_max=REPLY_AGE_MAX,
        resend_unknown=resend,
        jitter=more.get("jitter", 1.0),
    )


@pytest.mark.parametrize(
    ("failure", "resend", "state"),
    [
        (F.RATE_LIMITED, True, WAITING),
        (F.UNAVAILABLE, True, WAITING),
        (F.REVOKED, True, WAITING),
        (F.UNKNOWN, True, WAITING),
        (F.UNKNOWN, False, UNKNOWN),
        (F.BLOCKED, True, DEAD),
        (F.WINDOW_CLOSED, True, DEAD),
        (F.REFUSED, True, DEAD),
        (F.MOVED, True, DEAD),
    ],
)
def test_each_failure_has_its_consequence(
    failure: SendFailure, *, resend: bool, state: DeliveryState
) -> None:
    assert following(failure, resend=resend).state is state


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [following(F.UNAVAILABLE, tries=n).pause_s for n in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 1
    assert max(pauses) <= PAUSE_MAX_S


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_never_earlier_than_the_platform_asks(jitter: float) -> None:
    assert following(F.RATE_LIMITED, retry_after_s=30, jitter=jitter).pause_s >= 30


def test_yesterdays_reply_is_dropped() -> None:
    assert following(F.UNAVAILABLE, age_h=25).state is DEAD
    assert following(F.UNKNOWN, age_h=25).state is UNKNOWN


def test_refused_credentials_are_not_the_messages_fault() -> None:
    late = following(F.REVOKED, tries=1_000, age_h=1_000)
    assert late == Next(state=WAITING, pause_s=REVOKED_PAUSE_S)


def test_what_may_have_arrived_is_not_sent_for_ever() -> None:
    assert following(F.UNKNOWN, tries=RESENDS_MAX).state is WAITING
    assert following(F.UNKNOWN, tries=RESENDS_MAX + 1).state is UNKNOWN


def test_a_long_outage_kills_no_message_of_today() -> None:
    assert following(F.UNAVAILABLE, tries=10_000, age_h=23).state is WAITING


@given(
    failure=st.sampled_from([one for one in SendFailure if one is not F.REVOKED]),
    resend=st.booleans(),
    jitter=st.floats(0, 1),
    retry_after_s=st.none() | st.floats(0, 86_400),
    age_max=st.sampled_from([REPLY_AGE_MAX, DESK_AGE_MAX]),
)
def test_a_message_always_comes_to_an_end(
    failure: SendFailure,
    *,
    resend: bool,
    jitter: float,
    retry_after_s: float | None,
    age_max: timedelta,
) -> None:
    age, tries, step = timedelta(), 0, Next(state=WAITING)
    error = SendError(failure, "x", retry_after_s=retry_after_s)
    while step.state is WAITING:
        tries += 1
        step = after_failure(
            error,
            tries=tries,
            doubts=tries,
            age=age,
            age_max=age_max,
            resend_unknown=resend,
            jitter=jitter,
        )
        assert step.pause_s <= max(PAUSE_MAX_S, retry_after_s or 0)
        age += timedelta(seconds=max(step.pause_s, 0.5))
    assert step.state in {DEAD, UNKNOWN}
    assert age <= age_max + timedelta(seconds=max(PAUSE_MAX_S, retry_after_s or 0) + 1)


# --- the fuse


def refused(breaker: Breaker) -> bool:
    try:
        breaker.ask()
    except RestingError:
        return True
    return False


def test_a_platform_that_is_down_is_tried_by_one_message_at_a_time() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_IN_A_ROW):
        assert not refused(breaker)
        breaker.note(SendError(F.UNAVAILABLE, "down"))
    assert breaker.resting
    assert refused(breaker)
    clock.advance(REST_S)
    assert not refused(breaker)
    assert refused(breaker), "one tries for all of them"
    breaker.note(None)
    assert not refused(breaker)


def test_a_platform_that_nobody_tries_any_more_is_not_said_to_be_down_for_ever() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_IN_A_ROW):
        breaker.note(SendError(F.UNAVAILABLE, "down"))
    clock.advance(REST_S)
    assert breaker.resting, "the next message is about to try"
    clock.advance(REST_S)
    assert not breaker.resting, "nothing waits, so nothing is known"


@pytest.mark.parametrize("failure", [F.BLOCKED, F.REFUSED, F.RATE_LIMITED, F.WINDOW_CLOSED])
def test_what_concerns_one_customer_rests_nobody_else(failure: SendFailure) -> None:
    breaker = Breaker(HandClock())
    for _ in range(FAILURES_IN_A_ROW * 2):
        breaker.note(SendError(failure, "x"))
    assert not refused(breaker)


def test_resting_is_no_failure_of_its_own() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_IN_A_ROW):
        breaker.note(SendError(F.UNKNOWN, "timeout"))
    clock.advance(REST_S - 1)
    for _ in range(5):
        breaker.note(RestingError(1.0))
    clock.advance(1)
    assert not refused(breaker)


def test_who_waits_for_a_place_says_nothing_of_the_platform() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_IN_A_ROW):
        breaker.note(SendError(F.UNAVAILABLE, "down"))
    breaker.note(PacedError(60.0))
    assert breaker.resting
    assert refused(breaker)


def test_refused_credentials_are_tried_by_one_message_at_a_time() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    breaker.note(SendError(F.REVOKED, "token"))
    assert not breaker.resting, "the platform is there"
    for _ in range(3):
        with pytest.raises(RestingError) as waits:
            breaker.ask()
        assert waits.value.failure is F.REVOKED, "however long: no message dies of it"
        clock.advance(REVOKED_PAUSE_S)
        assert not refused(breaker)
        assert refused(breaker), "one tries for all of them"
        breaker.note(SendError(F.REVOKED, "token"))
    clock.advance(REVOKED_PAUSE_S)
    assert not refused(breaker)
    breaker.note(None)
    assert not refused(breaker)


def test_it_is_known_when_nobody_tries_refused_credentials_any_more() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    breaker.note(SendError(F.REVOKED, "token"))
    told = []
    for tries in (False, False, True, False):
        clock.advance(REVOKED_PAUSE_S)
        if tries:
            breaker.ask()
        told.append(breaker.forgotten)
    assert told == [False, True, False, False], "a message may still come; none did; one tries"
    breaker.note(None)
    clock.advance(REVOKED_PAUSE_S * 3)
    assert not breaker.forgotten


def test_an_outage_meanwhile_does_not_make_credentials_good() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    breaker.note(SendError(F.REVOKED, "token"))
    clock.advance(REVOKED_PAUSE_S)
    assert not refused(breaker)
    breaker.note(SendError(F.UNAVAILABLE, "down"))
    with pytest.raises(RestingError) as waits:
        breaker.ask()
    assert waits.value.failure is F.REVOKED
