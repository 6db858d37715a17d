"""`socialcare knowledge` from outside, on both stores."""

from pathlib import Path

from conversation.events import Colleague, ColleagueReplied, Decided, Event, HandedOff
from conversation.store import Store
from tests.conversation.store_world import claimed, finish, heard
from tests.socialcare.commands.conftest import Invoke, WithStore

ASKED = (
    ("ada", "Do you repair hiking boots? Write to mia@shop.example about A-10611", "no_answer"),
    ("bob", "can you repair my hiking boots please", "not_understood"),
    ("cyd", "I want to talk to a human about hiking boots", "human_request"),
)


def decided(conversation: str) -> Decided:
    return Decided(
        turn=f"{conversation}:1",
        stage="autonomous",
        shadow=False,
        language="en",
        mood="calm",
        issues=(),
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
    assert "12 articles" in invoke("check").stdout
    assert "no question is without an article" in invoke("knowledge", "gaps").stdout


def test_no_gap_no_draft(with_store: WithStore, invoke: Invoke) -> None:
    async def nothing(_: Store) -> None:
        """Leave an empty store."""

    with_store(nothing)
    assert "no question is without" in invoke("knowledge", "gaps").stdout
    told = invoke("knowledge", "draft", "gap-0")
    assert (told.exit_code, "no gap is known" in told.stderr) == (2, True)
