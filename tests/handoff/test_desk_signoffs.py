"""Sign-offs and posts at the desk: who may decide, once, in time; and what Slack's faults mean."""

from typing import Any

import pytest

from channels.errors import SendError, SendFailure
from config.money import Money
from conversation.events import Colleague, HandedOff, Released, SignOffBegun, SignOffDecided
from conversation.ledger import ApprovalState, CallState
from conversation.store import Delivery, OutboxKind
from handoff.handles import Handle
from handoff.posts import CustomerLinePost, NotePost, SignOffPost, encode_post
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import pings, plain

pytest_plugins = ("tests.handoff.desk_world",)

CHANNEL, SIGNOFFS = "C0CARE", "C0SIGNOFF"


async def standing(world: Any, approval_id: str = "a1") -> tuple[ApprovalState, CallState]:
    approval, call = await world.store.approval(approval_id)
    return approval.state, call.state


async def test_an_approver_says_yes_within_the_limit(world: Any) -> None:
    post = await world.sign_off(Money(8900, "GBP"))
    assert post.thread_ts == world.card.ts
    assert "Refund 89.00 GBP of charge ch_2" in plain(post)
    assert "GBP" not in post.button("signoff.approve")["value"]
    await world.approver.press(post, "signoff.approve")
    assert await standing(world) == (ApprovalState.APPROVED, CallState.ALLOWED)
    (decided,) = await world.turn()
    assert decided == SignOffDecided(approval_id="a1", approved=True, by=decided.by)
    assert decided.by.user_id == "U0APPROVER"
    await world.deliver()
    now = world.slack.current(post)
    assert not now.buttons
    assert "Approved" in plain(now)
    assert "Waits for a sign-off" not in plain(world.card)


async def test_seven_presses_of_many_people_decide_once(world: Any) -> None:
    post = await world.sign_off(Money(8900, "GBP"))
    for n in range(7):
        person = (world.approver, world.admin)[n % 2]
        await person.press(post, "signoff.reject" if n else "signoff.approve")
        world.tick()
    assert await standing(world) == (ApprovalState.APPROVED, CallState.ALLOWED)
    assert len(await world.turn()) == 1
    await world.admin.sees("already decided")


async def test_no_is_a_decision_too(world: Any) -> None:
    post = await world.sign_off(Money(8900, "GBP"))
    await world.admin.press(post, "signoff.reject")
    assert await standing(world) == (ApprovalState.REJECTED, CallState.REFUSED)


@pytest.mark.parametrize(
    ("amount", "person", "told"),
    [
        (Money(8900, "GBP"), "ben", "You may not decide sign-offs"),
        (Money(8900, "GBP"), "stranger", "You may not do this"),
        (Money(10001, "GBP"), "approver", "up to 100.00 GBP; this is 100.01 GBP"),
        (Money(100, "EUR"), "approver", "up to 100.00 GBP; this is 1.00 EUR"),
    ],
)
async def test_who_may_not_sign_changes_nothing(
    world: Any, amount: Money, person: str, told: str
) -> None:
    post = await world.sign_off(amount)
    await getattr(world, person).press(post, "signoff.approve")
    await getattr(world, person).sees(told)
    assert await standing(world) == (ApprovalState.WAITING, CallState.AWAITING)
    assert not await world.turn()


@pytest.mark.parametrize(
    ("amount", "person"),
    [(Money(10000, "GBP"), "approver"), (Money(40000, "EUR"), "admin"), (None, "approver")],
)
async def test_who_may_sign(world: Any, amount: Money | None, person: str) -> None:
    post = await world.sign_off(amount)
    await getattr(world, person).press(post, "signoff.approve")
    assert (await standing(world))[0] is ApprovalState.APPROVED


LIMITED = {
    "roles": {
        "colleague": {"members": ["S0CARE"], "sign_up_to": "20 GBP"},
        "approver": {"members": ["U0APPROVER"]},
        "admin": {"members": ["U0ADMIN"], "sign_up_to": "500 GBP"},
    }
}


