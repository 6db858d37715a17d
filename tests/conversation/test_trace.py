"""A turn is told from what the store keeps: in order, with its numbers, and no more than that."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.money import Money
from conversation.delivery import DeliveryState
from conversation.events import (
    Acted,
    AnsweredElsewhere,
    ArticleFound,
    CallStep,
    Claimed,
    Colleague,
    ColleagueNoted,
    ColleagueReplied,
    Decided,
    Drafted,
    Erased,
    Event,
    HandedOff,
    IssueSeen,
    MessageReceived,
    ModelCall,
    ModelUse,
    Pressed,
    Released,
    Resolved,
    Said,
    SignOffDecided,
    TakenOut,
    Tended,
    TimerFired,
    decode,
    encode,
)
from conversation.ledger import CallRecord, CallState
from conversation.model import Author, Peer
from conversation.trace import ArrivalSeen, DeliverySeen, Trace, trace
from conversation.trace_decided import NO_ARTICLE, judgement, money_in_words, use_in_a_line
from conversation.trace_lines import WORDS_MAX, Stop, Tone, shortened

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(milliseconds=40)
BEN = Colleague(user_id="U0BEN", name="Ben")
ARRIVAL = ArrivalSeen(channel="telegram", kind="message", received_at=NOON, tries=1, state="taken")
DECIDED = Decided(
    turn="c_1:7",
    stage="autonomous",
    shadow=False,
    language="en",
    mood="neutral",
    issues=(),
    deadline=None,
    memory="{}",
    summary="",
    brain="embedded",
)
STEP = CallStep(
    action="refund",
    outcome="done",
    detail="Refund 42.00 GBP",
    judged="within",
    amount="42.00 GBP",
    alone_up_to="50.00 GBP",
    sign_off_up_to="500.00 GBP",
)


def told(
    *events: Event | Erased,
    deliveries: Sequence[DeliverySeen] = (),
    calls: Sequence[CallRecord] = (),
) -> Trace:
    entries = [(LATER, event) for event in events]
    found = trace("c_1:7", arrivals=[ARRIVAL], entries=entries, deliveries=deliveries, calls=calls)
    assert found is not None
    return found


def lines(one: Trace, stop: Stop) -> list[str]:
    return [line.text for line in one.lines if line.stop is stop]


def test_of_nothing_nothing_is_told() -> None:
    assert trace("c_1:7", arrivals=(), entries=(), deliveries=()) is None


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (STEP, "refund: 42.00 GBP ≤ 50.00 GBP alone → done"),
        (
            replace(STEP, amount="180.00 GBP", judged="needs_sign_off", outcome="awaiting"),
            "refund: 180.00 GBP > 50.00 GBP alone, ≤ 500.00 GBP signed → a colleague is asked",
        ),
        (
            replace(STEP, amount=None, judged="needs_sign_off", outcome="awaiting"),
            "refund: not for the bot alone → a colleague is asked",
        ),
        (replace(STEP, judged="signed"), "refund 42.00 GBP: signed by a colleague → done"),
        (replace(STEP, amount=None), "refund: within its limits → done"),
        (replace(STEP, judged=""), "refund: in the ledger already → not begun a second time"),
        (
            replace(STEP, judged="above_limit", detail="Refund 640.00 GBP"),
            "Refund 640.00 GBP > 500.00 GBP signed → not done, a case for people",
        ),
        (
            replace(STEP, judged="not_proved", detail="no proof"),
            "refund: not proved (no proof) → not done",
        ),
    ],
)
def test_a_judgement_is_a_line_with_its_numbers(step: CallStep, words: str) -> None:
    assert judgement(step) == words


USE = ModelUse(
    name="gpt-5-mini",
    prompt="care@2",
    currency="USD",
    calls=(
        ModelCall(
            began_at=NOON,
            ms=420,
            outcome="wishes",
            wishes=("order_status", "order_status", "drop_tables"),
            turned_down=("drop_tables: there is no such tool",),
            tokens_in=1_200,
            tokens_out=40,
            cost=Decimal("0.00038"),
        ),
        ModelCall(began_at=NOON, ms=15_000, outcome="late", tokens_in=1_300, estimated=True),
    ),
    fell_back="late",
    unbacked=2,
)


def test_each_call_of_a_model_is_told_with_its_prompt_time_and_price() -> None:
    one = told(replace(DECIDED, model=USE))
    assert one.model == USE
    by = "gpt-5-mini, prompt care@2,"
    assert lines(one, Stop.PROPOSED) == [
        f"{by} asks for order status, drop tables · 420 ms · 1,200 + 40 tokens · 0.00038 USD",
        f"{by} gives nothing that can be used (late) · 15,000 ms · 1,300 + 0 tokens · 0.00 USD",
        "Goes on without gpt-5-mini: late",
    ]
    assert lines(one, Stop.JUDGED) == [
        "Asked for and never run: drop_tables: there is no such tool"
    ]
    assert lines(one, Stop.CHECKED)[0].endswith("backs it: 2 sentences")
    proposed = next(line for line in one.lines if line.stop is Stop.PROPOSED)
    assert proposed.at == NOON + timedelta(milliseconds=420)
    assert use_in_a_line(USE) == (
        "gpt-5-mini, prompt care@2 · 2 calls · 2,500 + 40 tokens · 0.00038 USD · not used: late"
    )


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        ("0", "0.00 USD"),
        ("12.3", "12.30 USD"),
        ("0.000315", "0.000315 USD"),
        ("0.0000001", "0.00 USD"),
        ("1234.5678914", "1234.567891 USD"),
    ],
)
def test_a_price_far_below_a_cent_can_be_read(cost: str, words: str) -> None:
    assert money_in_words(Decimal(cost), "USD") == words


def test_what_was_found_is_told_with_how_well_it_fits_used_or_not() -> None:
    found = (
        ArticleFound(id="hours", title="When we are open", score=0.812),
        ArticleFound(id="returns", title="Sending back", score=0.4),
    )
    one = told(replace(DECIDED, articles=found, citations=("hours", "gone")))
    assert lines(one, Stop.FOUND) == [
        "Article “hours” · fits 0.81",
        "Article “gone”",
        "Article “returns” · fits 0.40 · not used",
    ]


@pytest.mark.parametrize("reason", ["no_answer", "not_understood"])
def test_that_no_article_answers_is_told(reason: str) -> None:
    gone = HandedOff(reason=reason, note="Product question.", case_id="c")
    assert lines(told(DECIDED, gone), Stop.FOUND) == [NO_ARTICLE]
    assert NO_ARTICLE not in lines(told(replace(DECIDED, citations=("a",)), gone), Stop.FOUND)
    assert lines(told(DECIDED, replace(gone, reason="human_request")), Stop.FOUND) == []
    assert lines(told(DECIDED), Stop.FOUND) == []


def test_haste_and_risks_are_told_where_they_were_heard() -> None:
    risky = replace(DECIDED, urgency="high", risks=("legal_threat", "press"))
    (understood,) = lines(told(risky), Stop.UNDERSTOOD)
    assert "urgency high · risk: legal threat, press" in understood
    for usual in ("", "normal"):
        (understood,) = lines(told(replace(DECIDED, urgency=usual)), Stop.UNDERSTOOD)
        assert "urgency" not in understood
        assert "risk" not in understood


def test_an_issue_is_told_with_its_probability_where_the_brain_gives_one() -> None:
    issues = (
        IssueSeen(topic="refund_request", text="money back", p=0.934),
        IssueSeen(topic="invoice", text="a bill"),
    )
    _, *told_of = lines(told(replace(DECIDED, issues=issues)), Stop.UNDERSTOOD)
    assert told_of == ["refund request (93% sure): “money back”", "invoice: “a bill”"]


def test_a_decision_written_before_models_were_noted_is_still_read() -> None:
    old = encode(DECIDED).replace(',"articles":[],"model":null', "")
    assert "model" not in old
    assert decode(old) == DECIDED
    full = replace(DECIDED, model=USE, articles=(ArticleFound(id="a", title="b", score=0.5),))
    assert decode(encode(full)) == full


def test_what_the_steps_tell_is_not_told_twice() -> None:
    acted = Acted(call_key="k", action="refund", state=CallState.DONE, summary="Refund 42.00 GBP")
    one = told(acted, replace(DECIDED, steps=(STEP,)))
    assert lines(one, Stop.DONE) == ["Refund 42.00 GBP: done"]
    assert lines(told(acted), Stop.DONE) == ["Refund 42.00 GBP"]


def test_an_unproved_claim_is_told() -> None:
    (line,) = [
        line for line in told(replace(DECIDED, unproved=2)).lines if line.stop is Stop.CHECKED
    ]
    assert line.tone is Tone.STOPPED
    assert "2 sentences" in line.text


def test_what_was_taken_out_is_told_with_the_reason() -> None:
    gone = (
        TakenOut(words="I have refunded you.", claimed="refund", why="waits for sign-off"),
        TakenOut(words="It comes soon.", why="leans on what was taken out"),
    )
    decided = replace(DECIDED, unproved=1, taken_out=gone)
    assert decode(encode(decided)) == decided
    assert lines(told(decided), Stop.CHECKED) == [
        "Not said: “I have refunded you.” (refund: waits for sign-off)",
        "Not said: “It comes soon.” (leans on what was taken out)",
        "One sentence claimed what was not done → not said",
    ]


def test_a_call_under_way_is_told_until_the_log_has_it() -> None:
    record = CallRecord(
        key="k",
        conversation="c_1",
        turn="c_1:7",
        action="refund",
        connector="shop",
        args="{}",
        amount=Money(4200, "GBP"),
        state=CallState.EXECUTING,
        summary="Refund 42.00 GBP",
    )
    assert lines(told(calls=[record]), Stop.DONE) == ["Refund 42.00 GBP: under way"]
    acted = Acted(call_key="k", action="refund", state=CallState.UNKNOWN, summary="Refund: lost")
    assert lines(told(acted, calls=[record]), Stop.DONE) == ["Refund: lost"]


@pytest.mark.parametrize(
    ("state", "tries", "words", "over"),
    [
        (DeliveryState.SENT, 1, "Delivered: the platform has it", True),
        (DeliveryState.SENT, 3, "Delivered: the platform has it · try 3", True),
        (DeliveryState.WAITING, 0, "On its way", False),
        (DeliveryState.SENDING, 1, "On its way", False),
        (DeliveryState.WAITING, 1, "Waits for the next try (rate limited)", False),
        (DeliveryState.DEAD, 1, "Not delivered: dead (rate limited)", True),
    ],
)
def test_deliveries_are_told_as_they_stand(
    state: DeliveryState, tries: int, words: str, over: bool
) -> None:
    why = None if state is DeliveryState.SENT or "On its" in words else "rate_limited"
    seen = DeliverySeen(key="x", state=state, tries=tries, settled_at=LATER, why=why)
    one = told(DECIDED, deliveries=[seen])
    assert lines(one, Stop.SAID) == [words]
    assert one.over is over


@pytest.mark.parametrize(
    ("event", "stop", "words"),
    [
        (SignOffDecided(approval_id="a", approved=True, by=BEN), Stop.STORED, "Ben signed"),
        (SignOffDecided(approval_id="a", approved=False, by=BEN), Stop.STORED, "Ben said no"),
        (Claimed(by=BEN), Stop.STORED, "Ben claimed the case: the bot is silent"),
        (Released(by=BEN), Stop.STORED, "Ben gave the conversation back to the bot"),
        (Resolved(by=BEN), Stop.STORED, "Ben closed the case"),
        (ColleagueReplied(reply_id="r", by=BEN, text="x"), Stop.STORED, "Ben answers the customer"),
        (ColleagueNoted(note_id="n", by=BEN, text="x"), Stop.STORED, "Ben wrote an internal note"),
        (TimerFired(name="human:3"), Stop.STORED, "A timer fired: human"),
        (Tended(by="root", what="retry"), Stop.STORED, "root put it right by hand: retry"),
        (Erased(), Stop.STORED, "Erased"),
        (
            Pressed(
                press_id="p",
                message_id=None,
                sender=Peer(user_id="1"),
                occurred_at=NOON,
                payload="human",
            ),
            Stop.STORED,
            "Pressed human",
        ),
        (
            AnsweredElsewhere(message_id="m", occurred_at=NOON),
            Stop.STORED,
            "Answered in the platform's own app: the bot is silent",
        ),
        (
            MessageReceived(message_id="m", sender=Peer(user_id="1"), occurred_at=NOON),
            Stop.STORED,
            "Something without words",
        ),
        (Said(outbox_key="k", author=Author.BOT, text="Hello"), Stop.SAID, "“Hello”"),
        (
            Said(outbox_key="k", author=Author.COLLEAGUE, text="Hello", name="Ben"),
            Stop.SAID,
            "Ben: “Hello”",
        ),
        (
            Drafted(draft_id="d", text="Hello", case_id="c"),
            Stop.DESK,
            "A draft for a colleague: “Hello”",
        ),
        (
            HandedOff(reason="no_answer", note="", case_id="c"),
            Stop.DESK,
            "Handed to colleagues: no answer",
        ),
        (
            HandedOff(reason="human_request", note="Order status.", case_id="c"),
            Stop.DESK,
            "Handed to colleagues (human request): Order status.",
        ),
    ],
)
def test_each_kind_of_entry_has_its_words(event: Event | Erased, stop: Stop, words: str) -> None:
    assert words in lines(told(event), stop)


@given(st.text(max_size=3_000))
def test_nobodys_words_make_a_line_endless(text: str) -> None:
    said = Said(outbox_key="k", author=Author.BOT, text=text)
    assert all(len(line.text) < 700 for line in told(said).lines)


@pytest.mark.parametrize(
    "secret", ["4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "mia.w@shop.example"]
)
def test_a_cut_leaves_no_half_of_what_is_masked_whole(secret: str) -> None:
    for before in range(WORDS_MAX - len(secret) - 2, WORDS_MAX + 2):
        cut = shortened(f"{'so ' * before}"[: before - 1] + f" {secret} and much more")
        assert secret in cut or not set(secret.split()) & set(cut.rstrip("…").split())
        assert len(cut) > WORDS_MAX - 90


def test_lines_stand_in_the_order_of_the_way() -> None:
    handed = HandedOff(reason="x", note="", case_id="c")
    said = Said(outbox_key="k", author=Author.BOT, text="Hello")
    stops = [line.stop for line in told(handed, said, replace(DECIDED, steps=(STEP,))).lines]
    assert stops == sorted(stops, key=list(Stop).index)


def test_a_decision_of_before_there_were_traces_can_be_read() -> None:
    old = encode(DECIDED)
    for name in ("began_at", "understood_at", "decided_at", "steps", "unproved", "taken_out"):
        assert f'"{name}"' in old
    without = (
        old.replace(',"began_at":null,"understood_at":null,"decided_at":null', "")
        .replace(',"steps":[]', "")
        .replace(',"unproved":0,"taken_out":[]', "")
    )
    assert "began_at" not in without
    assert decode(without) == DECIDED
    traced = replace(DECIDED, steps=(STEP,), began_at=NOON)
    assert decode(encode(traced)) == traced
