"""X as it really is: one answer to one summons, the rest in private, colleagues in X's own app."""

from config.stages import Stage, Surface
from conversation.model import Address
from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import plain
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, REFUND, REFUNDED, House, running


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


async def test_the_first_direct_message_links_to_the_privacy_policy(open_house: OpenHouse) -> None:
    """X asks it of automated support by direct message; in public there is no room for it."""
    policy = "https://northwind.example/privacy"
    links = "  links: [northwind.example]"
    house = await open_house(changes={links: f"{links}\n  privacy_url: {policy}"})
    ana = house.world.x.customer(name="Ana")
    await ana.posts(f"@northwind {HOURS}")
    assert policy not in (await ana.sees(OPEN, timeout=PATIENCE_S)).text
    await ana.writes_dm(HOURS)
    first = await ana.sees_dm(OPEN, timeout=PATIENCE_S)
    assert f"Privacy: {policy}" in first.text
    await ana.writes_dm("how much is shipping?")
    assert policy not in (await ana.sees_dm("3.95", timeout=PATIENCE_S)).text


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


async def test_what_is_said_in_public_takes_no_direct_message_away(house: House) -> None:
    """Fifteen direct messages a quarter of an hour, whatever is posted: X counts them apart."""
    there = house.world.x
    crowd = [there.customer(name=f"Guest {number}") for number in range(16)]
    for one in crowd:
        await one.posts(f"@northwind {HOURS}")
    for one in crowd:
        await one.sees(OPEN, timeout=PATIENCE_S)
    ana = there.customer(name="Ana")
    await ana.writes_dm(HOURS)
    await ana.sees_dm(OPEN, timeout=PATIENCE_S)


async def test_the_sixteenth_direct_message_waits_and_arrives(house: House) -> None:
    """Issue 5: fifteen in a quarter of an hour; kept ahead of X, which never has to refuse."""
    there = house.world.x
    guests = [there.customer(name=f"Guest {number}") for number in range(17)]
    for one in guests:
        await one.writes_dm(HOURS)

    def answered() -> int:
        return sum(bool(one.chat) for one in guests)

    waiting = "select count(*) from outbox where kind = 'reply' and state = 'waiting'"
    await house.until(
        lambda: (answered() == 15 and house.one(waiting) == 2) or None, lambda: str(answered())
    )
    house.clock.leap(901)
    await house.until(lambda: answered() == len(guests) or None, lambda: str(answered()))
    assert sum(call.name == "dm" for call in there.calls) == len(guests)


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


async def test_the_one_answer_is_the_colleagues_after_a_handoff(house: House) -> None:
    """X allows one answer to a summons: the bot that hands over leaves it to whoever takes over."""
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want to talk to a human")
    card = await house.with_button("case.claim", "Ana")
    await house.settled()
    assert ana.public == ()
    await house.press(house.world.ben, card, "case.reply")
    await house.world.ben.gets_view(timeout=PATIENCE_S)
    assert (await house.world.ben.submit(values={"text": "Ben here, how can I help?"})).ok
    await ana.sees("Ben here", timeout=PATIENCE_S)


async def test_a_question_that_no_article_answers_is_not_met_with_silence(house: House) -> None:
    """The one answer says that a colleague has it and where to go on, and the desk knows that."""
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind is the wool of the grey cap from merino sheep?")
    told = await ana.sees("passed it to a colleague", timeout=PATIENCE_S)
    assert "direct message" in told.text
    await house.with_button("case.claim", "Ana")
    await house.settled()
    assert "has given the one answer" in house.desk()
    assert len(ana.public) == 1


async def test_a_colleagues_private_words_are_not_told_as_sent(house: House) -> None:
    """T15: what everybody would read is kept back; the desk hears that, and nothing else."""
    ana, ben = house.world.x.customer(name="Ana"), house.world.ben
    await ana.posts("@northwind I want to talk to a human")
    card = await house.with_button("case.claim", "Ana")
    await house.press(ben, card, "case.reply")
    await ben.gets_view(timeout=PATIENCE_S)
    assert (await ben.submit(values={"text": "Ana, is A-10293 your order?"})).ok
    await house.world.slack.appears(CARE, "an order number", timeout=PATIENCE_S)
    await house.settled()
    assert "everybody would read it" in house.desk()
    assert "→ customer" not in house.desk()
    assert ana.public == ()
    await ben.write_in_thread(card, "My number is +44 20 7946 0958, call me")
    ask = await house.with_button("thread.send", "call me")
    await house.press(ben, ask, "thread.send")
    await house.gone(ask, "thread.send")
    assert "Sent by" not in plain(house.world.slack.current(ask))
    await house.press(ben, card, "case.reply")
    await ben.gets_view(timeout=PATIENCE_S)
    assert (await ben.submit(values={"text": "Ben here, how can I help?"})).ok
    await ana.sees("Ben here", timeout=PATIENCE_S)
    await house.settled()
    assert house.desk().count("→ customer") == 1


async def test_a_colleagues_long_words_are_not_cut_behind_their_back(house: House) -> None:
    """One post answers a summons: what does not fit is the colleague's to shorten, not ours."""
    ana, ben = house.world.x.customer(name="Ana"), house.world.ben
    await ana.posts("@northwind I want to talk to a human")
    card = await house.with_button("case.claim", "Ana")
    await house.settled()
    for text in ("Ben here. " + "We are looking into it. " * 15, "Ben here, we look into it."):
        await house.press(ben, card, "case.reply")
        await ben.gets_view(timeout=PATIENCE_S)
        assert (await ben.submit(values={"text": text})).ok
        await house.settled()
    assert [one.text for one in ana.public] == ["Ben here, we look into it."]
    assert "Could not be delivered: it is too long for one answer (280" in house.desk()


