"""Colleagues are warned of what is doubtful in their words; they send them anyway, or do not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conversation.events import (
    Colleague,
    ColleagueReplied,
    Doubt,
    Drafted,
    ThreadWritten,
    decode,
    encode,
)
from conversation.model import Owner
from handoff.handles import Handle, read_handle
from handoff.posts import PromptPost, decode_post, encode_post
from handoff.warning import mark, unwarned, with_marks
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import View, plain

pytest_plugins = ("tests.handoff.desk_world",)

CLAIM = "I have refunded you."
FINE = "We are looking into it."
BEN = Colleague(user_id="U0BEN", name="ben")
REFUNDED = Doubt(kind="claim", words="I have refunded you")


def replies(events: Any) -> list[ColleagueReplied]:
    return [event for event in events if isinstance(event, ColleagueReplied)]


def reads(view: View) -> str:
    """Give all that stands in a window, as one text."""
    return json.dumps(view.body["blocks"], ensure_ascii=False)


async def writing(world: Any, card: Any = None) -> Any:
    """Open the reply window of Ben."""
    await world.ben.press(card or await world.case(), "case.reply")
    return await world.ben.gets_view()


# --- the reply window


async def test_a_doubtful_reply_is_named_in_the_window_and_not_sent(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": f"Hello Mia. {CLAIM}"})
    view = world.ben.view
    assert (view.title, view.body["submit"]["text"]) == ("Please check", "Send anyway")
    assert "not in the books: “I have refunded you”" in reads(view)
    assert view.inputs[0]["element"]["initial_value"] == f"Hello Mia. {CLAIM}"
    assert not replies(await world.turn())
    assert (await world.row()).owner is Owner.DESK


async def test_sent_anyway_the_words_are_unchanged_and_it_is_noted(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": CLAIM})
    await world.ben.submit()
    assert world.ben.view is None
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.overrode) == (CLAIM, (REFUNDED,))
    assert (await world.row()).owner is Owner.COLLEAGUE
    await world.deliver()
    told = plain(world.thread[-1])
    assert "ben → customer (after a warning: a deed that is not in the books)" in told


async def test_words_put_right_in_the_window_go_without_a_mark(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": CLAIM})
    await world.ben.submit(values={"text": FINE})
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.overrode) == (FINE, ())


async def test_a_new_doubt_is_a_new_warning(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": CLAIM})
    await world.ben.submit(values={"text": f"{CLAIM} See evil.example"})
    assert "“evil.example”" in reads(world.ben.view)
    assert not replies(await world.turn())
    # What is left of what was named was named.
    await world.ben.submit(values={"text": "See evil.example"})
    (sent,) = replies(await world.turn())
    assert [one.kind for one in sent.overrode] == ["link"]


async def test_words_without_a_doubt_take_one_press(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": FINE})
    assert world.ben.view is None
    (sent,) = replies(await world.turn())
    assert sent.overrode == ()


async def test_sent_anyway_twice_is_one_reply(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": CLAIM})
    warned = world.ben.view
    world.slack.faults.next("interactivity", Fault(kind="duplicate"))
    await world.ben.submit()
    world.slack.workspace.views[world.ben.id] = warned
    await world.ben.submit()
    assert world.ben.errors == {"reply": "This reply was already sent; close this window."}
    assert len(replies(await world.turn())) == 1


async def test_a_warning_is_no_way_past_who_has_the_conversation(world: Any) -> None:
    card = await world.case()
    await writing(world, card)
    await world.ben.submit(values={"text": CLAIM})
    await world.cleo.press(card, "case.claim")
    await world.ben.submit()
    assert world.ben.errors == {"reply": "Another colleague has this conversation."}
    assert not replies(await world.turn())


async def test_a_warning_is_shown_even_where_bolt_fails(world: Any) -> None:
    """Answered with nothing the window would close, as if its words had been sent."""
    await writing(world)

    async def broken() -> None:
        raise RuntimeError

    world.transport.app.use(broken)
    await world.ben.submit(values={"text": CLAIM})
    assert world.ben.view.title == "Please check"
    await world.ben.submit(values={"text": " "})
    assert world.ben.errors == {"reply": "Please write something."}
    assert not replies(await world.turn())


# --- drafts


async def drafted(world: Any, text: str) -> Any:
    return await world.case(Drafted(draft_id="d1", text=text, case_id="case-1"), owner=None)


async def test_a_doubtful_draft_opens_a_window_and_goes_as_it_is(world: Any) -> None:
    text = f"Dear Mia,\n\n{CLAIM}  <b>& more"
    card = await drafted(world, text)
    await world.ben.press(card, "draft.send")
    view = await world.ben.gets_view()
    assert "“I have refunded you”" in reads(view)
    assert not view.inputs
    assert not replies(await world.turn())
    await world.ben.submit()
    assert world.ben.view is None
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.draft_id, sent.overrode) == (text, "d1", (REFUNDED,))
    assert (await world.row()).owner is Owner.BOT
    await world.deliver()
    assert any("Sent by ben after a warning" in plain(each) for each in world.thread)


async def test_a_longer_draft_than_a_window_holds_goes_whole(world: Any) -> None:
    text = f"{CLAIM} " + "We are sorry for it. " * 300
    card = await drafted(world, text)
    await world.ben.press(card, "draft.send")
    await world.ben.gets_view()
    await world.ben.submit()
    (sent,) = replies(await world.turn())
    assert sent.text == text


async def test_a_draft_that_was_not_sent_can_still_be_edited(world: Any) -> None:
    card = await drafted(world, CLAIM)
    await world.ben.press(card, "draft.send")
    await world.ben.gets_view()
    await world.ben.close()
    await world.ben.press(card, "draft.edit")
    await world.ben.gets_view()
    await world.ben.submit(values={"text": CLAIM})
    assert world.ben.view.title == "Please check"
    await world.ben.submit(values={"text": FINE})
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.draft_id, sent.overrode) == (FINE, "d1", ())


async def test_a_draft_decided_meanwhile_is_not_sent_anyway(world: Any) -> None:
    card = await drafted(world, CLAIM)
    await world.ben.press(card, "draft.send")
    await world.ben.gets_view()
    await world.cleo.press(card, "draft.discard")
    await world.ben.submit()
    assert "This was already decided." in reads(world.ben.view)
    assert not replies(await world.turn())


async def test_who_lost_their_place_at_the_desk_sends_nothing_anyway(world: Any) -> None:
    card = await drafted(world, CLAIM)
    await world.ben.press(card, "draft.send")
    view = await world.ben.gets_view()
    world.slack.workspace.views[world.stranger.id] = replace(view, user=world.stranger.id)
    await world.stranger.submit()
    assert "You may not do this" in reads(world.stranger.view)
    assert not replies(await world.turn())


async def test_a_draft_that_promises_a_colleague_whom_nobody_asked_is_doubtful(world: Any) -> None:
    card = await drafted(world, "A colleague will call you.")
    await world.ben.press(card, "draft.send")
    assert "Promises a colleague" in reads(await world.ben.gets_view())
    # The same words of a colleague, who has the conversation by sending them, are true.
    await world.ben.close()
    await world.ben.press(card, "case.claim")
    await world.ben.press(card, "draft.send")
    (sent,) = replies(await world.turn())
    assert sent.overrode == ()


# --- lines in threads


async def asked(world: Any, text: str) -> Any:
    """Have Ben write a line in the thread; gives the question about it."""
    card = await world.case()
    await world.ben.write_in_thread(card, text)
    await world.slack.delivered()
    await world.turn()
    await world.deliver()
    return world.thread[-1]


async def test_the_question_about_a_line_names_what_is_doubtful(world: Any) -> None:
    prompt = await asked(world, CLAIM)
    assert "“I have refunded you”" in plain(prompt)
    assert "Send anyway" in json.dumps(prompt.blocks)
    for _ in range(2):
        await world.ben.press(prompt, "thread.send")
        world.tick()
    assert world.ben.view is None
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.overrode) == (CLAIM, (REFUNDED,))
    await world.deliver()
    assert "Sent by Ben after a warning" in plain(world.slack.current(prompt))


async def test_a_line_that_became_doubtful_is_asked_about_again(world: Any) -> None:
    """As are lines that a version before this one has asked about."""
    card = await world.case()
    note = ThreadWritten(note_id="C0CARE:1.1", by=BEN, text=CLAIM)
    await world.writes("hello?")
    await world.turn(note)
    await world.deliver()
    prompt = world.thread[-1]
    await world.ben.press(prompt, "thread.send")
    assert "“I have refunded you”" in reads(await world.ben.gets_view())
    assert not replies(await world.turn())
    await world.ben.submit()
    assert world.ben.view is None
    (sent,) = replies(await world.turn())
    assert sent.overrode == (REFUNDED,)
    assert card.ts == world.card.ts


@pytest.mark.parametrize("world", [{"thread_replies": "send_when_claimed"}], indirect=True)
async def test_a_doubtful_line_is_asked_about_where_lines_are_sent_at_once(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.claim")
    await world.ben.write_in_thread(card, FINE)
    await world.ben.write_in_thread(card, CLAIM)
    await world.slack.delivered()
    events = await world.turn()
    assert [one.text for one in replies(events)] == [FINE]
    await world.deliver()
    prompt = next(each for each in world.thread if CLAIM in plain(each) and each.buttons)
    await world.ben.press(prompt, "thread.send")
    (sent,) = replies(await world.turn())
    assert (sent.text, sent.overrode) == (CLAIM, (REFUNDED,))


# --- what is kept of it


async def test_the_trace_tells_that_somebody_was_warned(world: Any) -> None:
    await writing(world)
    await world.ben.submit(values={"text": CLAIM})
    await world.ben.submit()
    await world.turn()
    told = [
        line.text
        for trace in await world.store.traces((await world.row()).id, last=5)
        for line in trace.lines
    ]
    assert "ben answers the customer, although warned of “I have refunded you”" in told


def test_entries_of_before_are_read_as_without_a_doubt() -> None:
    reply = ColleagueReplied(reply_id="r", by=BEN, text="Hi")
    line = ThreadWritten(note_id="n", by=BEN, text="Hi")
    for event, field in ((reply, "overrode"), (line, "doubts")):
        old = json.loads(encode(event))
        del old[field]
        assert decode(json.dumps(old)) == event
    warned = replace(reply, overrode=(REFUNDED,))
    assert decode(encode(warned)) == warned


def test_a_line_without_a_doubt_is_told_as_before() -> None:
    """The version before reads no unknown field of a post; it may run beside this one."""
    plain_line = PromptPost(case_id="c", note_id="n", text="Hi", by="ben")
    assert "doubts" not in encode_post(plain_line)
    doubtful = plain_line.model_copy(update={"doubts": (REFUNDED,)})
    assert decode_post(encode_post(doubtful)) == doubtful


def test_a_window_carries_what_was_named() -> None:
    handle = Handle(conversation="c", case_id="k", about="d")
    link = Doubt(kind="link", words="evil.example")
    carried = read_handle(with_marks(handle, (REFUNDED,)).encode())
    assert carried is not None
    assert carried.warned == (mark(REFUNDED),)
    assert not unwarned((), handle)
    assert unwarned((REFUNDED,), handle)
    assert not unwarned((REFUNDED,), carried)
    assert unwarned((REFUNDED, link), carried)
    assert not unwarned((REFUNDED, link), carried, (link,))
