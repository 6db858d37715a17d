"""The embedded brain's plan: several wishes, one coherent reply; pure.

A turn's messages join the memory (`brain.listening`), each open wish takes its next step
(`brain.procedures`), and the steps become either calls or one reply (`brain.composing`). What is
missing is asked for once and together; asked in vain, a colleague takes over. Every
call is made once in a turn, so a turn comes to its words after as many rounds as its longest
procedure has calls.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from actions.action import Done, Outcome
from actions.action import Known as LookedUp
from actions.ports import OrderView
from brain.asking import MISSING, Reply, asked, missing_for_good, own_up
from brain.book import Book, Settled
from brain.composing import Speaker, composed, summarised, title
from brain.decision import Decision, Handoff, Turn, Understood
from brain.following import asks_aside, done_wrongly
from brain.found import told_from
from brain.listening import Heard, Notes, listened
from brain.memory import WISH_TEXT, Memory, Question, Wish, WishStatus
from brain.mending import left_over, mistaken, part_of_handoff, sent_elsewhere
from brain.otherwise import note_of, otherwise
from brain.procedures import PROCEDURES
from brain.second_thoughts import ASIDE, declined, let_go, withdrawn_topics
from brain.steps import Known, Line, Step, line
from brain.telling import late
from brain.told_before import public_invitation
from brain.understood import (
    HANDOFF_TOPICS,
    loses_patience,
    mood_falls,
    only_doubts,
    serious_risk,
    understood_of,
    wants_human,
)
from brain.wordbook import ANY, Speech, speaks
from config.stages import Surface

TRIES_MAX = 2
"""How often a question about a wish is asked."""
OTHER_WISHES = frozenset(
    {
        "cancel_order", "change_order", "change_address", "start_return", "return_status",
        "exchange", "gift_card", "promo_code", "invoice", "payment_failed", "account_access",
        "delete_data", "subscription_cancel", "booking_change", "booking_cancel", "withdrawal",
        "legal_guarantee", "wrong_charge",
    }
)  # fmt: skip
"""Things to do that are no question: "I have no answer" would be no answer to them."""


def plan(
    turn: Turn,
    heard: Heard | None,
    outcomes: Sequence[Outcome],
    *,
    memory: Memory,
    brand: str,
    today: date,
    speech: Speech = ANY,
    crisis: Mapping[str, str] = MappingProxyType({}),
) -> Decision:
    """Take the next step of a turn.

    Args:
        turn: The conversation.
        heard: What came; None when only outcomes woke the conversation.
        outcomes: What became of calls so far, in order; those of earlier turns first.
        memory: The notes of earlier turns, before this one.
        brand: The brand's name.
        today: In the customer's time zone.
        speech: The brand's languages and its forms of address.
        crisis: The brand's own words for who may not want to live, by language.
    """
    understood = understood_of(turn, heard)
    if heard is not None:
        heard = heard.without(withdrawn_topics(understood))
    wrong = None if heard is None or understood.withdraws else done_wrongly(memory, heard)
    if heard is not None:
        memory = memory.model_copy(update={"offered": None})
    reply, notes = Reply(), Notes(memory=memory) if heard is None else listened(memory, heard)
    if heard is None:
        memory = _news(turn, memory, reply)
    else:
        notes = let_go(turn, memory, notes, understood, reply)
        aside = not notes.progress and asks_aside(heard, notes.topics)
        notes = replace(notes, falling=mood_falls(turn, heard), aside=aside)
        early = _always(
            turn, heard, notes, reply, serious=serious_risk(understood, brand, crisis, speech)
        )
        if early is not None:
            return _ended(turn, understood, early, reply, (speech, brand))
        if only_doubts(heard):
            memory = _news(turn, notes.memory, reply)
            own_up(heard, understood, reply, brand=brand)
            return _ended(turn, understood, memory, reply, (speech, brand))
        if wrong is not None:
            memory = _news(turn, mistaken(wrong, heard, notes, reply), reply)
            return _ended(turn, understood, memory, reply, (speech, brand))
        memory = _steps(turn, notes, outcomes, reply, today=today)
        if reply.calls:
            return Decision(
                understood=understood,
                calls=tuple(reply.calls),
                memory=turn.state.memory,
                summary=turn.state.summary,
            )
        memory = _news(turn, memory, reply, withdrawn=understood.withdraws)
        memory = _others(heard, notes, memory, reply)
        left_over(heard, memory, reply)
        memory = asked(turn, heard, notes, memory, reply)
        if heard.media_only and (reply.needs or reply.questions) and reply.handoff is None:
            reply.say(line("media_in_words"), at=-2)
        memory = otherwise(turn, heard, notes, memory, reply)
        own_up(heard, understood, reply, brand=brand)
    return _ended(turn, understood, memory, reply, (speech, brand))


def _ended(
    turn: Turn, understood: Understood, memory: Memory, reply: Reply, speaker: Speaker
) -> Decision:
    """Put the reply together; with a handoff nothing stays open on our side."""
    handoff = reply.handoff
    if handoff is not None:
        passed = [_passed(wish, memory.order_id) for wish in memory.wishes]
        memory = memory.model_copy(
            update={"wishes": tuple(passed), "asked": (), "worded": (), "unclear": 0}
        )
    blocks = [block for _, block in sorted(reply.blocks, key=lambda each: each[0])]
    silent = understood.opted_out and turn.state.opted_out
    said = None if silent else composed(speaker, understood.language, blocks)
    return Decision(
        understood=understood,
        words=said,
        handoff=handoff,
        memory=memory.model_dump_json(),
        summary=summarised(memory) or turn.state.summary,
        facts=tuple(dict.fromkeys(reply.facts)),
        citations=tuple(dict.fromkeys(reply.citations)),
        invites=reply.invites,
    )


def _passed(wish: Wish, order_id: str | None) -> Wish:
    """Pass an open wish on with its order: later, another one may be talked about."""
    if wish.status is not WishStatus.OPEN:
        return wish
    order = wish.order_id or order_id
    return wish.model_copy(
        update={"status": WishStatus.PASSED, "question": None, "order_id": order}
    )


# --- before anything else


def _always(
    turn: Turn, heard: Heard, notes: Notes, reply: Reply, *, serious: tuple[str, Line] | None
) -> Memory | None:
    """What holds whatever else is said: a person, silence, and what only people may answer."""
    found, memory = heard.understanding, notes.memory
    topics = (*(("human_request",) if wants_human(heard) else ()), *heard.topics)
    topic = next((topic for topic in topics if topic in HANDOFF_TOPICS), None)
    why, said = serious or (topic, line(HANDOFF_TOPICS.get(topic or "", "")))
    if found.opts_out and why != "human_request":
        if serious is None or serious[0] != "self_harm":
            said = line("opted_out")
        reply.say(said)
        if why is not None:
            reply.pass_on(Handoff(reason=why, note=note_of(heard)))
        return Memory(mismatches=memory.mismatches, doubted=memory.doubted)
    if why is not None:
        note = "Asked for no more messages of the bot. " if found.opts_out else ""
        reply.pass_on(Handoff(reason=why, note=note + note_of(heard)))
        reply.say(said)
        return _news(turn, memory, reply)
    if not (speaks(found.language.code) and found.language.supported) and not only_doubts(heard):
        reply.say(line("acknowledged"))
        note = f"The customer writes in “{found.language.code}”. {note_of(heard)}"
        reply.pass_on(Handoff(reason="language", note=note))
        return memory
    if loses_patience(turn, heard, progress=notes.progress):
        reply.say(line("handoff_angry"))
        reply.pass_on(Handoff(reason="angry", note=note_of(heard)))
        return memory
    served = any(topic in PROCEDURES for topic in heard.topics) or notes.progress
    open_ones = any(wish.status is WishStatus.OPEN for wish in memory.wishes)
    if turn.surface is Surface.PUBLIC and (served or heard.given or open_ones):
        reply.say(line(public_invitation(turn.state)))
        reply.invites = True
        return _others(heard, replace(notes, topics=heard.topics), Memory(), reply)
    return None


# --- steps


def _steps(
    turn: Turn, notes: Notes, outcomes: Sequence[Outcome], reply: Reply, *, today: date
) -> Memory:
    """Let each open wish take its next step."""
    memory, book = notes.memory, Book(outcomes)
    proved = frozenset(proof.order_id for proof in turn.state.proofs)
    if notes.lacking:
        missing_for_good(memory.asked, memory, reply)
        return memory
    for wish in memory.wishes:
        procedure = PROCEDURES.get(wish.topic)
        if wish.status is not WishStatus.OPEN or procedure is None:
            continue
        if wish.question is Question.CONFIRM and notes.agreed is False:
            memory = _put(
                memory, wish, declined(wish, reply, at=_place(wish.topic, notes)), order_id=""
            )
            continue
        agreed = notes.agreed if wish.question is Question.LATE else None
        known = Known(
            wish=wish, memory=memory, book=book, proved=proved, today=today, agreed=agreed
        )
        elsewhere = sent_elsewhere(wish, notes.topics)
        step = elsewhere or _allowed(turn, known, _judged(known, procedure(known), reply))
        place = _place(wish.topic, notes)
        reply.calls += [call for call in step.calls if call not in reply.calls]
        # Theirs came in between: ours waits, and is not asked once more.
        held = notes.aside and step.question is not None and step.question is wish.question
        held = held and step.question is not Question.CONFIRM
        step = replace(step, lines=()) if held else _one_question(wish, step, reply)
        reply.pass_on(step.handoff)
        reply.say(*step.lines, at=place, question=step.question is not None)
        reply.facts += step.facts
        reply.needs += [need for need in step.needs if need not in reply.needs]
        if step.outcome is not None:
            reply.told.append(step.outcome)
        memory = _put(memory, wish, step, order_id=known.order_id, held=held)
    return memory


def _judged(known: Known, step: Step, reply: Reply) -> Step:
    """Tell a proof that is wrong from one that is only too weak."""
    if not step.mismatch:
        return step
    shown = known.is_proved or isinstance(known.book.order(known.order_id), OrderView)
    if known.memory.email is None and shown:
        return Step(needs=("email",))
    reply.doubted.append(known.pair)
    return Step()


def _allowed(turn: Turn, known: Known, step: Step) -> Step:
    """Let only calls through that are offered, and each once; else a colleague goes on."""
    if not step.calls:
        return step
    if any(call.action not in turn.offered for call in step.calls):
        what = ", ".join(call.action.replace("_", " ") for call in step.calls)
        handoff = Handoff(reason="not_offered", note=f"The bot may not do this here: {what}.")
    elif any(known.book.asked(call) for call in step.calls):
        handoff = Handoff(reason="no_end", note="The shop's answers lead nowhere.")
    else:
        return step
    lines = (line("handoff_topic"),)
    return replace(step, calls=(), lines=lines, handoff=handoff, status=WishStatus.PASSED)


def _one_question(wish: Wish, step: Step, reply: Reply) -> Step:
    """Ask one question at a time, and none for ever."""
    if step.question is None:
        return step
    if step.question is Question.CONFIRM and wish.tries < TRIES_MAX:
        # Asked together, in the words of the rules.
        reply.confirms = True
        return step
    if reply.asks:
        return replace(step, lines=(), question=None)
    if wish.question is step.question and wish.tries >= TRIES_MAX:
        handoff = Handoff(reason=MISSING, note=f"{title(wish.topic)}: no clear answer.")
        lines = (line("handoff_missing"),)
        return Step(lines=lines, handoff=handoff, status=WishStatus.PASSED)
    reply.asks = True
    return step


def _place(topic: str, notes: Notes) -> int:
    return notes.topics.index(topic) if topic in notes.topics else -1


CHOSEN = frozenset({Question.LATE, Question.WHICH, Question.CONFIRM})
"""Questions that are about one order."""


def _put(memory: Memory, wish: Wish, step: Step, *, order_id: str, held: bool = False) -> Memory:
    update: dict[str, object] = {"status": step.status, "question": step.question}
    if step.question is not None and not held:
        update["tries"] = wish.tries + 1 if step.question is wish.question else 1
    if step.item is not None:
        update |= {"item": step.item, "line_id": step.line_id}
    if step.status is not WishStatus.OPEN or step.question in CHOSEN:
        update["order_id"] = order_id or None
    if step.result:
        update["result"] = step.result[:WISH_TEXT]
    if step.due:
        update["due"] = step.due
    done = wish.model_copy(update=update)
    wishes = tuple(done if one is wish else one for one in memory.wishes)
    offered = step.offers or memory.offered
    return memory.model_copy(update={"wishes": wishes, "offered": offered})


# --- news


def _news(turn: Turn, memory: Memory, reply: Reply, *, withdrawn: Collection[str] = ()) -> Memory:
    """Tell what became of calls of earlier turns, unless a wish has told it just now."""
    for outcome in turn.outcomes:
        if isinstance(outcome, LookedUp) or outcome in reply.told:
            continue
        wish = next((w for w in memory.wishes if _fits(w, outcome)), None)
        step = late(outcome, wish or Wish(topic="refund_request"))
        if step.mismatch or turn.surface is Surface.PUBLIC:
            note = f"{outcome.call.action}: what became of it could not be told."
            reply.pass_on(Handoff(reason="refused", note=note))
            continue
        reply.told.append(outcome)
        late_for_that = isinstance(outcome, Done) and outcome.call.action in withdrawn
        reply.say(*step.lines, *((line("too_late"),) if late_for_that else ()), at=-2)
        reply.pass_on(step.handoff)
        if wish is not None:
            memory = _put(memory, wish, step, order_id=wish.order_id or "")
    return memory


def _fits(wish: Wish, outcome: Settled) -> bool:
    args = outcome.call.args
    replacing = wish.topic == "replacement_request"
    if wish.status is not WishStatus.WAITING or replacing != (outcome.call.action == "replacement"):
        return False
    order_id = args.get("order_id")
    if order_id is not None and wish.order_id is not None and order_id != wish.order_id:
        return False
    return not replacing or wish.line_id in {None, args.get("line_id")}


# --- what is no procedure's


def _others(heard: Heard, notes: Notes, memory: Memory, reply: Reply) -> Memory:
    """Answer the other wishes from articles; what no article answers goes to colleagues."""
    for topic in notes.topics:
        if topic in PROCEDURES or topic in ASIDE:
            continue
        found = heard.answers.get(topic)
        place = notes.topics.index(topic)
        if found is not None:
            reply.say(*told_from(found.article, heard.text, topic=topic), at=place)
            reply.citations.append(found.article.id)
        elif topic not in _part_of(notes.topics) and not part_of_handoff(topic, reply):
            asks = topic not in OTHER_WISHES
            reply.say(line("no_answer" if asks else "handoff_topic"), at=place)
            reply.pass_on(Handoff(reason="no_answer", note=note_of(heard)))
    return memory


def _part_of(topics: Sequence[str]) -> frozenset[str]:
    """Topics that are served as part of another one."""
    if "duplicate_charge" in topics:
        return frozenset({"wrong_charge"})
    return frozenset()
