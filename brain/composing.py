"""One reply out of many sentences, and one summary for colleagues out of many wishes; pure."""

from collections.abc import Sequence

from brain.memory import Memory, Wish, WishStatus
from brain.steps import Line
from brain.wordbook import Speech, Value, say

Block = tuple[Line, ...]
"""What is said about one wish: sentences of one paragraph."""

_TITLES = {
    "duplicate_charge": "Charged twice",
    "refund_request": "Wants the money back",
    "refund_status": "Asks about a refund",
    "replacement_request": "Wants a replacement",
    "order_status": "Asks where the order is",
    "delivery_late": "Delivery is late",
    "not_received": "Nothing has arrived",
    "damaged_item": "Damaged goods",
    "wrong_item": "Wrong goods",
    "missing_item": "Something is missing",
    "defective_item": "Defective goods",
}
_THINGS = {
    "order_id": "the order number",
    "email": "the e-mail address",
    "email_or_postcode": "the e-mail address or postcode",
}
_STANDS = {
    WishStatus.OPEN: "open",
    WishStatus.WAITING: "waits for sign-off",
    WishStatus.PASSED: "with colleagues",
    WishStatus.CLOSED: "settled",
}
SUMMARY_WISHES = 6
"""Wishes that a summary names, the latest."""


Speaker = tuple[Speech, str]
"""How a brand speaks, and its name."""


def composed(speaker: Speaker, language: str, blocks: Sequence[Block]) -> str | None:
    """Make one reply as the brand speaks to a customer of that language."""
    speech, brand = speaker
    spoken = speech.language(language)
    return compose(spoken, blocks, brand=brand, form=speech.form(language))


def compose(language: str, blocks: Sequence[Block], *, brand: str, form: str = "") -> str | None:
    """Make one reply, each sentence said once; None: there is nothing to say."""
    said: set[str] = set()
    paragraphs = []
    for block in blocks:
        sentences = []
        for one in block:
            text = sentence(language, one, brand=brand, form=form)
            if text and text not in said:
                said.add(text)
                sentences.append(text)
        if sentences:
            paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs) or None


def sentence(language: str, one: Line, *, brand: str, form: str = "") -> str:
    """Put one line into words."""
    if one.verbatim is not None:
        return one.verbatim
    values: dict[str, Value] = {"brand": brand}
    for name, value in one.values.items():
        if isinstance(value, Line):
            values[name] = sentence(language, value, brand=brand, form=form)
        elif isinstance(value, tuple):
            values[name] = say(language, "and").join(
                sentence(language, each, brand=brand, form=form) for each in value
            )
        else:
            values[name] = value
    return say(language, one.key, form=form, **values)


def title(topic: str) -> str:
    """Name a topic for a colleague."""
    return _TITLES.get(topic, topic.replace("_", " ").capitalize())


def summarised(memory: Memory) -> str:
    """Tell a colleague in sentences what was wanted and what became of it."""
    told = [_told(wish, memory) for wish in memory.wishes if wish.result != _TAKEN_UP]
    if not told:
        return ""
    by = f" Needed by {memory.deadline}." if memory.deadline else ""
    waits = _waits(memory)
    return " ".join(told[-SUMMARY_WISHES:]) + by + (f" Waits for: {waits}." if waits else "")


_TAKEN_UP = "taken up in full"


def _told(wish: Wish, memory: Memory) -> str:
    what = title(wish.reason or wish.topic)
    goods = f" ({wish.item})" if wish.item else ""
    order = wish.order_id or (memory.order_id if wish.status is WishStatus.OPEN else None)
    about = f" for {order}" if order else ""
    return f"{what}{goods}{about}: {wish.result or _STANDS[wish.status]}."


def _waits(memory: Memory) -> str:
    waits = [_THINGS.get(thing, thing) for thing in memory.asked]
    if any(w.status is WishStatus.OPEN and w.question is not None for w in memory.wishes):
        waits.append("the customer's answer")
    if any(wish.status is WishStatus.WAITING for wish in memory.wishes):
        waits.append("a sign-off")
    return ", ".join(dict.fromkeys(waits))
