"""What few words mean after what was said last: a yes to an offer, "when?", "any news?"; pure.

Triage reads each message by itself. Here it is held against the notes of the conversation, before
anybody plans or picks the stage, so that a yes to "do you want it refunded?" is a wish for money
with all its limits, and "has it been refunded?" is none.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from brain.always import folded, opts_out
from brain.answers import answer_in, corrects, means_instead, means_the_other, means_too
from brain.issues import Issue
from brain.lacking import lacks
from brain.listening import PLAIN_WISH, Heard
from brain.looked_up import OVER
from brain.memory import Asks, Memory, Question, Wish, WishStatus
from brain.procedures import LOOKS, PROCEDURES, WAYS_OUT
from brain.shipped import shipped_words, table

CHOICE_WORDS = 6
"""More words than that are no mere answer to "a new one or the money?"."""
FOLLOWING_WORDS = 12
"""More words than that say what they are about."""
_ASKS = (Asks.SOONER, Asks.WHEN, Asks.NEWS, Asks.WHY, Asks.SAME)
_STATUS_OF: Mapping[str, str] = {
    "order_status": "order_status", "delivery_late": "order_status", "not_received": "order_status",
    "refund_status": "refund_status", "refund_request": "refund_status",
    "duplicate_charge": "refund_status",
}  # fmt: skip
"""What asking after a wish comes to, once it is settled."""
_MISTAKEN = frozenset({"refund_request", "order_status", "delivery_late", "not_received"})
"""What "has my refund arrived?" is taken for."""
_LATER = WAYS_OUT | {"refund_status"}
_CHANGES = frozenset({"refund_request", "duplicate_charge", "replacement_request"})


def in_context(memory: Memory, heard: Heard, *, language: str | None = None) -> Heard:
    """Read a message as what it means in its conversation.

    Args:
        memory: The notes before it.
        heard: The message by itself.
        language: What the conversation is in: few words of another one that nobody here speaks are
            taken for that ("quando?" is no Portuguese in the middle of Italian).
    """
    read = _in_context(memory, _not_yet(_asked_after_money(heard)))
    found = read.understanding
    if language is None or found.language.supported or not (read.asks or read.declines):
        return read
    kept = replace(found.language, code=language, supported=True)
    return replace(read, understanding=replace(found, language=kept))


def _in_context(memory: Memory, heard: Heard) -> Heard:
    if memory.offered is not None and not heard.given:
        answer = answer_in(heard.text)
        if answer and not _wishes_in(heard):
            return _about(heard, memory.offered)
        if answer is False and not _wishes_in(heard) and "?" not in heard.text:
            return replace(_about(heard, None), declines=True)
    heard = _chosen(memory, _no_silence(memory, heard))
    asks = asks_after(heard.text)
    if asks is Asks.SAME and not heard.given:
        heard = _about(heard, None)  # "Once more" sounds like a wish for one more.
    if asks is None or heard.given or _waits_for_them(memory):
        return heard
    wish = _talked_about(memory, asks)
    if wish is None:
        return heard
    settled = wish.status is WishStatus.CLOSED
    if asks is Asks.WHY or (settled and wish.topic == "replacement_request"):
        return replace(_about(heard, None), asks=asks, about=wish)
    topic = _STATUS_OF[wish.topic] if settled else wish.topic
    heard = replace(_about(heard, topic), asks=asks, about=wish)
    if wish.order_id is None or wish.order_id == memory.order_id:
        return heard
    found = replace(heard.understanding, order_ids=(wish.order_id,))
    return replace(heard, understanding=found)


def asks_after(text: str) -> Asks | None:
    """Say what a message asks of something that it does not name."""
    shown = folded(text)
    if not 0 < len(shown.split()) <= FOLLOWING_WORDS:
        return None
    for asks in _ASKS:
        rest, found = _phrases()[asks].subn(" ", shown, count=1)
        words = _WORD.findall(rest)
        around = _phrases()["courtesy" if asks is Asks.SAME else "rest"]
        if found and all(around.fullmatch(word) for word in words):
            return asks
    return None


def wants_no_more(text: str) -> bool:
    """Say whether a no is that of somebody who is content: "no, thanks"."""
    return _phrases()["content"].search(folded(text)) is not None


def nods(text: str) -> bool:
    """Say whether a message only takes note: it asks for nothing, and needs no answer."""
    return _phrases()["nods"].fullmatch(folded(text).strip(" .!,")) is not None


def asks_something(text: str, language: str) -> bool:
    """Say whether somebody wants to know or to have something, whatever it is."""
    asking = _phrases().get(f"asks_{language}")
    return "?" in text or asking is None or asking.search(folded(text)) is not None


def asks_aside(heard: Heard, topics: Collection[str]) -> bool:
    """Say whether all that is asked is answered from articles, and is none of the wishes."""
    return (
        bool(topics) and not set(topics) & PROCEDURES.keys() and set(topics) <= set(heard.answers)
    )


def remarks(text: str, language: str) -> bool:
    """Say whether a message only takes note and goes on to talk ("ok great, see you then")."""
    shown = folded(text)
    nod = _phrases()["nods"].match(shown)
    whole = nod is not None and (nod.end() == len(shown) or shown[nod.end() - 1] in " ,.!")
    return whole and not asks_something(text, language)


def done_wrongly(memory: Memory, heard: Heard) -> Wish | None:
    """Name the change that a correction comes too late for; None: there is no such."""
    last = next((wish for wish in reversed(memory.wishes) if wish.topic in PROCEDURES), None)
    if last is None or last.topic not in _CHANGES:
        return None
    other = means_instead(heard.text) and _ways_named(heard) - {last.topic}
    instead = other and last.status is WishStatus.CLOSED
    if not (corrects(heard.text) or instead or _not_that_order(heard)):
        return None
    return last if last.status in {WishStatus.CLOSED, WishStatus.WAITING} and last.result else None


def _ways_named(heard: Heard) -> set[str]:
    """Name the ways out that few words speak of, whether or not they are understood as a wish."""
    shown = folded(heard.text)
    ways = {"money": "refund_request", "new": "replacement_request"}
    few = len(shown.split()) <= CHOICE_WORDS
    said = {topic for way, topic in ways.items() if few and _phrases()[way].search(shown)}
    return said | set(heard.topics) & WAYS_OUT


def _not_that_order(heard: Heard) -> bool:
    """Tell "no, the other one" from "and the other one too", which is a wish."""
    wishes = _wishes_in(heard) or heard.given or means_too(heard.text)
    return not wishes and answer_in(heard.text) is False and means_the_other(heard.text)


def _about(heard: Heard, topic: str | None) -> Heard:
    found = heard.understanding
    text = heard.text
    issues = () if topic is None else (
        Issue(start=0, end=len(text), topic=topic, p=1.0, strength=1.0, text=text),
    )  # fmt: skip
    answers = {} if topic is None else {t: a for t, a in heard.answers.items() if t == topic}
    found = replace(found, issues=issues, out_of_scope=False)
    return replace(heard, understanding=found, answers=answers)


def _wishes_in(heard: Heard) -> bool:
    return any(topic in PROCEDURES for topic in heard.topics)


def _asked_after_money(heard: Heard) -> Heard:
    """Take "have you refunded it?" for the question it is: no money is to move for it."""
    found = heard.understanding
    if not _wishes_in(heard) and len(heard.text.split()) <= FOLLOWING_WORDS:
        asked = _asks_whether_refunded(heard.text)
        return _about(heard, "refund_status") if asked else heard
    issues = tuple(
        replace(issue, topic="refund_status", p=max(issue.p, PLAIN_WISH))
        if issue.topic in {*_MISTAKEN, "refund_status"} and _asks_whether_refunded(issue.text)
        else issue
        for issue in found.issues
    )
    return replace(heard, understanding=replace(found, issues=issues))


def _not_yet(heard: Heard) -> Heard:
    """Leave what is wanted in case something does not happen until it did not happen."""
    if not set(heard.topics) & _LATER:
        return heard
    if not _phrases()["unless"].search(folded(heard.text)):
        return heard
    found = heard.understanding
    kept = tuple(issue for issue in found.issues if issue.topic not in _LATER)
    if not kept:
        kept = tuple(replace(issue, topic="delivery_late") for issue in found.issues[:1])
    return replace(heard, understanding=replace(found, issues=kept), later=True)


def _no_silence(memory: Memory, heard: Heard) -> Heard:
    """Take "no e-mail", where we asked for one, for no wish that we be silent."""
    found = heard.understanding
    if not (memory.asked and found.opts_out and lacks(heard.text)) or opts_out(heard.text):
        return heard
    kept = tuple(issue for issue in found.issues if issue.topic != "opt_out")
    return replace(heard, understanding=replace(found, issues=kept, opts_out=False))


def _chosen(memory: Memory, heard: Heard) -> Heard:
    """Read "money" or "a new one" as the answer where we asked which of the two it shall be."""
    asked = any(
        wish.status is WishStatus.OPEN and wish.question is Question.CHOOSE
        for wish in memory.wishes
    )
    shown = folded(heard.text)
    few = len(shown.split()) <= CHOICE_WORDS and "?" not in shown
    if not (asked and few) or set(heard.topics) & WAYS_OUT or heard.understanding.wants_human:
        return heard
    money, new = (_phrases()[way].search(shown) is not None for way in ("money", "new"))
    if money == new:
        return heard
    return _about(heard, "refund_request" if money else "replacement_request")


def _asks_whether_refunded(text: str) -> bool:
    shown, phrases = folded(text), _phrases()
    return bool(phrases["refunded"].search(shown)) and not phrases["wanted"].search(shown)


def _waits_for_them(memory: Memory) -> bool:
    """Say whether we wait for the customer: then a question is no question after something."""
    open_ones = any(wish.status is WishStatus.OPEN for wish in memory.wishes)
    return bool(memory.asked) or open_ones


def _talked_about(memory: Memory, asks: Asks) -> Wish | None:
    """Choose the wish that is asked after: what waits before what is settled, the latest first."""
    wishes = [wish for wish in reversed(memory.wishes) if wish.topic in PROCEDURES]
    wishes = [w for w in wishes if w.topic in _STATUS_OF or w.topic == "replacement_request"]
    waiting = [wish for wish in wishes if wish.status is WishStatus.WAITING]
    latest = [wish for wish in wishes[:1] if wish.status in {WishStatus.CLOSED, WishStatus.WAITING}]
    coming = [w for w in wishes if w.topic in LOOKS and not w.result.endswith(tuple(OVER))]
    if asks is Asks.WHEN and latest and latest[0].topic in LOOKS and coming:
        latest = coming  # "When exactly?" is not about the parcel that is there.
    chosen = waiting if asks is Asks.NEWS and waiting else latest
    return next(iter(chosen), None)


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@table
def _phrases() -> Mapping[str, re.Pattern[str]]:
    loaded: dict[str, str] = shipped_words("following")
    either = {name: "|".join(str(block).splitlines()) for name, block in loaded.items()}
    return {
        name: re.compile(rf"(?<!\w)(?:{phrases})(?!\w)" if name in _ASKS else phrases)
        for name, phrases in either.items()
    }
