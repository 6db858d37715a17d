"""The embedded brain's plan: several wishes, one coherent reply; pure.

A turn's messages are understood, their wishes and facts join the memory, each open wish takes its
next step (`brain.procedures`), and the steps become either calls or one reply. What is missing is
asked for once and together; asked in vain, a colleague takes over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from actions.action import Call, Outcome
from brain.book import Book, Settled
from brain.decision import Decision, Handoff, Turn, Understood
from brain.knowledge.search import Found
from brain.memory import WISH_TEXT, WISHES_KEPT, Memory, Wish, WishStatus
from brain.procedures import ABSORBS, PROCEDURES, Known, Line, Step, line, tell
from brain.triage import Understanding
from brain.wordbook import has, say, speaks
from config.stages import Surface
from conversation.events import Fact, IssueSeen

MISMATCHES_MAX = 2
"""Wrong proofs until a colleague takes over; guessing must not pay."""
UNCLEAR_MAX = 1
"""How often we ask what was meant, until a colleague takes over."""

IDENTIFYING_WORDS = 7
"""Words around an order number and an e-mail that still say nothing but these."""
_WORD = re.compile(r"[^\W\d_]{2,}")

HANDOFF_TOPICS: Mapping[str, str] = {
    "human_request": "handoff_human",
    "legal_threat": "handoff_serious",
    "safety_issue": "handoff_serious",
    "staff_complaint": "handoff_angry",
}
"""Topics that always go to colleagues, and what the customer is told."""
SMALL_TALK = ("greeting", "thanks", "praise")
SILENT = frozenset({"spam"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A turn's messages as understood, with what knowledge has to say about each issue."""

    text: str
    understanding: Understanding
    answers: Mapping[str, Found]
    """The best article above the floor, by topic; ``""`` for the message as a whole."""
    media_only: bool = False


@dataclass(slots=True)
class _Reply:
    """A reply in the making."""

    lines: list[Line]
    calls: list[Call]
    needs: list[str]
    facts: list[Fact]
    citations: list[str]
    handoff: Handoff | None = None
    question: str | None = None
    mismatch: bool = False


def plan(
    turn: Turn,
    heard: Heard | None,
    outcomes: Sequence[Outcome],
    *,
    memory: Memory,
    brand: str,
    today: date,
) -> Decision:
    """Take the next step of a turn.

    Args:
        turn: The conversation.
        heard: What came; None when only outcomes woke the conversation.
        outcomes: What became of calls so far, in order.
        memory: The notes of earlier turns, before this one.
        brand: The brand's name.
        today: In the brand's time zone.
    """
    understood = understood_of(turn, heard)
    language = understood.language
    if heard is not None:
        if not speaks(language):
            return _language(turn, understood, memory)
        early = _always(turn, heard, understood, memory)
        if early is not None:
            return early
        memory = merged(memory, heard)
    reply = _Reply([], [], [], [], [])
    memory = _news(turn, outcomes, memory, reply)
    memory = _steps(turn, heard, outcomes, memory, reply, today=today)
    if reply.calls:
        return Decision(
            understood=understood,
            calls=_each_once(reply.calls),
            memory=turn.state.memory,
            facts=tuple(reply.facts),
        )
    memory = _asked(heard, memory, reply)
    if heard is not None and not reply.lines:
        memory = _else(heard, memory, reply)
    return Decision(
        understood=understood,
        words=compose(language, reply.lines, brand=brand),
        handoff=reply.handoff,
        memory=memory.model_dump_json(),
        summary=_summary(memory, reply),
        facts=tuple(dict.fromkeys(reply.facts)),
        citations=tuple(reply.citations),
    )


def understood_of(turn: Turn, heard: Heard | None) -> Understood:
    """Say what the turn made of the messages, for the desk and the rollout."""
    if heard is None:
        return Understood(
            language=turn.state.language or "en",
            mood=turn.state.mood,
            issues=(),
            opted_out=turn.state.opted_out,
        )
    found = heard.understanding
    return Understood(
        language=found.language.code,
        mood=found.mood,
        issues=tuple(IssueSeen(topic=i.topic, text=i.text[:WISH_TEXT]) for i in found.issues),
        deadline=found.deadline.isoformat() if found.deadline else None,
        opted_out=found.opts_out,
    )


# --- before anything else


