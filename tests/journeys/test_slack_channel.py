"""Customers who write in Slack: direct messages, threads in channels, by HTTP and by socket."""

import json
from dataclasses import replace

import pytest

from config.stages import Stage, Surface
from conversation.model import Address
from socialcare.demo.world import CARE, COMMUNITY
from socialcare.fault_points import VARIABLE, Point
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_delivery import RETRIES_S
from socialcare.sandbox.slack_people import Colleague as Person
from socialcare.sandbox.slack_reading import Message, pings, plain
from tests.journeys import test_at_the_desk as desk
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    CHANNEL_SOCKET,
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    REFUNDED,
    House,
)
from tests.journeys.process import run

SHARED = "C0SHARED"
DM = "D0ELLA"
CALL = "@northwind-care "


@pytest.fixture(params=[{}, CHANNEL_SOCKET], ids=["http", "socket"])
async def house(open_house: OpenHouse, request: pytest.FixtureRequest) -> House:
    house = await open_house(changes=request.param)
    if request.param:
        house.world.community.connect("")
        await house.world.community.sockets.opened(1)
    return house


def ella(house: House) -> Person:
    """Bring somebody in who has opened a direct message with the app."""
    house.world.community.channel(DM, name="directmessage")
    return house.world.community.colleague("U0ELLA", name="Ella")


def bots(house: House, channel: str = DM) -> list[Message]:
    """Give what our app wrote there."""
    return [one for one in house.world.community.messages(channel) if one.bot_id is not None]


async def hears(
    house: House, words: str, *, channel: str = DM, after: Message | None = None
) -> Message:
    return await house.world.community.appears(
        channel,
        lambda one: one.bot_id is not None and words in plain(one),
        after=after,
        timeout=PATIENCE_S,
    )


def entries(house: House, kind: str, key: str, surface: Surface = Surface.PRIVATE) -> int:
    team = house.world.community.workspace.team_id
    address = Address(channel="slack", account=team, key=key, surface=surface)
    return int(
        house.one(
            "select count(*) from log where conversation = ? and kind = ?",
            address.conversation,
            kind,
        )
    )


async def test_a_direct_message_is_private_and_gets_everything(house: House) -> None:
    who = ella(house)
    await who.write(DM, REFUND)
    answer = await hears(house, REFUNDED)
    await house.settled()
    assert answer.thread_ts is None
    assert await house.refunds("A-10388") == [4200]
    assert len(bots(house)) == 1
    assert house.one("select surface from conversation") == "private"


async def test_a_call_in_a_channel_is_answered_in_its_thread_once(house: House) -> None:
    """Slack tells of it twice; the talk of others is nobody's business."""
    who = ella(house)
    await who.write(COMMUNITY, "anybody up for lunch?")
    asked = await who.write(COMMUNITY, CALL + HOURS)
    answer = await hears(house, OPEN, channel=COMMUNITY)
    assert answer.thread_ts == asked.ts
    await who.write_in_thread(asked, HOURS)
    await hears(house, OPEN, channel=COMMUNITY, after=answer)
    await house.settled()
    assert all(one.thread_ts == asked.ts for one in bots(house, COMMUNITY))
    key = f"{COMMUNITY}:{asked.ts}"
    assert entries(house, "message", key, Surface.PUBLIC) == 2
    assert house.one("select count(*) from conversation") == 1
    bodies = house.rows("select body from inbox where channel = 'slack'")
    assert not any("lunch" in (body or "") for (body,) in bodies)


async def test_in_a_channel_shared_with_a_customer_a_colleague_who_answers_silences_the_bot(
    house: House,
) -> None:
    """The customer writes from their own company's workspace; ours answers in Slack itself."""
    there = house.world.community
    there.channel(SHARED, name="northwind-acme", shared=True)
    guest = there.colleague("U0GUEST", name="Gwen", team="T0ACME")
    asked = await guest.write(SHARED, CALL + HOURS)
    answer = await hears(house, OPEN, channel=SHARED)
    assert answer.thread_ts == asked.ts
    await there.colleague("U0OURS", name="Olaf").write_in_thread(asked, "I'll take this one")
    await house.with_button("case.release", "slack")
    await guest.write_in_thread(asked, HOURS)
    await house.settled()
    assert len(bots(house, SHARED)) == 1
    assert house.one("select owner from conversation") == "elsewhere"
    assert "I'll take this one" in house.desk()


