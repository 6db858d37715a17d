"""X as it really is: one answer to one summons, the rest in private, colleagues in X's own app."""

from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import plain
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, REFUND, REFUNDED, House


async def test_a_public_mention_goes_on_in_private_until_it_is_resolved(house: House) -> None:
    """Issue 5: one public invitation, then the refund by direct message; nothing private said."""
    ella = house.world.x.customer(name="Ella")
    await ella.posts("@northwind I want my money back for order A-10388!")
    invited = await ella.sees("direct message", timeout=PATIENCE_S)
    assert "A-10388" not in invited.text
    assert "42" not in invited.text
    assert house.calls() == []
    await ella.writes_dm(REFUND)
    await ella.sees_dm(REFUNDED, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]
    assert len(ella.public) == 1


async def test_an_article_is_told_in_public(house: House) -> None:
    """What everybody may know is answered where it was asked, as an answer to that post."""
    ana = house.world.x.customer()
    asked = await ana.posts(f"@northwind {HOURS}")
    told = await ana.sees(OPEN, timeout=PATIENCE_S)
    assert told.answers == asked
    await house.settled()
    assert len(ana.public) == 1


async def test_the_same_words_go_to_everybody(house: House) -> None:
    """X refuses the same post twice: the second goes with its reader's name in front."""
    ana, ben = house.world.x.customer(name="Ana"), house.world.x.customer(name="Ben")
    await ana.posts(f"@northwind {HOURS}")
    first = await ana.sees(OPEN, timeout=PATIENCE_S)
    await ben.posts(f"@northwind {HOURS}")
    second = await ben.sees(OPEN, timeout=PATIENCE_S)
    assert second.text == f"@{ben.account.username} {first.text}"


async def test_who_did_not_call_is_left_alone(house: House) -> None:
    """A thread that only carries our name along asks nothing of us."""
    ana, ben = house.world.x.customer(name="Ana"), house.world.x.customer(name="Ben")
    asked = await ana.posts(f"@northwind {HOURS}")
    await ana.sees(OPEN, timeout=PATIENCE_S)
    house.world.x.subscriptions.kept.clear()
    await ben.posts("@ana_1 @northwind same here", reply_to=asked)
    await house.settled()
    assert ben.public == ()


async def test_an_answer_that_x_forbids_reaches_the_desk(house: House) -> None:
    """Replies are for who summoned us: a reply without our name is answered by a person."""
    ana = house.world.x.customer(name="Ana")
    await ana.posts(f"@northwind {HOURS}")
    told = await ana.sees(OPEN, timeout=PATIENCE_S)
    await ana.posts("how much is shipping?", reply_to=told)
    await house.with_button("case.claim", "Ana")
    await house.settled()
    assert len(ana.public) == 1
    assert "mentioned or otherwise engaged" not in ana.public[0].text


async def test_an_encrypted_message_reaches_the_desk(house: House) -> None:
    """Only X's own app can read it: the desk hears at once, the bot says nothing."""
    ana = house.world.x.customer(name="Ana")
    await ana.writes_encrypted()
    card = await house.with_button("case.claim", "Ana")
    assert "own app" in house.desk() or "own app" in plain(card)
    await house.settled()
    assert ana.chat == ()
    assert house.rows("select state, why from inbox where state <> 'taken'") == []


async def test_a_colleague_in_xs_own_app_silences_the_bot(house: House) -> None:
    """Issue 5: human answers in the native app: the bot is silent; our own echoes are not that."""
    ana = house.world.x.customer(name="Ana")
    await ana.writes_dm(HOURS)
    await ana.sees_dm(OPEN, timeout=PATIENCE_S)
    await house.settled()
    key = f"{ana.user_id}-{house.world.x.us.user_id}"
    conversation = Address(
        channel="x", account=house.world.x.us.user_id, key=key, surface=Surface.PRIVATE
    ).conversation
    owner = "select owner from conversation where id = ?"
    assert house.one(owner, conversation) == "bot"
    await house.world.x.colleague_writes_dm(ana, "Hi Ana, Ben here.")
    await house.settled()
    assert house.one(owner, conversation) == "elsewhere"
    before = len(ana.chat)
    await ana.writes_dm("how much is shipping?")
    await house.settled()
    assert len(ana.chat) == before


async def test_the_days_money_is_kept_and_the_desk_told(open_house: OpenHouse) -> None:
    """Over the limit nothing is sent until the next day; once, the desk hears why."""
    house = await open_house(changes={"per_day: 20 USD": "per_day: 0.02 USD"})
    ana = house.world.x.customer(name="Ana")
    await ana.writes_dm(HOURS)
    await ana.sees_dm(OPEN, timeout=PATIENCE_S)
    await ana.writes_dm("how much is shipping?")
    await house.until(lambda: "stopped for today" in house.desk() or None, house.desk)
    assert len(ana.chat) == 1
    house.clock.leap(86_400)
    await ana.sees_dm("3.95", timeout=PATIENCE_S)


async def test_a_lost_answer_is_not_said_twice_in_public(house: House) -> None:
    """X took it, the answer got lost: the second try is refused as a duplicate, which says so."""
    ana = house.world.x.customer(name="Ana")
    house.world.x.faults.next("tweets", Fault(kind="answer_lost"))
    await ana.posts(f"@northwind {HOURS}")
    await ana.sees(OPEN, timeout=PATIENCE_S)
    await house.until(
        lambda: house.rows("select 1 from outbox where state = 'waiting' and tries = 1") or None
    )
    house.clock.leap(10)
    await house.until(
        lambda: house.one("select state from outbox where kind = 'reply'") == "sent" or None
    )
    assert len(ana.public) == 1


async def test_an_account_that_took_its_permission_back_stops_alone(house: House) -> None:
    """Issue 5: revoked: the channel stops and says so, its messages wait, others go on."""
    ana, ben = house.world.x.customer(name="Ana"), house.customer("Ben")
    house.world.x.revoke()
    await ana.writes_dm(HOURS)
    await house.until_missing("x")
    await house.until(lambda: "x has stopped" in house.desk() or None, house.desk)
    await ben.write(HOURS)
    await ben.sees(OPEN, timeout=PATIENCE_S)
    assert house.one("select state from outbox where kind = 'reply' and state <> 'sent'") == (
        "waiting"
    )
