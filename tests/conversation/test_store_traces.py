"""The store's contract, traces: the last turns of a conversation are told, out of either store."""

from decimal import Decimal

from conversation.events import Decided, HandedOff, ModelCall, ModelUse
from conversation.model import Owner
from conversation.store import Store
from conversation.trace_lines import Stop
from tests.conversation.store_world import accept, arrival, claimed, finish, heard, later

USE = ModelUse(
    name="gpt-5-mini",
    prompt="care@2",
    currency="USD",
    calls=(ModelCall(ms=420, tokens_in=1_200, tokens_out=40, cost=Decimal("0.00038")),),
)


def decided(turn: str) -> Decided:
    return Decided(
        turn=turn,
        stage="autonomous",
        shadow=False,
        language="en",
        mood="neutral",
        issues=(),
        deadline=None,
        memory="{}",
        summary="",
        brain="gpt-5-mini",
        model=USE,
    )


async def test_the_last_turns_are_told_oldest_first(store: Store) -> None:
    names, conversation = [], ""
    for number in range(4):
        work = await claimed(store, number)
        name = f"{work.row.id}:{work.pending[0].seq}"
        names.append(name)
        conversation = work.row.id
        own = (heard(f"message {number}", str(number)), decided(name))
        await finish(store, work, turn=name, log=own)
    told = await store.traces(conversation, last=2)
    assert [one.turn for one in told] == names[-2:]
    assert [one.model for one in told] == [USE, USE], "prices come back to the last digit"
    assert [line.text for line in told[-1].lines if line.stop is Stop.STORED] == [
        "From telegram: on disk, then acknowledged",
        "“message 3”",
    ]
    assert len(await store.traces(conversation, last=99)) == 4


async def test_what_waits_is_the_last_turn(store: Store) -> None:
    work = await claimed(store, 1)
    name = f"{work.row.id}:{work.pending[0].seq}"
    note = HandedOff(reason="no_answer", note="none", case_id="case-1")
    await finish(store, work, turn=name, log=(heard("hello"), note), owner=Owner.DESK)
    await accept(store, arrival(2), at=later(3))
    done, waits = await store.traces(work.row.id, last=2)
    assert done.over
    assert not waits.over
    assert any(line.stop is Stop.DESK for line in done.lines)


async def test_of_an_unknown_conversation_nothing_is_told(store: Store) -> None:
    assert await store.traces("c_nobody", last=4) == ()
