"""What follows from a failed send: a table, and that it always ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import SendError, SendFailure
from conversation.delivery import DeliveryState
from socialcare.deliveries import (
    AGE_MAX,
    PAUSE_MAX_S,
    REVOKED_PAUSE_S,
    TRIES_MAX,
    Next,
    after_failure,
)

WAITING, DEAD, UNKNOWN = DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNKNOWN
F = SendFailure


def following(failure: SendFailure, *, tries: int = 1, resend: bool = True, **more: float) -> Next:
    error = SendError(failure, "x", retry_after_s=more.get("retry_after_s"))
    age = timedelta(hours=more.get("age_h", 0))
    return after_failure(
        error, tries=tries, age=age, resend_unknown=resend, jitter=more.get("jitter", 1.0)
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
    pauses = [following(F.UNAVAILABLE, tries=n).pause_s for n in range(1, TRIES_MAX)]
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


@given(
    failures=st.lists(
        st.sampled_from([one for one in SendFailure if one is not F.REVOKED]), min_size=TRIES_MAX
    ),
    resend=st.booleans(),
    jitter=st.floats(0, 1),
    retry_after_s=st.none() | st.floats(0, 86_400),
)
def test_a_message_always_comes_to_an_end(
    failures: list[SendFailure], *, resend: bool, jitter: float, retry_after_s: float | None
) -> None:
    age = timedelta()
    for tries, failure in enumerate(failures, start=1):
        error = SendError(failure, "x", retry_after_s=retry_after_s)
        step = after_failure(error, tries=tries, age=age, resend_unknown=resend, jitter=jitter)
        if step.state is not WAITING:
            assert step.state in {DEAD, UNKNOWN}
            break
        assert 0 < step.pause_s <= max(PAUSE_MAX_S, retry_after_s or 0)
        assert step.pause_s >= (retry_after_s or 0)
        age += timedelta(seconds=step.pause_s)
    else:
        pytest.fail("still waiting after every try")
    assert age <= AGE_MAX + timedelta(seconds=max(PAUSE_MAX_S, retry_after_s or 0))