async def test_a_thread_that_nobody_called_us_into_is_left_alone(house: House) -> None:
    who = ella(house)
    talk = await who.write(COMMUNITY, "the new boots are great")
    await who.write_in_thread(talk, HOURS)
    await house.settled()
    assert not bots(house, COMMUNITY)
    assert house.one("select count(*) from conversation") == 0


async def test_in_public_nothing_private_is_said_or_done(house: House) -> None:
    who = ella(house)
    asked = await who.write(COMMUNITY, CALL + REFUND)
    await house.world.community.appears(
        COMMUNITY, lambda one: one.thread_ts == asked.ts and one.bot_id is not None
    )
    await house.settled()
    assert await house.refunds("A-10388") == []
    shown = "\n".join(map(plain, bots(house, COMMUNITY)))
    assert "42.00" not in shown
    assert "ella@" not in shown


async def test_a_colleague_s_words_call_nobody_and_stay_as_they_are(house: House) -> None:
    who = ella(house)
    await who.write(DM, desk.HUMAN)
    await hears(house, "colleague")
    card = await house.with_button("case.claim", "slack, private")
    await house.press(house.world.ben, card, "case.claim")
    words = "<!channel> *no* <@U0ELLA> & <https://evil.example|northwind.example>"
    await desk.replies(house, house.world.ben, card, words)
    assert (await house.world.ben.submit()).ok  # The link is not the brand's: sent anyway.
    answer = await hears(house, "*no*")
    assert words in plain(answer)
    assert not pings(answer)
    await house.settled()
    call = next(
        one
        for one in house.world.community.calls
        if one.method == "chat.postMessage" and "*no*" in one.params["text"]
    )
    assert call.params["mrkdwn"] is False


async def test_an_edit_and_a_deletion_reach_the_conversation(open_house: OpenHouse) -> None:
    house = await open_house(stage=Stage.MANUAL)
    who = ella(house)
    written = await who.write(DM, "where is my order A-10388")
    await house.with_button("case.claim", "A-10388")
    await who.edit(written, "where is my order A-10502")
    await house.settled()
    await who.delete(written)
    await house.settled()
    assert entries(house, "edit", DM) == 1
    assert entries(house, "delete", DM) == 1
    assert left_of(house, "where is my order") == []


def left_of(house: House, words: str) -> list[str]:
    """Name the tables and posts of the desk in which some words still stand."""
    tables = [name for (name,) in house.rows("select name from sqlite_master where type = 'table'")]
    left = [t for t in tables if words in str(house.rows(f"select * from {t}"))]  # noqa: S608 - our own tables
    shown = house.world.slack.messages(CARE)
    return left + [one.ts for one in shown if words in repr((plain(one), one.blocks))]


async def test_what_a_customer_takes_back_is_gone_from_store_and_desk(
    open_house: OpenHouse,
) -> None:
    """The notice itself repeats the words; the card's thread quotes them twice."""
    house = await open_house(stage=Stage.MANUAL)
    who = ella(house)
    first = await who.write(DM, "the purple umbrella broke")
    await house.with_button("case.claim", "slack, private")
    await house.settled()
    more = await who.write(DM, "and the Tintagel kettle")
    await house.settled()
    await who.edit(more, "and the Tintagel teapot")
    await house.settled()
    for words in ("umbrella", "kettle", "teapot"):
        assert len(left_of(house, words)) > 2
    await who.delete(first)
    await who.delete(more)
    await house.settled()
    assert {words: left_of(house, words) for words in ("umbrella", "kettle", "teapot")} == {
        words: [] for words in ("umbrella", "kettle", "teapot")
    }
    assert house.desk().count("The customer took this message back.") == 2


