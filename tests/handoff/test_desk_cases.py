"""Colleagues at their desk: claims, replies, releases, from Slack to the store and back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conversation.events import (
    Claimed,
    ColleagueNoted,
    ColleagueReplied,
    DraftDiscarded,
    Drafted,
    Released,
    Resolved,
    ThreadWritten,
)
from conversation.model import Owner
from conversation.state import CaseStatus
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import pings, plain

pytest_plugins = ("tests.handoff.desk_world",)

CHANNEL = "C0CARE"


def only(events: Any, kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


async def test_a_case_becomes_a_card_with_its_details_in_the_thread(world: Any) -> None:
    card = await world.case()
    shown = plain(card)
    assert "Damaged item · telegram" in shown
    assert "my jacket came torn" in shown
    assert "Mood: upset (before: neutral)" in shown
    assert "Needed by 2026-11-27" in shown
    assert [b["action_id"] for b in card.buttons] == [
        "case.claim", "case.reply", "case.release", "case.resolve", "case.why",
    ]  # fmt: skip
    assert card.metadata["event_type"] == "socialcare_case"
    assert card.metadata["event_payload"]["case"] == "case-1"
    (details,) = world.thread
    assert "m•••@shop.example (source: shop.order)" in plain(details)
    assert not pings(card) | pings(details)


async def test_a_claim_silences_the_bot_at_once_and_shows_on_the_card(world: Any) -> None:
    card = await world.case()
    answer = await world.ben.press(card, "case.claim")
    assert answer.ok
    row = await world.row()
    assert (row.owner, row.claimed_by) == (Owner.COLLEAGUE, "U0BEN")
    await world.turn()
    await world.deliver()
    assert "Claimed by ben" in plain(world.card)
    assert (await world.state()).case.status is CaseStatus.CLAIMED
    assert len(only(await world.log(), Claimed)) == 1


async def test_a_claimed_case_cannot_be_claimed_by_another(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.claim")
    await world.cleo.press(card, "case.claim")
    told = await world.cleo.sees("has this conversation")
    assert "ben" in plain(told)
    assert (await world.row()).claimed_by == "U0BEN"


async def test_seven_claims_of_one_person_are_one(world: Any) -> None:
    card = await world.case()
    for _ in range(7):
        await world.ben.press(card, "case.claim")
        world.tick()
    await world.turn()
    assert len(only(await world.log(), Claimed)) == 1
    assert not world.ben.ephemerals


async def test_a_press_delivered_again_after_a_release_changes_nothing(
    world: Any,
) -> None:
    card = await world.case()
    world.slack.faults.next("interactivity", Fault(kind="duplicate"))
    await world.ben.press(card, "case.claim")
    await world.turn()
    world.tick()
    await world.ben.press(card, "case.release")
    await world.turn()
    assert (await world.row()).owner is Owner.BOT
    assert len(only(await world.log(), Claimed)) == 1


async def test_who_is_on_no_list_changes_nothing_and_is_told_alone(world: Any) -> None:
    card = await world.case()
    answer = await world.stranger.press(card, "case.claim")
    assert answer.ok
    await world.stranger.sees("You may not do this")
    assert (await world.row()).owner is Owner.DESK
    assert not world.ben.ephemerals


async def test_a_button_pressed_in_another_channel_is_refused(world: Any) -> None:
    await world.case()
    world.slack.channel("C0OTHER", name="other")
    told = await world.transport.client.chat_postMessage(
        channel="C0OTHER", text="x", blocks=[*map(dict, world.card.blocks)]
    )
    assert told["ok"]
    (copy,) = world.slack.messages("C0OTHER")
    await world.ben.press(copy, "case.claim")
    await world.ben.sees("You may not do this")
    assert (await world.row()).owner is Owner.DESK


async def test_release_gives_the_conversation_back(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.claim")
    world.tick()
    await world.ben.press(card, "case.release")
    assert (await world.row()).owner is Owner.BOT
    await world.turn()
    await world.deliver()
    assert len(only(await world.log(), Released)) == 1
    assert [one["action_id"] for one in world.card.buttons] == ["case.why"]


async def test_resolve_closes_even_a_case_that_the_bot_still_answers(world: Any) -> None:
    card = await world.case(Drafted(draft_id="d1", text="Hello", case_id="case-1"), owner=None)
    for _ in range(3):
        await world.ben.press(card, "case.resolve")
        world.tick()
    await world.turn()
    assert len(only(await world.log(), Resolved)) == 1
    await world.deliver()
    assert "Resolved" in plain(world.card)


async def test_a_card_of_a_closed_case_does_nothing(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.resolve")
    await world.turn()
    world.tick()
    await world.ben.press(card, "case.claim")
    await world.ben.sees("This case is closed")
    assert (await world.row()).owner is Owner.BOT


# --- the reply modal


async def test_a_reply_claims_the_conversation_and_is_kept(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    view = await world.ben.gets_view()
    assert view.title == "Reply to the customer"
    await world.ben.submit(values={"text": "  A new one is what you get. "})
    assert world.ben.view is None
    events = await world.turn()
    assert [event.kind for event in events] == ["colleague_replied", "claimed"]
    assert events[0].text == "A new one is what you get."
    row = await world.row()
    assert (row.owner, row.claimed_by) == (Owner.COLLEAGUE, "U0BEN")
    await world.deliver()
    assert "ben → customer: A new one is what you get." in plain(world.thread[-1])


async def test_a_reply_to_what_somebody_else_took_shows_an_error_in_the_modal(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    await world.ben.gets_view()
    await world.cleo.press(card, "case.claim")
    await world.ben.submit(values={"text": "Hello"})
    assert world.ben.errors == {"reply": "Another colleague has this conversation."}
    assert not only(await world.turn(), ColleagueReplied)


async def test_blank_words_are_not_sent(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    await world.ben.gets_view()
    await world.ben.submit(values={"text": "   "})
    assert world.ben.errors == {"reply": "Please write something."}


async def test_a_modal_submitted_twice_is_one_reply(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    await world.ben.gets_view()
    world.slack.faults.next("interactivity", Fault(kind="duplicate"))
    await world.ben.submit(values={"text": "Hello"})
    assert len(only(await world.turn(), ColleagueReplied)) == 1


async def test_a_modal_submitted_again_after_its_answer_was_lost_says_that_it_was_sent(
    world: Any,
) -> None:
    """F12: the desk died between keeping the reply and answering Slack; he presses Send again."""
    card = await world.case()
    await world.ben.press(card, "case.reply")
    view = await world.ben.gets_view()
    await world.ben.submit(values={"text": "Hello"})
    world.slack.workspace.views[world.ben.id] = view
    await world.ben.submit(values={"text": "Hello"})
    assert world.ben.errors == {"reply": "This reply was already sent; close this window."}
    assert len(only(await world.turn(), ColleagueReplied)) == 1


async def test_slack_failing_to_open_the_modal_is_no_error_of_the_desk(world: Any) -> None:
    card = await world.case()
    world.slack.faults.next("views.open", Fault(kind="error_inside", error="expired_trigger_id"))
    assert (await world.ben.press(card, "case.reply")).ok


# --- drafts


async def drafted_case(world: Any) -> Any:
    return await world.case(
        Drafted(draft_id="d1", text="We are <!channel> sorry & send a new one.", case_id="case-1"),
        owner=None,
    )


async def test_a_draft_is_sent_once_with_the_words_of_the_store(world: Any) -> None:
    card = await drafted_case(world)
    assert "We are <!channel> sorry" in plain(card)
    assert not pings(card)
    for person in (world.ben, world.cleo, world.ben):
        await person.press(card, "draft.send")
        world.tick()
    (sent,) = only(await world.turn(), ColleagueReplied)
    assert (sent.draft_id, sent.text) == ("d1", "We are <!channel> sorry & send a new one.")
    await world.cleo.sees("already decided")
    assert (await world.row()).owner is Owner.BOT
    await world.deliver()
    assert "draft.send" not in {b["action_id"] for b in world.card.buttons}
    assert any("Sent by ben" in plain(each) for each in world.thread)


async def test_send_and_discard_exclude_each_other(world: Any) -> None:
    card = await drafted_case(world)
    await world.ben.press(card, "draft.discard")
    await world.cleo.press(card, "draft.send")
    events = await world.turn()
    assert only(events, DraftDiscarded)
    assert not only(events, ColleagueReplied)


async def test_an_older_draft_is_not_sent(world: Any) -> None:
    card = await drafted_case(world)
    await world.writes("And?")
    await world.turn(Drafted(draft_id="d2", text="Newer", case_id="case-1"))
    await world.ben.press(card, "draft.send")
    await world.ben.sees("A newer draft exists")
    assert not only(await world.turn(), ColleagueReplied)


async def test_an_edited_draft_goes_out_in_the_colleague_s_words(world: Any) -> None:
    card = await drafted_case(world)
    await world.ben.press(card, "draft.edit")
    view = await world.ben.gets_view()
    assert view.inputs[0]["element"]["initial_value"].startswith("We are <!channel>")
    await world.ben.submit(values={"text": "We are sorry."})
    (sent,) = only(await world.turn(), ColleagueReplied)
    assert (sent.text, sent.draft_id) == ("We are sorry.", "d1")
    assert (await world.row()).owner is Owner.BOT


# --- lines in threads (CASES 31: a thread is internal, sending is an explicit act)


async def test_a_line_in_the_thread_is_asked_about_and_sent_by_a_press(world: Any) -> None:
    card = await world.case()
    await world.ben.write_in_thread(card, "It ships <today> & free")
    await world.slack.delivered()
    (written,) = only(await world.turn(), ThreadWritten)
    assert written.text == "It ships <today> & free"
    assert (await world.row()).owner is Owner.DESK
    await world.deliver()
    prompt = world.thread[-1]
    assert "Send it?" in plain(prompt)
    await world.cleo.press(prompt, "thread.send")
    await world.cleo.sees("Only Ben can decide")
    for _ in range(2):
        await world.ben.press(prompt, "thread.send")
        world.tick()
    events = await world.turn()
    assert [event.kind for event in events] == ["colleague_replied", "claimed"]
    assert events[0].text == "It ships <today> & free"
    assert (await world.row()).claimed_by == "U0BEN"
    await world.deliver()
    assert not world.slack.current(prompt).buttons


async def test_a_line_kept_internal_never_becomes_a_reply(world: Any) -> None:
    card = await world.case()
    await world.ben.write_in_thread(card, "she sounds angry")
    await world.slack.delivered()
    await world.turn()
    await world.deliver()
    prompt = world.thread[-1]
    await world.ben.press(prompt, "thread.keep")
    world.tick()
    await world.ben.press(prompt, "thread.send")
    await world.ben.sees("already decided")
    events = await world.turn()
    assert only(events, ColleagueNoted)
    assert not only(events, ColleagueReplied)
    await world.deliver()
    assert "Kept internal" in plain(world.slack.current(prompt))


@pytest.mark.parametrize("world", [{"thread_replies": "internal"}], indirect=True)
async def test_internal_threads_only_note(world: Any) -> None:
    card = await world.case()
    await world.ben.write_in_thread(card, "just for us")
    await world.slack.delivered()
    events = await world.turn()
    assert [event.kind for event in events] == ["colleague_noted"]


@pytest.mark.parametrize("world", [{"thread_replies": "send_when_claimed"}], indirect=True)
async def test_a_claimer_s_lines_are_sent_where_the_brand_says_so(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.claim")
    await world.ben.write_in_thread(card, "for the customer")
    await world.cleo.write_in_thread(card, "for us")
    await world.slack.delivered()
    kinds = sorted(event.kind for event in await world.turn())
    assert kinds == ["claimed", "colleague_replied", "thread_written"]


async def test_strangers_bots_edits_and_other_threads_are_left_alone(world: Any) -> None:
    card = await world.case()
    await world.stranger.write_in_thread(card, "let me in")
    other = await world.ben.write(CHANNEL, "lunch?")
    await world.ben.write_in_thread(other, "yes")
    await world.transport.client.chat_postMessage(channel=CHANNEL, thread_ts=card.ts, text="bot")
    line = await world.ben.write_in_thread(card, "one")
    await world.ben.edit(line, "two")
    await world.slack.delivered()
    assert [event.kind for event in await world.turn()] == ["thread_written"]


async def test_an_event_slack_sends_again_is_one_line(world: Any) -> None:
    card = await world.case()
    world.slack.faults.next("event", Fault(kind="duplicate"))
    await world.ben.write_in_thread(card, "once")
    await world.slack.delivered()
    assert len(only(await world.turn(), ThreadWritten)) == 1


async def test_a_card_whose_place_was_never_noted_is_known_by_its_metadata(world: Any) -> None:
    await world.case()
    orphan = await world.transport.client.chat_postMessage(
        channel=CHANNEL,
        text="card",
        metadata=world.card.metadata,
    )
    parent = next(m for m in world.slack.messages(CHANNEL) if m.ts == orphan["ts"])
    await world.ben.write_in_thread(parent, "in the orphan")
    await world.slack.delivered()
    assert len(only(await world.turn(), ThreadWritten)) == 1


# --- the front door


async def test_what_slack_did_not_sign_is_refused(world: Any) -> None:
    card = await world.case()
    for kind in ("bad_signature", "old_signature"):
        world.slack.faults.next("interactivity", Fault(kind=kind))
        answer = await world.ben.press(card, "case.claim")
        assert answer.status == 401
    assert (await world.row()).owner is Owner.DESK


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b"", b"\xff", b"payload=1", b"{"])
async def test_signed_nonsense_is_answered_in_peace(world: Any, body: bytes) -> None:
    answer = await world.slack.post_raw(body)
    assert answer.status == 200


async def test_the_handshake(world: Any) -> None:
    assert await world.slack.verify_url()


async def test_another_workspace_is_not_heard(world: Any) -> None:
    card = await world.case()
    world.slack.workspace.team_id = "T0FOREIGN"
    assert (await world.ben.press(card, "case.claim")).ok
    assert (await world.row()).owner is Owner.DESK
    assert not world.ben.ephemerals


async def test_the_slash_command_says_that_it_is_not_built(world: Any) -> None:
    answer = await world.ben.command(CHANNEL, "/care", "pause")
    assert json.loads(answer.body)["text"] == "This is not built yet."
    answer = await world.stranger.command(CHANNEL, "/care", "pause")
    assert "may not" in json.loads(answer.body)["text"]


def line_event(thread_ts: str) -> bytes:
    event = {"type": "message", "channel": CHANNEL, "ts": "1.2", "user": "U0BEN", "text": "hello"}
    envelope = {"type": "event_callback", "event_id": "Ev1", "team_id": "T0NORTHW"}
    return json.dumps({**envelope, "event": {**event, "thread_ts": thread_ts}}).encode()


async def test_a_store_that_cannot_keep_it_asks_for_another_press(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    await world.ben.gets_view()
    await world.store.close()
    assert (await world.ben.press(card, "case.claim")).ok
    await world.ben.sees("could not be saved; please press again")
    await world.ben.submit(values={"text": "Hello"})
    assert world.ben.errors == {"reply": "This could not be saved; please send it again."}
    assert (await world.slack.post_raw(line_event(card.ts))).status == 503


async def test_a_line_comes_again_when_slack_did_not_say_whose_thread_it_is(world: Any) -> None:
    orphan = await world.ben.write(CHANNEL, "not ours")
    world.slack.faults.next("conversations.replies", Fault(kind="status", status=503))
    assert (await world.slack.post_raw(line_event(orphan.ts))).status == 503
    for _ in range(3):
        assert (await world.slack.post_raw(line_event(orphan.ts))).status == 200
    asked = [call for call in world.slack.calls if call.method == "conversations.replies"]
    assert len(asked) <= 2


async def test_metadata_of_somebody_else_s_message_proves_nothing(world: Any) -> None:
    card = await world.case()
    forged = await world.ben.write(CHANNEL, "card")
    channel = world.slack.workspace.channels[CHANNEL]
    channel.messages[forged.ts] = replace(forged, metadata=card.metadata)
    assert (await world.slack.post_raw(line_event(forged.ts))).status == 200
    assert not await world.turn()


async def test_a_modal_whose_draft_was_replaced_keeps_the_words(world: Any) -> None:
    card = await drafted_case(world)
    await world.ben.press(card, "draft.edit")
    await world.ben.gets_view()
    await world.writes("And?")
    await world.turn(Drafted(draft_id="d2", text="Newer", case_id="case-1"))
    await world.ben.submit(values={"text": "Mine"})
    assert world.ben.errors == {"reply": "A newer draft exists; please look at that one."}


async def test_a_modal_of_somebody_taken_off_the_list_is_refused(world: Any) -> None:
    card = await world.case()
    await world.ben.press(card, "case.reply")
    await world.ben.gets_view()
    world.slack.usergroup("S0CARE", members=("U0CLEO",))
    world.clock.advance(61)
    await world.ben.submit(values={"text": "Hello"})
    assert world.ben.errors == {"reply": "You may not do this at this desk."}


@pytest.mark.parametrize(
    ("action_id", "told"),
    [("case.snooze", "not built yet"), ("care.pause", "not built yet"), ("x.y", "not built yet")],
)
async def test_buttons_that_are_not_built_say_so(world: Any, action_id: str, told: str) -> None:
    card = await world.case()
    value = card.button("case.claim")["value"]
    text = {"type": "plain_text", "text": "x"}
    for given in (value, "rubbish"):
        button = {"type": "button", "action_id": action_id, "value": given, "text": text}
        block = {"type": "actions", "elements": [button]}
        await world.transport.client.chat_postMessage(channel=CHANNEL, text="x", blocks=[block])
        await world.ben.press(world.slack.messages(CHANNEL)[-1], action_id)
    await world.ben.sees(told)
    await world.ben.sees("no longer in use")
    assert not await world.turn()


async def test_slack_s_whisper_falls_back_to_the_press_s_own_address(world: Any) -> None:
    card = await world.case()
    world.slack.faults.next("chat.postEphemeral", Fault(kind="too_many", retry_after=5))
    await world.stranger.press(card, "case.claim")
    await world.stranger.sees("You may not do this")


async def test_group_members_are_asked_once_a_minute_and_an_outage_bridges(world: Any) -> None:
    card = await world.case()
    for _ in range(3):
        await world.ben.press(card, "case.reply")
        world.tick()
    asked = [c for c in world.slack.calls if c.method == "usergroups.users.list"]
    assert len(asked) == 1
    world.clock.advance(120)
    world.slack.faults.next("usergroups.users.list", Fault(kind="status", status=503))
    await world.ben.press(card, "case.claim")
    assert (await world.row()).claimed_by == "U0BEN"
