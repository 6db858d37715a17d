"""`socialcare quarantine` from outside, on both stores."""

import json

import pytest

from conversation.delivery import DeliveryState
from conversation.ledger import CallState
from conversation.store import Settlement, Store
from tests.conversation.store_world import (
    accept,
    arrival,
    claimed,
    finish,
    keys,
    later,
    moves,
    sent,
    words,
)
from tests.socialcare.commands.conftest import Invoke, WithStore

WORDS = "mia@shop.example pays with 4111 1111 1111 1111"


async def all_kinds(store: Store) -> None:
    """Leave one of each kind: in_1, out_1 and call_refund:1:0."""
    body = json.dumps({"text": WORDS}).encode()
    await accept(store, arrival(1, body=body))
    (work,) = await store.claim(now=later(), limit=1)
    await finish(store, work, consumed=(), quarantined=((work.pending[0].seq, "eight tries"),))
    work = await claimed(store, 2, "bob")
    await finish(store, work, outbox=(words("say:1", work=work),))
    (delivery,) = await sent(store)
    await store.settle(
        Settlement(delivery=delivery, state=DeliveryState.DEAD, at=later(11), why="blocked")
    )
    work = await claimed(store, 3, "cyd")
    for old, new in (
        (None, CallState.ALLOWED),
        (CallState.ALLOWED, CallState.EXECUTING),
        (CallState.EXECUTING, CallState.UNKNOWN),
    ):
        await store.commit(moves(work, old, new))
    await finish(store, work)


@pytest.fixture
def names(with_store: WithStore, invoke: Invoke) -> list[str]:
    with_store(all_kinds)
    told = invoke("quarantine", "list")
    assert told.exit_code == 0, told.output
    return [line.split()[0] for line in told.stdout.splitlines()[1:]]


def test_nothing_waits(with_store: WithStore, invoke: Invoke) -> None:
    async def nothing(_: Store) -> None:
        """Leave an empty store."""

    with_store(nothing)
    told = invoke("quarantine", "list")
    assert (told.exit_code, told.stdout) == (0, "nothing waits\n")


def test_a_line_for_each_with_why(names: list[str], invoke: Invoke) -> None:
    assert names == ["in_1", "out_1", "call_refund:1:0"]
    lines = invoke("quarantine", "list").stdout.splitlines()
    assert "eight tries" in lines[1]
    assert "blocked" in lines[2]
    assert "refund (unknown)" in lines[3]


def test_what_is_shown_is_masked_unless_asked_for(names: list[str], invoke: Invoke) -> None:
    masked = invoke("quarantine", "show", names[0])
    assert masked.exit_code == 0, masked.output
    assert "why: eight tries" in masked.stdout
    assert "mia@shop.example" not in masked.stdout
    assert "4111" not in masked.stdout
    assert WORDS in invoke("quarantine", "show", names[0], "--plain").stdout


def test_each_is_retried_once(names: list[str], invoke: Invoke, with_store: WithStore) -> None:
    for name in names:
        told = invoke("quarantine", "retry", name)
        assert told.exit_code == 0, told.output
        assert told.stdout.startswith(f"{name}: ")
    left = [line.split()[0] for line in invoke("quarantine", "list").stdout.splitlines()[1:]]
    assert left == ["call_refund:1:0"], "unknown until the backend has answered"
    assert invoke("quarantine", "retry", names[0]).exit_code == 2

    async def taken_up(store: Store) -> None:
        works = await store.claim(now=later(10**9), limit=9)
        assert "1" in {one.arrival.event_id for work in works for one in work.pending}
        assert keys(await sent(store, 10**9)) == ["say:1"]
        assert await store.fire(now=later(10**9), limit=9) == 1

    with_store(taken_up)


def test_each_is_dropped_and_a_call_only_with_what_was_found_out(
    names: list[str], invoke: Invoke
) -> None:
    told = invoke("quarantine", "drop", names[2])
    assert told.exit_code == 2
    assert "look into the backend first" in told.stderr
    for name, words_, state in (
        (names[0], (), "dropped"),
        (names[1], (), "dropped"),
        (names[2], ("--as", "done"), "done"),
    ):
        told = invoke("quarantine", "drop", name, *words_)
        assert (told.exit_code, told.stdout) == (0, f"{name}: {state}\n")
    assert invoke("quarantine", "list").stdout == "nothing waits\n"


@pytest.mark.parametrize("word", ["show", "retry", "drop"])
@pytest.mark.parametrize("name", ["in_99", "nonsense", "call_[red]x", "in_\ud800"])
def test_what_does_not_wait_ends_with_two(
    names: list[str], invoke: Invoke, word: str, name: str
) -> None:
    told = invoke("quarantine", word, name)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr


def test_strangers_words_move_no_terminal(with_store: WithStore, invoke: Invoke) -> None:
    """T21: no control character, no markup of rich, no picture made of words, one line each."""

    async def nasty(store: Store) -> None:
        why, body = "\x1b[31m[bold]no\r\nJSON\u202e :100:", b"\x1b]0;x\x07"
        await accept(store, arrival("x", address=None, why=why, body=body))

    with_store(nasty)
    told = invoke("quarantine", "list")
    assert "[bold]no" in told.stdout
    assert ":100:" in told.stdout
    assert not any(c in told.stdout for c in "\x1b\r\u202e")
    assert len(told.stdout.splitlines()) == 2
    shown = invoke("quarantine", "show", "in_1", "--plain")
    assert not any(c in shown.stdout for c in "\x1b\x07\u202e")
