"""What customers change and take back, on each platform that tells of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from config.stages import Stage
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, House
from tests.journeys.test_slack_channel import left_of

WORDS: Final = ("umbrella", "kettle", "teapot")


@dataclass(frozen=True, kw_only=True)
class Pen:
    """How somebody writes, changes and takes back; a message is whatever the platform names so."""

    write: Callable[[str], Awaitable[Any]]
    edit: Callable[[Any, str], Awaitable[object]]
    take_back: Callable[[Any], Awaitable[object]]


def _whatsapp(house: House) -> Pen:
    ana = house.world.whatsapp.customer(name="Ana")
    return Pen(write=ana.write, edit=ana.edit, take_back=ana.revoke)


def _thread(house: House, *, instagram: bool) -> Pen:
    ana = house.world.graph.customer(place="instagram" if instagram else "page", name="Ana")
    return Pen(write=ana.write, edit=ana.edit, take_back=ana.unsend)


def _comments(house: House) -> Pen:
    ana = house.world.graph.customer(name="Ana")
    return Pen(write=ana.comment, edit=ana.edit_comment, take_back=ana.delete_comment)


PENS: Final[dict[str, Callable[[House], Pen]]] = {
    "whatsapp": _whatsapp,
    "messenger": lambda house: _thread(house, instagram=False),
    "instagram": lambda house: _thread(house, instagram=True),
    "comments of a page": _comments,
}


@pytest.mark.parametrize("name", PENS)
async def test_what_is_taken_back_is_gone_from_store_and_desk(
    open_house: OpenHouse, name: str
) -> None:
    """Issue 5: edits and revokes; as on Slack, words of before an edit included."""
    house = await open_house(stage=Stage.MANUAL)
    pen = PENS[name](house)
    first = await pen.write("the purple umbrella broke")
    await house.with_button("case.claim", "private" if name != "comments of a page" else "public")
    await house.settled()
    more = await pen.write("and the Tintagel kettle")
    await house.settled()
    await pen.edit(more, "and the Tintagel teapot")
    await house.settled()
    for words in WORDS:
        assert len(left_of(house, words)) > 2, words
    await pen.take_back(first)
    await pen.take_back(more)
    await house.settled()
    assert {words: left_of(house, words) for words in WORDS} == {words: [] for words in WORDS}
    assert house.desk().count("The customer took this message back.") == 2


@pytest.mark.parametrize("name", ["whatsapp", "messenger", "instagram"])
async def test_what_was_taken_back_before_it_came_is_neither_answered_nor_kept(
    open_house: OpenHouse, name: str
) -> None:
    """Platforms promise no order: the notice may overtake its message."""
    house = await open_house()
    there = house.world.whatsapp if name == "whatsapp" else house.world.graph
    pen = PENS[name](house)
    there.faults.next("webhook", Fault(kind="reorder"))
    umbrella = await pen.write(f"{HOURS} my umbrella asks")
    await pen.take_back(umbrella)
    await house.settled()
    assert house.one("select count(*) from outbox where kind = 'reply'") == 0
    assert left_of(house, "umbrella") == []


@pytest.mark.parametrize("name", ["whatsapp", "messenger", "instagram"])
async def test_a_message_that_comes_a_turn_after_its_edit_has_the_words_of_the_edit(
    open_house: OpenHouse, name: str
) -> None:
    house = await open_house()
    there = house.world.whatsapp if name == "whatsapp" else house.world.graph
    pen = PENS[name](house)
    there.faults.next("webhook", Fault(kind="reorder"))
    written = await pen.write("I want to talk to a human")
    await pen.edit(written, HOURS)
    await house.settled()
    assert house.one("select count(*) from outbox where kind = 'reply'") == 1
    assert house.one("select count(*) from log where kind = 'handed_off'") == 0
