"""Platforms deliver twice, late and all at once; customers must not notice."""

import asyncio

from socialcare.sandbox.faults import Fault
from tests.journeys.house import HOURS, OPEN, REFUND, REFUNDED, House, hears, said, update


async def test_twenty_identical_posts_at_once_are_one_turn_and_one_reply(house: House) -> None:
    """CASES 1, 2, 7: the same update 20 times at once is one conversation, turn and reply."""
    ana = house.customer()
    body = update(ana, HOURS)
    answers = await asyncio.gather(*(house.world.telegram.post_raw(body) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    await hears(ana, OPEN)
    await house.settled()
    assert house.sent(ana) == len(ana.chat) == 1
    assert house.log(ana, "message") == 1
    assert house.log(ana, "decided") == 1
    assert house.one("select count(*) from conversation") == 1
    await house.counted(1, "accepted_total", channel="telegram")
    await house.counted(19, "duplicates_total", channel="telegram")


async def test_a_redelivery_after_the_answer_is_answered_no_more(house: House) -> None:
    """CASES 3, 6: the dedupe key does not expire, long after the platform's last retry."""
    ella = house.customer("Ella")
    body = update(ella, REFUND)
    await house.world.telegram.post_raw(body)
    await hears(ella, REFUNDED)
    await house.settled()
    house.clock.leap(3_600)
    assert (await house.world.telegram.post_raw(body)).status == 200
    await house.settled()
    assert house.sent(ella) == 1
    assert await house.refunds("A-10388") == [4200]
    assert house.log(ella, "decided") == 1


async def test_twenty_different_posts_at_once_are_one_conversation(house: House) -> None:
    """CASES 2, 10: a burst of a customer is one conversation and few turns."""
    ana = house.customer()
    bodies = [update(ana, f"hello? {n}", update_id=n) for n in range(800_000, 800_020)]
    await asyncio.gather(*(house.world.telegram.post_raw(body) for body in bodies))
    await house.settled()
    assert house.one("select count(*) from conversation") == 1
    assert house.log(ana, "message") == 20
    assert 1 <= len(ana.chat) <= 3


async def test_deliveries_doubled_and_reordered_by_the_platform(house: House) -> None:
    """CASES 4, 12: Telegram sends again and out of order; each message is answered once."""
    ana, ella = house.customer(), house.customer("Ella")
    house.world.telegram.faults.next("webhook", Fault(kind="duplicate"))
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    house.world.telegram.faults.next("webhook", Fault(kind="reorder"))
    await ana.write(HOURS)
    await ana.write("do you ship to France?")
    await hears(ana, OPEN)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.sent(ella) == 1
    assert house.log(ana, "message") == 2
    assert len(said(ana)) == len(set(said(ana)))


async def test_a_second_wish_while_the_refund_runs_pays_once(house: House) -> None:
    """CASES 8, 11, 42: a follow-up during a running call waits for the turn; one refund in all."""
    ella = house.customer("Ella")
    house.world.shop.faults.next("refund", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("refund")
    await ella.write(REFUND)
    await ella.delivered()
    house.world.shop.faults.release()
    await hears(ella, REFUNDED)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]


async def test_asking_again_after_the_refund_pays_once(house: House) -> None:
    """CASES 39: the key comes from the charge, not from the conversation or the words."""
    ella, other = house.customer("Ella"), house.customer("Ella's phone")
    await ella.write(REFUND)
    first = await hears(ella, REFUNDED)
    await ella.write("please refund A-10388, ella@northwind.example")
    await ella.sees(lambda _: True, after=first)
    await other.write(REFUND)
    await other.sees(lambda _: True)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert len(house.calls()) == 1
