"""Posts taken back from Slack: ours go, colleagues' lines are named, nothing is silent."""

import asyncio

import pytest

from conversation.store import DeskPosted
from handoff import withdrawing
from handoff.withdrawing import REDACTED, Withdrawn, withdraw
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import plain
from tests.handoff.desk_world import CASE, CHANNEL, CONVERSATION, World, world

__all__ = ["world"]

WORDS = "my jacket came torn"


async def posts_of(world: World) -> tuple[DeskPosted, ...]:
    found = await world.store.posted([f"case:{CASE}"])
    return tuple(found.values())


async def taken(world: World, *posts: DeskPosted) -> Withdrawn:
    return await withdraw(world.transport, posts or await posts_of(world), clock=world.clock)


def everything(world: World) -> str:
    return "\n".join(
        plain(each) + repr(each.blocks) + repr(each.metadata)
        for each in world.slack.messages(CHANNEL)
    )


async def test_the_card_and_our_lines_under_it_are_deleted(world: World) -> None:
    await world.case()
    assert len(world.thread) == 1
    assert WORDS in everything(world)
    told = await taken(world)
    assert world.slack.messages(CHANNEL) == ()
    assert told.taken_back >= 2
    assert told.left == ()
    assert told.done == (f"case:{CASE}",)


async def test_colleagues_lines_stay_and_are_named_with_their_place(world: World) -> None:
    card = await world.case()
    line = await world.ben.write_in_thread(card, "she is at 5 Elm Street")
    told = await taken(world)
    assert told.left == (f"{CHANNEL} {line.ts}: a colleague's line",)
    assert told.done == (f"case:{CASE}",)
    (left,) = world.slack.messages(CHANNEL)
    assert left.ts == line.ts


async def test_what_is_gone_already_is_done(world: World) -> None:
    await world.case()
    posts = await posts_of(world)
    await taken(world)
    told = await taken(world, *posts)
    assert (told.left, told.done) == ((), (f"case:{CASE}",))


@pytest.mark.parametrize("method", ["chat.delete", "conversations.replies"])
async def test_a_limit_is_waited_for(world: World, method: str) -> None:
    """429 with Retry-After, on the clock."""
    await world.case()
    world.slack.faults.next(method, Fault(kind="too_many", retry_after=7), times=2)
    posts = await posts_of(world)
    waiting = asyncio.create_task(taken(world, *posts))
    assert [await world.clock.skip() for _ in range(2)] == [7, 7]
    assert (await waiting).left == ()
    assert world.slack.messages(CHANNEL) == ()


async def test_an_answer_that_is_lost_is_asked_for_again(world: World) -> None:
    await world.case()
    world.slack.faults.next("chat.delete", Fault(kind="answer_lost"))
    posts = await posts_of(world)
    waiting = asyncio.create_task(taken(world, *posts))
    await world.clock.skip()
    assert (await waiting).left == ()
    assert world.slack.messages(CHANNEL) == ()


async def test_where_deleting_is_refused_the_words_go(world: World) -> None:
    await world.case()
    refusal = Fault(kind="error_inside", error="cant_delete_message")
    world.slack.faults.until_cleared("chat.delete", refusal)
    told = await taken(world)
    assert told.left == ()
    assert WORDS not in everything(world)
    assert all(plain(each) == REDACTED for each in world.slack.messages(CHANNEL))


async def test_where_nothing_is_allowed_it_is_listed_and_found_again(world: World) -> None:
    await world.case()
    for method in ("chat.delete", "chat.update"):
        world.slack.faults.until_cleared(method, Fault(kind="error_inside", error="missing_scope"))
    told = await taken(world)
    assert told.taken_back == 0
    assert told.done == ()
    assert all("Slack refused" in one for one in told.left)
    world.slack.faults.clear()
    again = await taken(world)
    assert (again.left, world.slack.messages(CHANNEL)) == ((), ())


async def test_a_thread_that_cannot_be_read_keeps_its_root(world: World) -> None:
    """Else our lines in it could never be found again."""
    await world.case()
    world.slack.faults.until_cleared(
        "conversations.replies", Fault(kind="error_inside", error="missing_scope")
    )
    told = await taken(world)
    assert told.done == ()
    assert "its thread was not read" in told.left[0]
    world.slack.faults.clear()
    assert (await taken(world)).left == ()
    assert world.slack.messages(CHANNEL) == ()


async def test_long_threads_are_read_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "PAGE", 2)
    card = await world.case()
    for number in range(7):
        await world.ben.write_in_thread(card, f"note {number}")
    assert len((await taken(world)).left) == 7


async def test_a_thread_beyond_all_measure_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "PAGE", 2)
    monkeypatch.setattr(withdrawing, "THREAD_MAX", 4)
    card = await world.case()
    for number in range(7):
        await world.ben.write_in_thread(card, f"note {number}")
    told = await taken(world)
    assert told.done == ()
    assert "more than 4 lines" in told.left[-1]


async def test_a_post_of_a_channel_that_is_gone_is_done(world: World) -> None:
    posted = DeskPosted(key="case:x", conversation=CONVERSATION, channel="C0GONE", ts="1.2")
    assert (await taken(world, posted)).done == ("case:x",)
