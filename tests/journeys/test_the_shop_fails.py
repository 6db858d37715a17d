"""The shop is down, slow, wrong: the ledger is right, and the customer hears the truth."""

import pytest

from socialcare.calls import LOOK_AGAIN
from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.shop import other_currency, wrong_json, wrong_order
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    PATIENCE_S,
    REFUND,
    REFUNDED,
    SEED,
    House,
    hears,
    never,
    said,
)
from tests.journeys.test_at_the_desk import refunded_by_hand


async def passed_on(house: House, name: str) -> None:
    """Wait until a colleague can take it, and everything is at rest."""
    await house.with_button("case.claim", name)
    await house.settled()


async def test_the_shop_is_down(house: House) -> None:
    """CASES 41: nothing can be looked up: said, passed on, nothing paid, no promise made."""
    await house.world.shop.go_down()
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await passed_on(house, "Ella")
    await house.world.shop.come_back()
    assert await house.refunds("A-10388") == []
    never(ella, "refunded")
    assert house.owner(ella) == "desk"


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("order", wrong_json()),
        ("order", wrong_order()),
        ("order", Fault(kind="status", status=500)),
        ("charges", wrong_json()),
        ("charges", Fault(kind="status", status=503)),
    ],
    ids=["order_no_json", "another_order", "order_500", "charges_no_json", "charges_503"],
)
async def test_a_shop_that_answers_wrongly_is_not_believed(
    house: House, where: str, fault: Fault
) -> None:
    """CASES 41: an answer that does not fit its question is no ground to pay on."""
    house.world.shop.faults.until_cleared(where, fault)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await passed_on(house, "Ella")
    assert await house.refunds("A-10388") == []
    assert house.calls() == []
    never(ella, REFUNDED)


async def test_another_currency_is_no_pound(house: House) -> None:
    """CASES 40: euros where pounds were expected: never more than a colleague's yes allows."""
    house.world.shop.faults.until_cleared("charges", other_currency())
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == []
    assert house.calls() in ([], ["awaiting"])
    never(ella, REFUNDED)


async def test_a_refund_that_fails_before_it_does_anything(house: House) -> None:
    """CASES 41: the shop says no: no 'I have refunded', a colleague gets it, nothing is paid."""
    house.world.shop.faults.until_cleared("refund", Fault(kind="status", status=422, body="{}"))
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await passed_on(house, "Ella")
    assert await house.refunds("A-10388") == []
    assert house.calls() == ["failed"]
    never(ella, "refunded")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=500, after_effect=True),
        Fault(kind="reset", after_effect=True),
        Fault(kind="twist", twist=lambda _: {"what": "ever"}),
    ],
    ids=["500_after_doing", "reset_after_doing", "nonsense_after_doing"],
)
async def test_done_and_the_answer_is_no_good(house: House, fault: Fault) -> None:
    """CASES 9, 18, 42: it was paid, the answer is useless: found by its key, told, once."""
    house.world.shop.faults.next("refund", fault)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    for _ in range(3):
        house.clock.leap(301)
        await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]
    assert any(REFUNDED in text for text in said(ella)) or house.owner(ella) == "desk"


async def test_a_slow_shop_is_found_out_later(house: House) -> None:
    """CASES 9, 18, 42: beyond its time limit, and it did pay: reconciled, never paid again."""
    faults = house.world.shop.faults
    faults.next("refund", Fault(kind="hang", after_effect=True))
    faults.next("find_refund", Fault(kind="status", status=503), times=20)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await house.world.shop.called("refund")
    await house.until(lambda: house.calls() == ["unknown"] or None, lambda: str(house.calls()))
    await passed_on(house, "Ella")
    never(ella, REFUNDED)
    faults.clear()
    for _ in range(4):
        house.clock.leap(301)
        await house.settled()
    assert house.calls() == ["done"]
    assert await house.refunds("A-10388") == [4200]
    assert "(done)" in house.desk()