@pytest.mark.parametrize("world", [LIMITED], indirect=True)
@pytest.mark.parametrize(
    ("amount", "person", "told"),
    [
        (Money(2000, "GBP"), "ben", None),
        (Money(2001, "GBP"), "ben", "up to 20.00 GBP; this is 20.01 GBP"),
        (Money(50000, "GBP"), "admin", None),
        (Money(50001, "GBP"), "admin", "up to 500.00 GBP; this is 500.01 GBP"),
        (Money(99900, "GBP"), "approver", None),
    ],
)
async def test_every_role_keeps_the_limit_that_it_was_given(
    world: Any, amount: Money, person: str, told: str | None
) -> None:
    """T24: an amount that a role may sign up to binds admins, too."""
    post = await world.sign_off(amount)
    await getattr(world, person).press(post, "signoff.approve")
    if told is None:
        assert (await standing(world))[0] is ApprovalState.APPROVED
    else:
        await getattr(world, person).sees(told)
        assert await standing(world) == (ApprovalState.WAITING, CallState.AWAITING)


async def test_what_has_expired_is_not_decided(world: Any) -> None:
    post = await world.sign_off(Money(100, "GBP"), minutes=1)
    world.clock.advance(60)
    await world.admin.press(post, "signoff.approve")
    await world.admin.sees("has expired")
    assert (await standing(world))[0] is ApprovalState.WAITING


async def test_a_forged_value_decides_nothing(world: Any) -> None:
    await world.sign_off(Money(100, "GBP"))
    value = Handle(conversation=(await world.row()).id, case_id="case-1", about="a2").encode()
    button = {
        "type": "button",
        "action_id": "signoff.approve",
        "value": value,
        "text": {"type": "plain_text", "text": "Approve"},
    }
    block = {"type": "actions", "elements": [button]}
    await world.transport.client.chat_postMessage(channel=CHANNEL, text="x", blocks=[block])
    await world.admin.press(world.slack.messages(CHANNEL)[-1], "signoff.approve")
    await world.admin.sees("no longer in use")
    assert (await standing(world))[0] is ApprovalState.WAITING


@pytest.mark.parametrize("world", [{"signoff_channel": SIGNOFFS}], indirect=True)
async def test_sign_offs_have_a_channel_of_their_own(world: Any) -> None:
    post = await world.sign_off(Money(100, "GBP"))
    assert (post.channel, post.is_reply) == (SIGNOFFS, False)
    await world.admin.write_in_thread(post, "why?")
    await world.slack.delivered()
    assert [event.kind for event in await world.turn()] == ["colleague_noted"]
    await world.admin.press(post, "signoff.approve")
    assert (await standing(world))[0] is ApprovalState.APPROVED


FOUR_EYES = pytest.mark.parametrize("world", [{"four_eyes": {"above": "50 GBP"}}], indirect=True)


@FOUR_EYES
async def test_above_a_limit_two_people_must_say_yes(world: Any) -> None:
    post = await world.sign_off(Money(8900, "GBP"))
    await world.admin.press(post, "signoff.approve")
    assert await standing(world) == (ApprovalState.WAITING, CallState.AWAITING)
    (begun,) = await world.turn()
    assert begun == SignOffBegun(approval_id="a1", by=begun.by)
    await world.deliver()
    assert "A second one must approve" in plain(world.slack.current(post))
    world.tick()
    await world.admin.press(world.slack.current(post), "signoff.approve")
    await world.admin.sees("a second person must approve")
    assert (await standing(world))[0] is ApprovalState.WAITING
    await world.approver.press(world.slack.current(post), "signoff.approve")
    assert await standing(world) == (ApprovalState.APPROVED, CallState.ALLOWED)
    (decided,) = await world.turn()
    assert isinstance(decided, SignOffDecided)
    assert decided.by.user_id == "U0APPROVER"