async def test_a_draft_is_as_long_as_what_may_be_posted(open_house: OpenHouse) -> None:
    """What a colleague reads in the draft is what goes out when they send it."""
    told = "Write “human” at any time to reach a person."
    house = await open_house(stage=Stage.COPILOT, changes={told: " ".join([told] * 5)})
    ana = house.world.x.customer(name="Ana")
    await ana.posts(f"@northwind {HOURS}")
    draft = await house.with_button("draft.send", "Ana")
    assert "[…]" in plain(draft)
    await house.press(house.world.ben, draft, "draft.send")
    (sent,) = [await ana.sees("AI assistant", timeout=PATIENCE_S)]
    assert sent.text.endswith("[…]")
    await house.settled()
    assert "Could not be delivered" not in house.desk()


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


async def test_a_restart_has_spent_what_was_spent(open_house: OpenHouse) -> None:
    house = await open_house(changes={"per_day: 20 USD": "per_day: 0.02 USD"}, serve=False)
    ana = house.world.x.customer(name="Ana")
    async with running(house):
        await ana.writes_dm(HOURS)
        await ana.sees_dm(OPEN, timeout=PATIENCE_S)
        await house.settled()
    async with running(house):
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


# --- at the door


async def test_who_is_refused_before_anybody_wrote_is_heard_at_the_desk_once(
    open_house: OpenHouse,
) -> None:
    house = await open_house(serve=False)
    house.world.x.revoke()
    for _ in range(2):
        async with house.world.service() as house.service:
            await house.until(lambda: "x has stopped" in house.desk() or None, house.desk)
            await house.settled()
    assert house.desk().count("x has stopped") == 1


async def test_what_comes_twice_is_answered_once(house: House) -> None:
    """A mention told twice, and once more as an answer, is one question."""
    ana = house.world.x.customer(name="Ana")
    house.world.x.faults.next("webhook", Fault(kind="duplicate"))
    await ana.posts(f"@northwind {HOURS}")
    await ana.sees(OPEN, timeout=PATIENCE_S)
    await house.settled()
    assert len(ana.public) == 1
    await house.counted(1, "duplicates_total", channel="x")


async def test_what_x_did_not_sign_is_refused(house: House) -> None:
    """401, counted; the rightly signed one that follows is answered."""
    ana = house.world.x.customer(name="Ana")
    house.world.x.faults.next("webhook", Fault(kind="bad_signature"))
    await ana.writes_dm(HOURS)
    await ana.sees_dm(OPEN, timeout=PATIENCE_S)
    assert [one.status for one in house.world.x.deliveries.tries][:2] == [401, 200]
    await house.counted(1, "rejected_total", channel="x", why="signature")


async def test_a_challenge_without_a_token_is_a_bad_request(house: House) -> None:
    """Issue 5: 400 without `crc_token`; and nothing that could be an event is signed."""
    assert (await house.get("/webhooks/x"))[0] == 400
    assert (await house.get("/webhooks/x?crc_token=%7B%22data%22%3A1%7D"))[0] == 400
    status, text = await house.get("/webhooks/x?crc_token=OTgzNjQ2")
    assert status == 200
    assert "sha256=" in text


async def test_another_accounts_event_is_kept_and_not_answered(house: House) -> None:
    """Issue 5: an unknown account id is stored and counted, nothing more."""
    body = (
        b'{"data": {"event_uuid": "1", "filter": {"user_id": "42"}, "event_type": "dm.received", '
        b'"payload": {"direct_message_events": [{"id": "9", "type": "message_create"}]}}}'
    )
    assert (await house.world.x.post_raw(body)).status == 200
    await house.settled()
    assert house.one("select kind from inbox where channel = 'x'") == "another_account"
    assert house.one("select count(*) from conversation where channel = 'x'") == 0
    assert house.world.x.messages == []


async def test_a_message_read_marks_and_a_deletion_do_no_harm(house: House) -> None:
    """Reads, edits and deletions are heard; the next question is answered."""
    ana = house.world.x.customer(name="Ana")
    await ana.writes_dm(HOURS)
    await ana.sees_dm(OPEN, timeout=PATIENCE_S)
    await ana.reads()
    post = await ana.posts("@northwind how much is shipping?")
    await ana.sees("3.95", timeout=PATIENCE_S)
    await ana.edits(post, "@northwind how much is shipping to Wales?")
    await ana.deletes(post)
    await house.settled()
    assert house.rows("select why from inbox where state not in ('taken', 'stray')") == []
    await ana.writes_dm("how much is shipping?")
    await ana.sees_dm("3.95", timeout=PATIENCE_S)


async def test_a_colleague_who_answers_a_post_in_the_app_has_it(house: House) -> None:
    """X tells of our account's own posts: ours are known, a colleague's silence the bot."""
    x = house.world.x
    ana = x.customer(name="Ana")
    asked = await ana.posts(f"@northwind {HOURS}")
    await ana.sees(OPEN, timeout=PATIENCE_S)
    await house.settled()
    address = Address(
        channel="x",
        account=x.us.user_id,
        key=f"{asked.thread}:{ana.user_id}",
        surface=Surface.PUBLIC,
    )
    question = "select owner from conversation where id = ?"
    assert house.one(question, address.conversation) == "bot"
    told = "select count(*) from inbox where channel = 'x' and kind = 'post.create'"
    assert house.one(told) == 1
    await x.colleague_answers(asked, "we'll look into it. Ben")
    await house.with_button("case.release", "A colleague answers in the platform's own app")
    await house.settled()
    assert house.one(question, address.conversation) == "elsewhere"
    before = len(ana.public)
    await ana.posts(f"@northwind {HOURS}", reply_to=asked)
    await house.settled()
    assert len(ana.public) == before