async def test_a_shop_that_does_it_minutes_later_pays_once(house: House) -> None:
    """CASES 9, 42: a key that is not known yet proves nothing: asked again in time, it is done."""
    house.world.shop.faults.next("refund", Fault(kind="reset"))
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await house.until(lambda: house.calls() == ["unknown"] or None, lambda: str(house.calls()))
    await passed_on(house, "Ella")
    for after in LOOK_AGAIN[:-1]:
        house.clock.leap(after.total_seconds() + 1)
        await house.settled()
        assert house.calls() == ["unknown"]
    charge = (await house.world.shop.charges("A-10388"))[0]
    key = house.one("select key from action_call")
    await refunded_by_hand(house, charge.id, "42.00", key=key)
    house.clock.leap(LOOK_AGAIN[-1].total_seconds() + 1)
    await house.until(lambda: house.calls() == ["done"] or None, lambda: str(house.calls()))
    assert await house.refunds("A-10388") == [4200]


async def test_the_same_wish_while_the_outcome_is_unknown_pays_nothing_more(house: House) -> None:
    """CASES 39, 42: nobody knows whether it was paid; asking again does not pay a second time."""
    faults = house.world.shop.faults
    faults.next("refund", Fault(kind="reset", after_effect=True))
    faults.until_cleared("find_refund", Fault(kind="status", status=503))
    ella, other = house.customer("Ella"), house.customer("Ella's phone")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await other.write(REFUND)
    await other.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    never(other, REFUNDED)


async def test_a_pending_refund_is_told_when_it_is_done(house: House) -> None:
    """CASES 18, 41: 'pending' is not 'done'; once the shop says done, so does the ledger."""
    house.world.shop.next_refund_pending()
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    never(ella, REFUNDED)
    refund = (await house.world.shop.refunds())[0]
    await house.world.shop.settle(refund.id)
    for _ in range(4):
        house.clock.leap(301)
        await house.settled()
    assert house.calls() == ["done"]
    assert await house.refunds("A-10388") == [4200]
    assert any(REFUNDED in text for text in said(ella)) or "(done)" in house.desk()


async def test_one_wish_fails_and_the_other_is_done(house: House) -> None:
    """CASES 41: the replacement fails, the refund does not: each is told as it is."""
    house.world.shop.faults.until_cleared(
        "replacement", Fault(kind="status", status=422, body="{}")
    )
    ana = house.customer()
    await ana.write(SEED)
    await hears(ana, "refunded the second charge of £24.90")
    await passed_on(house, "Ana")
    assert await house.refunds("A-10293") == [2490]
    assert await house.replacements("A-10293") == 0
    never(ana, "replacement for Enamel mug, blue, set of two is ordered")


async def test_the_desk_reads_what_the_shop_did(house: House) -> None:
    """CASES 18: after a failed call the case names the action and why."""
    house.world.shop.faults.until_cleared("refund", Fault(kind="status", status=422, body="{}"))
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await passed_on(house, "Ella")
    await house.world.slack.appears(CARE, "42.00", timeout=PATIENCE_S)


async def test_two_conversations_want_the_same_refund_at_once(house: House) -> None:
    """CASES 39, 40: one charge, two phones, the same moment: one refund, nobody hears a lie."""
    ella, other = house.customer("Ella"), house.customer("Ella's phone")
    house.world.shop.faults.next("refund", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("refund")
    await other.write(REFUND)
    await other.sees(lambda _: True, timeout=PATIENCE_S)
    house.world.shop.faults.release()
    await hears(ella, REFUNDED)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]


async def test_an_answer_that_takes_too_long_becomes_a_colleagues(open_house: OpenHouse) -> None:
    """CASES 20, 21: past the answer target: said, passed on, counted; nothing is paid later."""
    house = await open_house(changes={"timeout: 2s": "timeout: 50s", "answer: 60s": "answer: 20s"})
    ella = house.customer("Ella")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("order")
    house.clock.leap(21)
    await hears(ella, "takes longer than it should")
    house.world.shop.faults.release()
    await passed_on(house, "Ella")
    assert house.owner(ella) == "desk"
    assert await house.refunds("A-10388") == []
    await house.counted(1, "target_missed_total", channel="telegram", target="answer")


async def test_out_of_time_in_mid_refund_still_notes_what_was_done(open_house: OpenHouse) -> None:
    """CASES 18, 41: the time runs out while money moves: noted as done, and the desk reads it."""
    house = await open_house(changes={"timeout: 2s": "timeout: 50s", "answer: 60s": "answer: 20s"})
    ella = house.customer("Ella")
    house.world.shop.faults.next("refund", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("refund")
    house.clock.leap(21)
    house.world.shop.faults.release()
    await ella.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]
    await house.with_button("case.claim", "Ella")
    assert "42.00" in house.desk()