def _always(turn: Turn, heard: Heard, understood: Understood, memory: Memory) -> Decision | None:
    """What works whatever else is said: opt-out, a person, and what only people may answer."""
    found, language = heard.understanding, understood.language
    if found.opts_out:
        return _ended(turn, understood, Memory(), say(language, "opted_out"), None)
    topics = [issue.topic for issue in found.issues]
    if found.wants_human:
        topics.insert(0, "human_request")
    for topic in topics:
        if topic in HANDOFF_TOPICS:
            handoff = Handoff(reason=topic, note=_wish_note(heard))
            words = say(language, HANDOFF_TOPICS[topic])
            return _ended(turn, understood, merged(memory, heard), words, handoff)
    served = any(topic in PROCEDURES for topic in topics) or _continues(heard, memory)
    if found.mood == "angry" and not served:
        handoff = Handoff(reason="angry", note=_wish_note(heard))
        words = say(language, "handoff_angry")
        return _ended(turn, understood, merged(memory, heard), words, handoff)
    if turn.surface is Surface.PUBLIC and served:
        return _ended(turn, understood, memory, say(language, "public_invite"), None)
    return None


def _continues(heard: Heard, memory: Memory) -> bool:
    found = heard.understanding
    told = bool(found.order_ids or found.emails or found.postcodes)
    return told and any(wish.status is WishStatus.OPEN for wish in memory.wishes)


def _language(turn: Turn, understood: Understood, memory: Memory) -> Decision:
    """Nobody here speaks it: the desk may."""
    handoff = Handoff(reason="language", note=f"The customer writes in “{understood.language}”.")
    words = say("en", "acknowledged")
    return _ended(turn, replace(understood, language="en"), memory, words, handoff)


def _ended(
    turn: Turn, understood: Understood, memory: Memory, words: str, handoff: Handoff | None
) -> Decision:
    return Decision(
        understood=understood,
        words=words,
        handoff=handoff,
        memory=memory.model_dump_json(),
        summary=turn.state.summary,
    )


# --- memory


def merged(memory: Memory, heard: Heard) -> Memory:
    """Take what was heard into the notes."""
    found = heard.understanding
    topics = set() if _only_identifies(heard, memory) else {i.topic for i in found.issues}
    absorbed = {part for topic in topics for part in ABSORBS.get(topic, frozenset())}
    chosen = _choice(memory, topics)
    wishes = [_absorbed(wish, topics | chosen) for wish in memory.wishes]
    for issue in found.issues:
        wanted = issue.topic in PROCEDURES and issue.topic in topics - absorbed
        if wanted and not any(_same(wish, issue.topic) for wish in wishes):
            wishes.append(Wish(topic=issue.topic, text=heard.text[:WISH_TEXT]))
    for topic in chosen - topics:
        wishes.append(Wish(topic=topic, text=heard.text[:WISH_TEXT]))
    wishes = [
        wish.model_copy(update={"text": f"{wish.text} {heard.text}"[-WISH_TEXT:]})
        if memory.question == "which" and wish.status is WishStatus.OPEN
        else wish
        for wish in wishes
    ]
    asked_postcode = any("postcode" in thing for thing in memory.asked) or bool(found.order_ids)
    return memory.model_copy(
        update={
            "wishes": tuple(wishes)[-WISHES_KEPT:],
            "order_id": found.order_ids[-1] if found.order_ids else memory.order_id,
            "email": found.emails[-1] if found.emails else memory.email,
            "postcode": found.postcodes[-1]
            if found.postcodes and asked_postcode
            else memory.postcode,
            "amount": str(found.amounts[0]) if found.amounts else memory.amount,
            "deadline": found.deadline.isoformat() if found.deadline else memory.deadline,
            "deadline_strict": found.deadline_strict if found.deadline else memory.deadline_strict,
        }
    )


def _only_identifies(heard: Heard, memory: Memory) -> bool:
    """Tell "it's A-10293, ana@example.com" from a new wish: it answers what we asked for."""
    found = heard.understanding
    given = (*found.order_ids, *found.emails, *found.postcodes)
    if not memory.asked or not given:
        return False
    rest = heard.text.lower()
    for each in given:
        rest = rest.replace(each.lower(), " ")
    return len(_WORD.findall(rest)) <= IDENTIFYING_WORDS


def _same(wish: Wish, topic: str) -> bool:
    """An open wish said again is the same wish, in whatever words."""
    covered = topic in ABSORBS.get(wish.topic, frozenset())
    return wish.status is not WishStatus.CLOSED and (wish.topic == topic or covered)