@FOUR_EYES
async def test_one_no_is_enough(world: Any) -> None:
    post = await world.sign_off(Money(8900, "GBP"))
    await world.admin.press(post, "signoff.approve")
    await world.approver.press(post, "signoff.reject")
    assert await standing(world) == (ApprovalState.REJECTED, CallState.REFUSED)


@FOUR_EYES
async def test_below_it_one_yes_is_enough(world: Any) -> None:
    post = await world.sign_off(Money(5000, "GBP"))
    await world.admin.press(post, "signoff.approve")
    assert await standing(world) == (ApprovalState.APPROVED, CallState.ALLOWED)


# --- deliveries


async def delivery_of(world: Any, payload: str) -> Any:
    row = await world.row()
    return Delivery(
        id=1,
        key="k",
        destination="case:case-1",
        conversation=row.id,
        address=row.address,
        kind=OutboxKind.DESK,
        payload=payload,
        tries=1,
        created_at=world.clock.now(),
    )


NOTE = encode_post(NotePost(case_id="case-1", text="The target for people was missed."))


async def test_a_line_of_the_thread_brings_its_card_where_that_is_missing(world: Any) -> None:
    await world.writes("help")
    await world.turn(HandedOff(reason="no_answer", note="", case_id="case-1"))
    sent, posted = await world.desk.deliver(await delivery_of(world, NOTE))
    assert posted is not None
    assert (posted.key, posted.ts) == ("case:case-1", world.card.ts)
    assert [each.ts for each in world.thread] == [sent.message_id]
    assert "target for people" in plain(world.thread[0])


async def test_a_deleted_card_is_posted_anew(world: Any) -> None:
    card = await world.case()
    await world.transport.client.chat_delete(channel=CHANNEL, ts=card.ts)
    await world.writes("hello?")
    await world.turn(Released(by=Colleague(user_id="U0BEN", name="Ben")))
    await world.deliver()
    assert world.card.ts != card.ts


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (Fault(kind="too_many", retry_after=7), SendFailure.RATE_LIMITED),
        (Fault(kind="status", status=503), SendFailure.UNAVAILABLE),
        (Fault(kind="reset"), SendFailure.UNKNOWN),
        (Fault(kind="answer_lost"), SendFailure.UNKNOWN),
        (Fault(kind="error_inside", error="is_archived"), SendFailure.REFUSED),
        (Fault(kind="error_inside", error="token_revoked"), SendFailure.REVOKED),
    ],
)
async def test_what_slack_s_faults_mean_for_a_post(
    world: Any, fault: Fault, failure: SendFailure
) -> None:
    await world.case()
    world.slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SendError) as caught:
        await world.desk.deliver(await delivery_of(world, NOTE))
    assert caught.value.failure is failure
    if failure is SendFailure.RATE_LIMITED:
        assert caught.value.retry_after_s == 7


async def test_slack_being_down_is_worth_another_try(world: Any) -> None:
    await world.case()
    delivery = await delivery_of(world, NOTE)
    await world.slack.go_down()
    with pytest.raises(SendError) as caught:
        await world.desk.deliver(delivery)
    assert caught.value.failure is SendFailure.UNAVAILABLE
    await world.slack.come_back()


@pytest.mark.parametrize(
    "payload",
    ["{}", "rubbish", encode_post(SignOffPost(case_id="case-1", approval_id="none"))],
)
async def test_what_can_never_be_shown_is_refused(world: Any, payload: str) -> None:
    await world.case()
    with pytest.raises(SendError) as caught:
        await world.desk.deliver(await delivery_of(world, payload))
    assert caught.value.failure is SendFailure.REFUSED


async def test_customers_cannot_ping_the_desk(world: Any) -> None:
    await world.case()
    text = "<!channel> @here <@U0BEN> \u202e" + "x" * 40_000
    post = CustomerLinePost(case_id="case-1", text=text[:8_000], name="<!here>")
    await world.desk.deliver(await delivery_of(world, encode_post(post)))
    line = world.thread[-1]
    assert "<!channel> @here" in plain(line)
    assert not pings(line)