@pytest.mark.parametrize("kind", ["duplicate", "only_retry"])
async def test_slack_s_retries_are_never_dropped_and_never_doubled(
    open_house: OpenHouse, kind: str
) -> None:
    """CASES 5, 6: by event id, not by header: the first try may have died on the way."""
    house = await open_house()
    who = ella(house)
    house.world.community.faults.next("event", Fault(kind=kind))  # type: ignore[arg-type] # a word
    await who.write(DM, HOURS)
    await hears(house, OPEN)
    await house.settled()
    assert len(bots(house)) == 1
    assert entries(house, "message", DM) == 1


async def test_an_app_taken_out_of_the_workspace_is_heard_at_the_desk(
    open_house: OpenHouse,
) -> None:
    """Issue 5: the desk says so; nobody writes any more, so no call of ours would find out."""
    house = await open_house()
    team = house.world.community.workspace.team_id
    event = {"type": "app_uninstalled", "event_ts": "1.0"}
    body = {"type": "event_callback", "event_id": "EvGone", "team_id": team, "event": event}
    await house.until(lambda: house.world.community.delivery.url or None)
    await house.world.community.post_raw(json.dumps(body).encode())
    await house.until(lambda: "slack: the app was taken out" in house.desk() or None, house.desk)


async def test_the_address_is_confirmed_to_slack_and_to_nobody_else(
    open_house: OpenHouse,
) -> None:
    house = await open_house()
    assert await house.world.community.verify_url()
    body = json.dumps({"type": "url_verification", "challenge": "mine"}).encode()
    answer = await house.world.community.post_raw(body, {"X-Slack-Signature": "v0=1"})
    assert (answer.status, "mine" in answer.body) == (401, False)
    house.world.community.faults.next("event", Fault(kind="bad_signature"))
    await ella(house).write(DM, HOURS)
    await hears(house, OPEN)
    assert await house.figure("rejected_total", channel="slack", why="signature") == 2


async def test_what_slack_cannot_take_now_is_sent_once_it_can(open_house: OpenHouse) -> None:
    house = await open_house()
    who = ella(house)
    house.world.community.faults.next("chat.postMessage", Fault(kind="too_many", retry_after=30))
    await who.write(DM, HOURS)
    await house.world.community.faults.met("chat.postMessage")
    await house.until(
        lambda: house.one("select count(*) from outbox where state = 'waiting'") or None
    )
    assert not bots(house)
    house.clock.leap(30.0)
    await hears(house, OPEN)
    await house.settled()
    assert len(bots(house)) == 1


async def test_f34_above_the_bound_slack_is_asked_to_come_again(house: House) -> None:
    """By HTTP a 503, by socket no acknowledgement: it comes again, and is answered once."""
    assert house.service is not None
    assert house.service.backlog is not None
    house.service._workers["backlog"].cancel()
    house.service.backlog.closed = True
    await ella(house).write(DM, HOURS)
    tries = house.world.community.delivery.tries
    await house.until(lambda: len(tries) == 2 or None)
    assert {one.status for one in tries} <= {503, None}
    assert entries(house, "message", DM) == 0
    house.service.backlog.closed = False
    house.clock.leap(RETRIES_S[1])  # nothing is under way: the second has just been put off
    await hears(house, OPEN)
    await house.settled()
    assert entries(house, "message", DM) == 1
    assert len(bots(house)) == 1


@pytest.mark.parametrize("changes", [{}, CHANNEL_SOCKET], ids=["http", "socket"])
async def test_killed_between_keeping_and_acknowledging(
    open_house: OpenHouse, changes: dict[str, str]
) -> None:
    """CASES 15: kept, Slack was never told, sends it again after the restart: one answer."""
    house = await open_house(serve=False, changes=changes)
    if changes:
        house.world.community.connect("")
    who = ella(house)
    environment = {**house.world.environment, VARIABLE: Point.ACCEPTED}
    doomed = replace(house, world=replace(house.world, environment=environment))
    async with run(doomed) as first:
        if changes:
            await house.world.community.sockets.opened(1)
        await who.write(DM, HOURS)
        assert await first.ended() < 0
    async with run(house):
        if changes:
            await house.world.community.sockets.opened(2)
        house.clock.leap(60.0)
        await hears(house, OPEN)
        await house.settled()
    assert entries(house, "message", DM) == 1
    assert len(bots(house)) == 1
