"""Why the bot did what it did, as a colleague reads it: short, true, whole, and harmless."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.events import (
    ArticleFound,
    CallStep,
    Decided,
    HandedOff,
    IssueSeen,
    ModelCall,
    ModelUse,
)
from conversation.model import Owner
from conversation.trace import Trace
from conversation.trace_lines import Stop, Tone, TraceLine
from handoff.elements import TOTAL_MAX, size
from handoff.why import NOTHING, why_modal
from socialcare.sandbox.slack_reading import View, plain
from socialcare.sandbox.slack_rules import check_view

pytest_plugins = ("tests.handoff.desk_world",)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NASTY = "<!channel> *bold* <https://evil.example|click> \u202ecod.exe mia.w@shop.example"
REFUND = CallStep(
    action="refund",
    outcome="refused",
    detail="Refund 640.00 GBP of charge ch_2",
    judged="above_limit",
    amount="640.00 GBP",
    alone_up_to="50.00 GBP",
    sign_off_up_to="500.00 GBP",
    wished_at=NOON,
    judged_at=NOON,
    settled_at=NOON,
)
USE = ModelUse(
    name="gpt-5-mini",
    prompt="care@2",
    currency="USD",
    unbacked=1,
    calls=(
        ModelCall(
            began_at=NOON,
            ms=420,
            outcome="wishes",
            wishes=("charges", "drop_tables"),
            turned_down=("drop_tables: there is no such tool",),
            tokens_in=1200,
            tokens_out=40,
            cost=Decimal("0.00038"),
        ),
        ModelCall(began_at=NOON, ms=900, outcome="words", tokens_in=1400, tokens_out=60),
    ),
)


def handed_off(case_id: str = "case-1") -> HandedOff:
    return HandedOff(reason="wants_human", note="Asked for a person twice.", case_id=case_id)


def by_a_model(text: str = "I want all of it back") -> Decided:
    return Decided(
        turn="t",
        stage="autonomous",
        shadow=False,
        language="en",
        mood="upset",
        deadline="2026-11-27",
        memory="{}",
        summary="",
        brain="gpt-5-mini",
        issues=(IssueSeen(topic="refund_request", text=text, p=0.934),),
        steps=(REFUND,),
        model=USE,
        articles=(ArticleFound(id="refunds", title="Money back", score=0.412),),
    )


async def why(world: Any, *own: Any) -> tuple[str, Any]:
    card = await world.case(*own)
    await world.ben.press(card, "case.why")
    view = await world.ben.gets_view()
    return plain(view), view


async def test_a_press_shows_what_decided_the_turn_and_each_step(world: Any) -> None:
    shown, view = await why(world, by_a_model(), handed_off())
    assert view.body["title"]["text"] == "Why the bot did this"
    short, _, steps = shown.partition("Step by step")
    assert "refund request (93% sure)" in short
    assert "Refund 640.00 GBP of charge ch_2 > 500.00 GBP signed → not done" in short
    assert "Handed to colleagues (wants human): Asked for a person twice." in short
    assert "Stopped: Taken out, as no fact and no article backs it: one sentence" in short
    assert "gpt-5-mini, prompt care@2, asks for charges, drop tables · 420 ms" in steps
    assert "1,200 + 40 tokens · 0.00038 USD" in steps
    assert "Stopped: Asked for and never run: drop_tables: there is no such tool" in steps
    assert "Article “refunds” · fits 0.41 · not used" in steps
    assert "gpt-5-mini, prompt care@2 · 2 calls · 2,600 + 100 tokens · 0.00038 USD" in steps
    assert "Turn turn-" in steps


async def test_what_no_article_answers_says_so_first(world: Any) -> None:
    asked = replace(by_a_model(), steps=(), model=None)
    gone = HandedOff(reason="no_answer", note="Refund request.", case_id="case-1")
    shown, _ = await why(world, asked, gone)
    short, _, steps = shown.partition("Step by step")
    assert "Found: No article answers it" in short
    assert "Handed to colleagues (no answer): Refund request." in short
    assert "No article answers it" in steps


async def test_looking_changes_nothing_and_works_when_the_case_is_closed(world: Any) -> None:
    card = await world.case(by_a_model(), handed_off())
    before, log = await world.row(), await world.log()
    await world.ben.press(card, "case.why")
    await world.ben.gets_view()
    assert (await world.row(), await world.log()) == (before, log)
    assert not await world.turn()
    await world.ben.press(card, "case.resolve")
    await world.turn(owner=Owner.BOT)
    await world.deliver()
    await world.cleo.press(world.card, "case.why")
    assert "refund request" in plain(await world.cleo.gets_view())


async def test_a_stranger_is_told_no(world: Any) -> None:
    card = await world.case(by_a_model(), handed_off())
    await world.stranger.press(card, "case.why")
    await world.stranger.sees("You may not do this")
    assert world.stranger.view is None


async def test_strangers_words_are_inert_and_masked(world: Any) -> None:
    shown, view = await why(world, by_a_model(NASTY), handed_off())
    assert "<!channel> *bold*" in shown, "as written, never read as markup"
    assert "\u202e" not in shown
    assert "mia.w@" not in shown
    assert "m•••@shop.example" in shown
    assert "mrkdwn" not in json.dumps(view.body)
    for kind in ("broadcast", "usergroup", "user", "link"):
        assert f'"type": "{kind}"' not in json.dumps(view.body)


async def test_a_case_that_no_brain_saw_says_so(world: Any) -> None:
    shown, _ = await why(world, handed_off())
    assert "Handed to colleagues" in shown
    assert why_modal([])["blocks"][0]["text"]["text"] == NOTHING


def test_turns_before_the_last_are_told_in_short() -> None:
    turns = [a_trace(f"c_1:{n}", [(stop, f"turn {n} {stop}") for stop in Stop]) for n in range(9)]
    shown = json.dumps(why_modal(turns), ensure_ascii=False)
    last, _, before = shown.partition("Before that")
    assert "turn 8 stored" in last
    assert "turn 7 judged" in before
    assert "turn 7 done" not in before
    assert "turn 4" not in shown, "four turns are enough to read"


def a_trace(turn: str, lines: list[tuple[Stop, str]], **more: Any) -> Trace:
    told = [
        TraceLine(stop=stop, text=text, tone=tone, at=NOON + timedelta(milliseconds=number))
        for number, ((stop, text), tone) in enumerate(zip(lines, list(Tone) * 400, strict=False))
    ]
    return Trace(turn=turn, began_at=NOON, lines=tuple(told), over=True, **more)


TEXTS = st.text(max_size=2_000) | st.just("😀" * 3_000) | st.just(NASTY * 40) | st.just("")


@given(
    traces=st.lists(
        st.builds(
            a_trace,
            st.text(max_size=200),
            st.lists(st.tuples(st.sampled_from(list(Stop)), TEXTS), max_size=60),
            brain=TEXTS,
            stage=st.text(max_size=40),
            model=st.none() | st.just(USE),
        ),
        max_size=6,
    )
)
def test_whatever_a_turn_says_slack_takes_the_modal(traces: list[Trace]) -> None:
    view = why_modal(traces)
    check_view(view)
    assert size(view["blocks"]) <= TOTAL_MAX
    assert "mrkdwn" not in json.dumps(view)


def test_a_case_that_is_thought_about_says_so() -> None:
    waits = replace(a_trace("c_1:1", [(Stop.STORED, "“hello”")]), over=False)
    shown = json.dumps(why_modal([waits]), ensure_ascii=False)
    assert "still thinking" in shown


@pytest.mark.parametrize("case_id", ["case-1", "of-long-ago"])
async def test_an_older_card_tells_of_the_conversation_too(world: Any, case_id: str) -> None:
    await world.case(by_a_model(), handed_off(case_id))
    await world.ben.press(world.card, "case.why")
    assert isinstance(await world.ben.gets_view(), View)