def _absorbed(wish: Wish, topics: set[str]) -> Wish:
    """Let a later message make an open wish part of a fuller one ("send me a new one then")."""
    if wish.status is not WishStatus.OPEN or wish.topic in topics:
        return wish
    fuller = [topic for topic in topics if wish.topic in ABSORBS.get(topic, frozenset())]
    return wish.model_copy(update={"status": WishStatus.CLOSED}) if fuller else wish


def _choice(memory: Memory, topics: set[str]) -> set[str]:
    """Read the answer to "a replacement or your money back?"."""
    if memory.question != "choose":
        return set()
    return topics & {"replacement_request", "refund_request"}


# --- steps


def _news(turn: Turn, outcomes: Sequence[Outcome], memory: Memory, reply: _Reply) -> Memory:
    """Tell what became of calls of earlier turns."""
    late = [one for one in outcomes[: len(turn.outcomes)] if isinstance(one, Settled)]
    for outcome in late:
        waiting = [w for w in memory.wishes if w.status is WishStatus.WAITING]
        wish = next((w for w in waiting if _fits(w, outcome)), Wish(topic="refund_request"))
        step = tell(outcome, wish)
        reply.lines += step.lines
        reply.handoff = reply.handoff or step.handoff
        memory = _put(memory, wish, step)
    return memory


def _fits(wish: Wish, outcome: Settled) -> bool:
    replacing = wish.topic == "replacement_request"
    if replacing != (outcome.call.action == "replacement"):
        return False
    return not replacing or wish.line_id in {None, outcome.call.args.get("line_id")}


def _steps(
    turn: Turn,
    heard: Heard | None,
    outcomes: Sequence[Outcome],
    memory: Memory,
    reply: _Reply,
    *,
    today: date,
) -> Memory:
    """Let each open wish take its next step."""
    book = Book(outcomes[len(turn.outcomes) :])
    topics = {issue.topic for issue in heard.understanding.issues} if heard else set()
    agreed = _agreed(memory, topics)
    reasons = tuple(sorted(topics)) + tuple(wish.topic for wish in memory.wishes)
    proved = frozenset(proof.order_id for proof in turn.state.proofs)
    question = None
    for wish in memory.wishes:
        if wish.status is not WishStatus.OPEN or heard is None:
            continue
        known = Known(
            wish=wish,
            memory=memory,
            book=book,
            proved=proved,
            today=today,
            reasons=reasons,
            agreed=agreed,
        )
        step = PROCEDURES[wish.topic](known)
        reply.calls += [call for call in step.calls if call.action in turn.offered]
        reply.handoff = reply.handoff or step.handoff
        reply.lines += step.lines
        reply.facts += step.facts
        reply.needs += [need for need in step.needs if need not in reply.needs]
        reply.mismatch = reply.mismatch or step.mismatch
        question = question or step.question
        unable = bool(step.calls) and not any(c.action in turn.offered for c in step.calls)
        if unable:
            reply.handoff = Handoff(reason="not_offered", note=f"{wish.topic}: not offered here")
            reply.lines.append(line("handoff_topic"))
            step = replace(step, status=WishStatus.CLOSED)
        memory = _put(memory, wish, step)
    return memory.model_copy(update={"question": question}) if heard is not None else memory


def _agreed(memory: Memory, topics: set[str]) -> bool | None:
    if memory.question != "late":
        return None
    if "confirmation_yes" in topics:
        return True
    return False if "confirmation_no" in topics else None


def _put(memory: Memory, wish: Wish, step: Step) -> Memory:
    update: dict[str, object] = {"status": step.status}
    if step.item is not None:
        update |= {"item": step.item, "line_id": step.line_id, "order_id": memory.order_id}
    done = wish.model_copy(update=update)
    wishes = tuple(done if one is wish else one for one in memory.wishes)
    return memory.model_copy(update={"wishes": wishes})


def _asked(heard: Heard | None, memory: Memory, reply: _Reply) -> Memory:
    """Ask for all that is missing, once and together; asked in vain, pass it on."""
    if reply.mismatch:
        return _mismatched(memory, reply)
    if not reply.needs:
        return memory.model_copy(update={"asked": ()})
    needs = _least(reply.needs)
    again = [need for need in needs if need in memory.asked]
    if again and heard is not None:
        if memory.unclear >= UNCLEAR_MAX:
            reply.handoff = reply.handoff or Handoff(
                reason="missing", note="The customer could not give: " + ", ".join(again)
            )
            reply.lines.append(line("handoff_missing"))
            return memory.model_copy(update={"asked": (), "unclear": 0})
        reply.lines.append(line("ask_again", things="@" + ",".join(needs)))
        return memory.model_copy(update={"asked": needs, "unclear": memory.unclear + 1})
    reply.lines.append(line("ask", things="@" + ",".join(needs)))
    return memory.model_copy(update={"asked": needs})


