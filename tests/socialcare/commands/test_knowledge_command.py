"""`socialcare knowledge` from outside, on both stores."""

from pathlib import Path

from conversation.clock import SystemClock
from conversation.events import (
    Colleague,
    ColleagueReplied,
    Decided,
    Event,
    HandedOff,
    IssueSeen,
    Released,
)
from conversation.store import Store
from tests.conversation.store_world import claimed, finish, heard
from tests.socialcare.commands.conftest import Invoke, WithStore

ASKED = (
    ("ada", "Do you repair hiking boots? Write to mia@shop.example about A-10611", "no_answer"),
    ("bob", "can you repair my hiking boots please", "not_understood"),
    ("cyd", "I want to talk to a human about hiking boots", "human_request"),
)


def decided(conversation: str, *topics: tuple[str, str], number: int = 1) -> Decided:
    return Decided(
        turn=f"{conversation}:{number}",
        stage="autonomous",
        shadow=False,
        language="en",
        mood="calm",
        issues=tuple(IssueSeen(topic=topic, text=text) for topic, text in topics),
        deadline=None,
        memory="",
        summary="",
    )


async def three_handed_off(store: Store) -> None:
    """Two ask for what no article says, and one for a person; a colleague answers the second."""
    for number, (key, text, reason) in enumerate(ASKED):
        work = await claimed(store, f"{number}", key)
        events: list[Event] = [
            heard(text),
            decided(work.row.id),
            HandedOff(reason=reason, note="n", case_id=f"k{number}"),
        ]
        if key == "bob":
            by = Colleague(user_id="U1", name="Mira")
            events.append(ColleagueReplied(reply_id="r", by=by, text="Yes, in our shop in Leeds."))
        await finish(store, work, log=tuple(events), turn=f"{work.row.id}:1")


def test_gaps_are_counted_masked_and_drafted(
    with_store: WithStore, invoke: Invoke, brand: Path
) -> None:
    with_store(three_handed_off)
    told = invoke("knowledge", "gaps")
    assert told.exit_code == 0, told.output
    first, *examples = told.stdout.splitlines()
    assert "2 times" in first
    assert "answered by the desk" in first
    assert {each.strip() for each in examples} == {
        "Do you repair hiking boots? Write to [EMAIL_1] about [ORDER]",
        ASKED[1][1],
    }
    gap = first.split()[0]
    assert invoke("knowledge", "draft", gap).exit_code == 0
    file = brand.parent / "knowledge" / f"{gap}.md.draft"
    assert "Yes, in our shop in Leeds." in file.read_text("utf-8")
    assert "mia@" not in file.read_text("utf-8")
    assert "11 articles" in invoke("check").stdout
    again = invoke("knowledge", "draft", gap)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    file.rename(file.with_suffix(""))
    assert f"{gap}: stale: was imported from the desk" in invoke("check").stderr
    assert ASKED[0][1][:27] in invoke("knowledge", "gaps").stdout
    article = file.with_suffix("")
    text = article.read_text("utf-8")
    reviewed = f"reviewed: {SystemClock().now():%Y-%m-%d} #"
    article.write_text(text.replace("reviewed: #", reviewed), "utf-8")
    assert "12 articles" in invoke("check").stdout
    assert "no question is without an article" in invoke("knowledge", "gaps").stdout


def test_what_the_bot_did_not_answer_is_a_gap_however_like_another_topics_article(
    with_store: WithStore, invoke: Invoke
) -> None:
    """An article on shipping is like it, and is not said where a product is asked about."""
    asked = "how long does delivery of a down jacket to your Leeds store take?"

    async def asked_about_goods(store: Store) -> None:
        work = await claimed(store, "1", "ada")
        log: tuple[Event, ...] = (
            heard(asked),
            decided(work.row.id, ("product_question", asked)),
            HandedOff(reason="no_answer", note="Product question.", case_id="k"),
        )
        await finish(store, work, log=log, turn=f"{work.row.id}:1")

    with_store(asked_about_goods)
    assert asked in invoke("knowledge", "gaps").stdout


async def turned_away(store: Store, *, answered: bool) -> None:
    """Somebody is told that their question is none of ours, and asks for a person."""
    work = await claimed(store, "1", "ada")
    first = (heard("do you sponsor local hiking clubs?"), decided(work.row.id))
    await finish(store, work, log=first, turn=f"{work.row.id}:1")
    by = Colleague(user_id="U1", name="Mira")
    log: list[Event] = [
        heard("human", message_id="2"),
        decided(work.row.id, ("human_request", "human"), number=2),
        HandedOff(reason="human_request", note="", case_id="k"),
    ]
    if answered:
        log += [
            ColleagueReplied(reply_id="r1", by=by, text="Hi Ada, Mira here."),
            ColleagueReplied(reply_id="r2", by=by, text="Yes: write to clubs@northwind.example."),
            Released(by=by),
            ColleagueReplied(reply_id="r3", by=by, text="Something else."),
        ]
    work = await claimed(store, "2", "ada")
    await finish(store, work, log=tuple(log), turn=f"{work.row.id}:2")


def test_what_a_colleague_answered_was_the_brands_business(
    with_store: WithStore, invoke: Invoke, brand: Path
) -> None:
    """The bot took it for none; the draft has all that was said until the case was given back."""

    async def with_answer(store: Store) -> None:
        await turned_away(store, answered=True)

    with_store(with_answer)
    first, example = invoke("knowledge", "gaps").stdout.splitlines()
    assert "answered by the desk" in first
    assert example.strip() == "do you sponsor local hiking clubs?"
    gap = first.split()[0]
    assert invoke("knowledge", "draft", gap).exit_code == 0
    text = (brand.parent / "knowledge" / f"{gap}.md.draft").read_text("utf-8")
    assert "Mira here" in text
    assert "write to" in text
    assert "Something else" not in text


def test_what_nobody_answered_stays_none_of_our_business(
    with_store: WithStore, invoke: Invoke
) -> None:
    async def without_answer(store: Store) -> None:
        await turned_away(store, answered=False)

    with_store(without_answer)
    assert "no question is without" in invoke("knowledge", "gaps").stdout


def test_no_gap_no_draft(with_store: WithStore, invoke: Invoke) -> None:
    async def nothing(_: Store) -> None:
        """Leave an empty store."""

    with_store(nothing)
    assert "no question is without" in invoke("knowledge", "gaps").stdout
    told = invoke("knowledge", "draft", "gap-0")
    assert (told.exit_code, "no gap is known" in told.stderr) == (2, True)
