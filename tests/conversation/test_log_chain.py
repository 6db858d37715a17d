"""The hash chain: sound as written, broken by any change, whole after an erasure."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.chain import START, LogRow, link, verify
from conversation.delivery import DeliveryState
from conversation.events import Delivered, Event, Ignored
from conversation.sqlite import SqliteStore
from conversation.store import Settlement
from socialcare.sandbox.hand_clock import HandClock
from tests.conversation.store_world import (
    NOW,
    accept,
    arrival,
    claimed,
    finish,
    later,
    row,
    sent,
    words,
)


def log_of(texts: Sequence[str], turn: str | None = "t1") -> list[LogRow]:
    events: list[Event] = [Ignored(what=text) for text in texts]
    return link("c_1", events, position=0, before=START, at_us=5, turn=turn)


TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=1, max_size=6)


@given(texts=TEXTS, cut=st.integers(0, 6))
def test_a_log_verifies_in_one_piece_and_in_several(texts: list[str], cut: int) -> None:
    first = log_of(texts[:cut])
    before = first[-1].hash if first else START
    events: list[Event] = [Ignored(what=text) for text in texts[cut:]]
    rest = link("c_1", events, position=len(first), before=before, at_us=6, turn=None)
    assert verify([*first, *rest]) is None
    assert [one.position for one in (*first, *rest)] == list(range(1, len(texts) + 1))


@given(texts=TEXTS, where=st.integers(0, 5), data=st.data())
def test_any_change_is_found_where_it_was_made(
    texts: list[str], where: int, data: st.DataObject
) -> None:
    rows = log_of(texts)
    where %= len(rows)
    changes: dict[str, object] = {
        "conversation": "c_2",
        "position": 99,
        "at_us": 6,
        "kind": "message",
        "turn": "t2",
        "salt": "00",
        "body": '{"kind":"ignored","what":"other"}!',
        "digest": "0" * 64,
        "hash": "0" * 64,
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    rows[where] = replace(rows[where], **{name: changes[name]})  # type: ignore[arg-type]  # a forger heeds no types
    assert verify(rows) == where + 1


def test_a_row_left_out_put_in_or_moved_is_found() -> None:
    rows = log_of(["a", "b", "c"])
    assert verify([rows[0], rows[2]]) == 2
    assert verify([rows[0], rows[1], rows[1], rows[2]]) == 3
    assert verify([rows[1], rows[0], rows[2]]) == 1
    assert verify(rows[1:]) == 1


def test_no_turn_and_a_turn_of_that_name_are_two_things() -> None:
    (row,) = log_of(["a"], turn=None)
    assert verify([replace(row, turn="None")]) == 1


@given(texts=TEXTS, where=st.integers(0, 5))
def test_erasing_what_was_said_leaves_the_chain_whole(texts: list[str], where: int) -> None:
    rows = log_of(texts)
    where %= len(rows)
    rows[where] = replace(rows[where], body=None)
    assert verify(rows) is None


def test_the_same_words_leave_no_recognisable_trace() -> None:
    one, two = log_of(["yes"])[0], log_of(["yes"])[0]
    assert one.digest != two.digest


async def test_what_the_store_wrote_verifies_and_a_forgery_does_not(tmp_path: Path) -> None:
    path = tmp_path / "care.db"
    store = SqliteStore(path, clock=HandClock(NOW))
    await store.open()
    try:
        work = await claimed(store)
        said = (Ignored(what="🧵\0"), Ignored(what="b"))
        await finish(store, work, log=said, turn="t\x1f1", outbox=(words("say", work=work),))
        (one,) = await sent(store)
        receipt = Delivered(outbox_key="say", message_id="1", part=0, text="hi")
        settled = Settlement(
            delivery=one, state=DeliveryState.SENT, at=later(9), log=(receipt, receipt)
        )
        await store.settle(settled)
        await accept(store, arrival(2), at=later(9))
        (again,) = await store.claim(now=later(9), limit=1)
        await finish(store, again, log=(Ignored(what="c"),))
        assert (await row(store, work.row.id)).id == work.row.id
    finally:
        await store.close()
    rows, last = written(path)
    assert (len(rows), verify(rows), rows[-1].hash) == (5, None, last)
    forged(path, "update log set body = replace(body, 'b', 'x') where position = 2")
    assert verify(written(path)[0]) == 2
    forged(path, "update log set body = null, salt = '' where position = 2")
    assert verify(written(path)[0]) is None
    forged(path, "delete from log where position = 4")
    assert verify(written(path)[0]) == 4


def written(path: Path) -> tuple[list[LogRow], str]:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    found = db.execute(
        "select conversation, position, at_us, kind, turn, content.salt, content.body, "
        "digest, hash from log join content using (conversation, position) order by position"
    )
    rows = [LogRow(**dict(one)) for one in found]
    (last,) = db.execute("select chain from conversation").fetchone()
    db.close()
    return rows, last


def forged(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    with db:
        db.execute(statement)
    db.close()


@pytest.mark.parametrize("rows", [[], log_of(["a"])])
def test_short_logs_verify(rows: list[LogRow]) -> None:
    assert verify(rows) is None
