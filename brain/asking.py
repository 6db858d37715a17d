"""A reply in the making, and asking the customer for what is missing: once and together; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.action import Call
from brain.book import Settled
from brain.composing import Block
from brain.decision import Handoff, Turn, Understood
from brain.following import nods
from brain.lacking import looks_for_it
from brain.listening import Heard, Notes
from brain.masking import in_part
from brain.memory import DOUBTS_KEPT, Memory, WishStatus
from brain.steps import Line, article, line
from brain.told_before import said_just_now
from brain.wordbook import say_anywhere
from conversation.events import Fact

MISMATCHES_MAX = 2
"""Wrong proofs until a colleague takes over; guessing must not pay."""
SEVERAL = 2
HELPFUL = frozenset({"ask_again", "ask_rest"})
"""Sentences that say where to find it."""
MISSING = "missing"
"""Why a colleague goes on where the customer could not tell what was asked for."""
NOT_PROVED = "not_proved"
"""Why a colleague goes on where what the customer told fits no order."""
POLITE = frozenset({"thanks", "praise"})
"""What is no failed answer to a question of ours."""


@dataclass(slots=True)
class Reply:
    """A reply in the making."""

    blocks: list[tuple[int, Block]] = field(default_factory=list)
    """Paragraphs with their place in what the customer asked."""
    questions: list[tuple[int, Block]] = field(default_factory=list)
    """The same for questions of ours: colleagues ask their own."""
    calls: list[Call] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)
    told: list[Settled] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    handoff: Handoff | None = None
    invites: bool = False
    """The customer is asked to go on in private."""
    asks: bool = False
    """A question about a wish is asked already; one at a time."""
    confirms: bool = False
    """The customer will be asked for a yes."""

    def say(self, *lines: Line, at: int = 99, question: bool = False) -> None:
        """Add a paragraph; a question only counts while nobody else goes on."""
        if lines:
            (self.questions if question else self.blocks).append((at, lines))

    def pass_on(self, handoff: Handoff | None) -> None:
        """Hand the conversation over; the first reason stays."""
        self.handoff = self.handoff or handoff


def asked(turn: Turn, heard: Heard, notes: Notes, memory: Memory, reply: Reply) -> Memory:
    """Ask for all that is missing, once and together; asked in vain, pass it on.

    Who gave something else, or a part, is asked once more, in words that help; who asked for
    something else in between, and got it, or only took note, is left to come back to it.

    Args:
        turn: The conversation.
        heard: What came.
        notes: What it added.
        memory: The notes.
        reply: The reply so far.
    """
    if reply.handoff is None:
        reply.blocks += reply.questions
    if reply.doubted:
        return mismatched(notes, memory, reply)
    needs = least(reply.needs)
    if reply.handoff is not None and reply.handoff.reason != MISSING and (needs or reply.questions):
        reply.say(line("handoff_rest"), at=101)
    if not needs or reply.handoff is not None:
        return memory.model_copy(update={"asked": (), "worded": ()})
    if notes.without & set(needs):
        missing_for_good(needs, memory, reply)
        return memory
    nothing_new = bool(memory.asked) and not notes.progress and set(needs) <= set(memory.asked)
    if nothing_new and _left_in_peace(turn, heard, notes, reply):
        return memory
    if nothing_new and notes.falling:
        reply.say(line("handoff_mood"), at=100)
        vain = f"Asked in vain for: {_listed(needs)}"
        reply.pass_on(Handoff(reason="mood", note=_unfit(needs, memory) or vain))
        return memory
    key, worded = _sentence(notes, memory, needs)
    if key is None:
        missing_for_good(needs, memory, reply)
        return memory
    thing = "where" if key in HELPFUL else "thing"
    asks = line(key, things=tuple(line(f"{thing}_{need}") for need in needs))
    first = not memory.asked and not reply.blocks and _in_trouble(memory)
    reply.say(*((line("sorry"),) if first else ()), asks, at=100)
    return memory.model_copy(update={"asked": needs, "worded": worded})


def _left_in_peace(turn: Turn, heard: Heard, notes: Notes, reply: Reply) -> bool:
    """Leave who asks for something else, takes note or goes to look to come back to it."""
    if notes.aside or nods(heard.text) or (notes.topics and not set(notes.topics) - POLITE):
        return True
    looks = looks_for_it(heard.text)
    if looks and not said_just_now(turn.state, "no_hurry"):
        reply.say(line("no_hurry"), at=100)
    return looks


def _sentence(
    notes: Notes, memory: Memory, needs: Sequence[str]
) -> tuple[str | None, tuple[str, ...]]:
    """Choose a sentence that was not said yet; None: each was, and a colleague takes over."""
    if not memory.asked:
        return "ask", ("ask",)
    if len(needs) < len(memory.asked):
        return "ask_rest", ("ask_rest", "ask_again")
    keys = ("ask_also", "ask_again") if notes.progress else ("ask_again",)
    key = next((key for key in keys if key not in memory.worded), None)
    return key, (*memory.worded, *((key,) if key else ()))


def _in_trouble(memory: Memory) -> bool:
    return any(
        wish.status is WishStatus.OPEN and (wish.reason or wish.topic == "duplicate_charge")
        for wish in memory.wishes
    )


def missing_for_good(needs: Sequence[str], memory: Memory, reply: Reply) -> None:
    """Let a colleague find out what the customer cannot tell, or told and did not fit."""
    reply.say(line("handoff_missing"), at=100)
    if unfit := _unfit(needs, memory):
        reply.pass_on(Handoff(reason=NOT_PROVED, note=unfit))
        return
    note = f"The customer could not give: {_listed(needs)}"
    reply.pass_on(Handoff(reason=MISSING, note=note))


def _listed(needs: Sequence[str]) -> str:
    return ", ".join(need.replace("_", " ") for need in needs)


def _unfit(needs: Sequence[str], memory: Memory) -> str:
    """Say for colleagues, masked, what was given and did not fit; nothing where nothing was."""
    if not memory.doubted or not {"order_id", "email"} <= set(needs):
        return ""
    written = {order.casefold(): order for order in memory.orders}
    tried = []
    for pair in memory.doubted:
        order, _, proof = pair.partition("|")
        email, _, postcode = proof.rpartition("|")
        shown = in_part(email) or (postcode and "a postcode")
        tried.append(written.get(order, order) + (f" with {shown}" if shown else ""))
    return f"What the customer gave fits no order: {'; '.join(tried)}"


def least(needs: Sequence[str]) -> tuple[str, ...]:
    """Where one wish needs the e-mail, the other is served by it too."""
    ordered = [need for need in ("order_id", "email", "email_or_postcode") if need in needs]
    if "email" in ordered:
        return tuple(need for need in ordered if need != "email_or_postcode")
    return tuple(ordered)


def mismatched(notes: Notes, memory: Memory, reply: Reply) -> Memory:
    """Say, carefully, that order and proof do not fit; the second time, pass it on."""
    doubted = tuple(dict.fromkeys(reply.doubted))
    count = memory.mismatches + len(doubted)
    kept = tuple(dict.fromkeys((*memory.doubted, *doubted)))[-DOUBTS_KEPT:]
    memory = memory.model_copy(update={"mismatches": min(count, 99), "doubted": kept})
    if count >= MISMATCHES_MAX:
        # Who named several at once has not been told before that they do not fit.
        again = count > len(doubted)
        reply.say(line("not_proved_again" if again else "not_proved_several"), at=100)
        note = "Order number and proof did not fit, repeatedly."
        reply.pass_on(Handoff(reason=NOT_PROVED, note=note))
        return memory
    # A proof given for another order was worth a try; it was no answer of the customer's.
    tried = line("ask", things=(line("thing_email"),))
    about = tuple(line("about_order", order=each) for each in _doubted_orders(memory, doubted))
    reply.say(line("not_proved") if notes.proof else tried, *about, at=100)
    return memory.model_copy(update={"asked": ("order_id", "email"), "worded": ("ask",)})


def _doubted_orders(memory: Memory, doubted: Sequence[str]) -> tuple[str, ...]:
    """Name the order a proof does not fit, where the customer has named several."""
    if len(memory.orders) < SEVERAL:
        return ()
    named = {pair.partition("|")[0] for pair in doubted}
    return tuple(order for order in memory.orders if order.casefold() in named)


def own_up(heard: Heard, understood: Understood, reply: Reply, *, brand: str) -> None:
    """Answer who asks whether a person answers: truthfully, and first."""
    if heard.understanding.doubts is None:
        return
    language = heard.understanding.doubts or understood.language
    reply.blocks.append((-3, (article(say_anywhere(language, "automated", brand=brand)),)))