def _least(needs: Sequence[str]) -> tuple[str, ...]:
    """Where one wish needs the e-mail, the other is served by it too."""
    if "email" in needs:
        return tuple(need for need in needs if need != "email_or_postcode")
    return tuple(needs)


def _mismatched(memory: Memory, reply: _Reply) -> Memory:
    count = memory.mismatches + 1
    if count >= MISMATCHES_MAX:
        reply.lines.append(line("not_proved_again"))
        reply.handoff = Handoff(
            reason="not_proved", note="Order number and proof did not fit, repeatedly."
        )
    else:
        reply.lines.append(line("not_proved"))
    return memory.model_copy(
        update={
            "mismatches": count,
            "email": None,
            "postcode": None,
            "order_id": None,
            "asked": ("order_id", "email"),
        }
    )


def _else(heard: Heard, memory: Memory, reply: _Reply) -> Memory:
    """Nothing to do: answer from articles, be polite, or find out what was meant."""
    found = heard.understanding
    topics = [issue.topic for issue in found.issues]
    answered = [heard.answers[topic] for topic in (*topics, "") if topic in heard.answers]
    if answered:
        for article in {one.article.id: one.article for one in answered}.values():
            reply.lines.append(line("=" + article.answer))
            reply.citations.append(article.id)
        return memory.model_copy(update={"unclear": 0})
    if set(topics) & SILENT:
        return memory
    for topic in SMALL_TALK:
        if topic in topics and len(topics) == 1:
            reply.lines.append(line(topic))
            return memory.model_copy(update={"unclear": 0})
    asks = [topic for topic in topics if topic not in _NO_QUESTION]
    if asks:
        reply.lines.append(line("no_answer"))
        reply.handoff = Handoff(reason="no_answer", note=_wish_note(heard))
        return memory
    if "out_of_scope" in topics:
        reply.lines.append(line("out_of_scope"))
        return memory
    if heard.media_only and memory.wishes:
        return memory
    if memory.unclear >= UNCLEAR_MAX:
        reply.lines.append(line("no_answer"))
        reply.handoff = Handoff(reason="not_understood", note=_wish_note(heard))
        return memory.model_copy(update={"unclear": 0})
    reply.lines.append(line("media_only" if heard.media_only else "clarify"))
    return memory.model_copy(update={"unclear": memory.unclear + 1})


_NO_QUESTION = frozenset(
    {*SMALL_TALK, "out_of_scope", "confirmation_yes", "confirmation_no", "opt_out"}
)


def _wish_note(heard: Heard) -> str:
    topics = ", ".join(dict.fromkeys(i.topic for i in heard.understanding.issues)) or "unclear"
    return f"Wants: {topics}"


def _summary(memory: Memory, reply: _Reply) -> str:
    wishes = [f"{wish.topic} ({wish.status})" for wish in memory.wishes]
    about = f"Order {memory.order_id}. " if memory.order_id else ""
    by = f"Needed by {memory.deadline}. " if memory.deadline else ""
    told = f"{len(reply.facts)} facts looked up." if reply.facts else ""
    return f"{about}{by}Wishes: {', '.join(wishes) or 'none'}. {told}".strip()


def _each_once(calls: Sequence[Call]) -> tuple[Call, ...]:
    seen: list[Call] = []
    for call in calls:
        if call not in seen:
            seen.append(call)
    return tuple(seen)


# --- words


def compose(language: str, lines: Sequence[Line], *, brand: str) -> str | None:
    """Make one reply of sentences, each said once; None: there is nothing to say."""
    texts = [_sentence(language, one, brand=brand) for one in lines]
    return "\n\n".join(dict.fromkeys(text for text in texts if text)) or None


def _sentence(language: str, one: Line, *, brand: str) -> str:
    if one.key.startswith("="):
        return one.key[1:].strip()
    values = {name: _resolved(language, value) for name, value in one.values.items()}
    return say(language, one.key, **{"brand": brand, **values})


def _resolved(language: str, value: object):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Look up values that are words themselves: ``@status_shipped``, ``@order_id,email``."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    name = value[1:]
    if name.startswith("status_"):
        known = has(language, name)
        return say(language, name) if known else say(language, "status_other", status=name[7:])
    if name.startswith("what_"):
        return say(language, name)
    return say(language, "and").join(say(language, f"thing_{need}") for need in name.split(","))
