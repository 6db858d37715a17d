"""What a turn's messages add to the notes: new wishes, answers, order numbers, proofs; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from brain.answers import answer_in, corrects, means_the_other, means_too
from brain.issues import Issue
from brain.knowledge.search import Found
from brain.lacking import asks_where, lacks, lacks_by_name, names_asked
from brain.memory import WISH_TEXT, WISHES_KEPT, Asks, Memory, Question, Wish, WishStatus
from brain.naming import ORDERS_MAX, apart, named
from brain.procedures import ABSORBS, DAMAGE, LOOKS, PROCEDURES, WAYS_OUT
from brain.told_before import PROOF_MAX, asked_again, paired
from brain.triage import Understanding

IDENTIFYING_WORDS = 7
"""Words around an order number or a proof that still say nothing but these."""
PLAIN_WISH = 0.9
"""From here on even so few words are believed to be a wish ("where is A-10611?")."""
FIRST_WISH = 0.6
"""The same where nothing was wanted before: a number and a proof have to be about something."""
MEANT = 0.7
"""Or so likely meant: what two topics share is short of `FIRST_WISH`, and a wish nevertheless."""
CORRECTED = 0.5
"""How surely "I meant …" is a wish of its own, or it tells but the order that was meant."""
ORDERS_KEPT = 4

_WORD = re.compile(r"[^\W\d_]{2,}")
_ANSWERS = frozenset({"confirmation_yes", "confirmation_no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A turn's messages as understood, with what knowledge has to say about each issue."""

    text: str
    understanding: Understanding
    answers: Mapping[str, Found]
    """The best article above the floor, by topic; ``""`` for the message as a whole."""
    media_only: bool = False
    asks: Asks | None = None
    """What is asked of something that was talked about already, without naming it."""
    about: Wish | None = None
    """The wish that is asked after."""
    declines: bool = False
    """A no to what we offered."""
    later: bool = False
    """Something is wanted only in case that something else does not happen."""

    def without(self, topics: frozenset[str]) -> "Heard":
        """Give the same without the wishes that the customer names only to take them back."""
        if not topics:
            return self
        found = tuple(one for one in self.understanding.issues if one.topic not in topics)
        return replace(self, understanding=replace(self.understanding, issues=found))

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wanted; labels that are only said around a wish (``_…``) are none."""
        found = self.understanding.issues
        return tuple(issue for issue in found if not issue.topic.startswith("_"))

    @property
    def topics(self) -> tuple[str, ...]:
        """Their topics, each once, in the order they are said."""
        return tuple(dict.fromkeys(issue.topic for issue in self.issues))

    @property
    def given(self) -> tuple[str, ...]:
        """Order numbers and proofs in it."""
        found = self.understanding
        return (*found.order_ids, *found.emails, *found.postcodes)

    @property
    def wordless(self) -> bool:
        """Nothing in it can be read: a sticker, a heart, nothing at all."""
        return not any(char.isalnum() for char in self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The memory after a turn's messages, and what the messages did to it."""

    memory: Memory
    topics: tuple[str, ...] = ()
    """Topics that stand on their own; those that only answered us are gone."""
    agreed: bool | None = None
    """The answer to our yes/no question."""
    proof: bool = False
    """They named an e-mail address or a postcode just now."""
    progress: bool = False
    """They told us something we can go on with."""
    lacking: bool = False
    """The customer does not have what we asked for."""
    without: frozenset[str] = frozenset()
    """What they say they do not have, by name."""
    aside: bool = False
    """They asked for something else in between, which an article answers."""
    falling: bool = False
    """Their mood goes the wrong way: less is asked before a person goes on."""


def listened(memory: Memory, heard: Heard) -> Notes:
    """Take what was heard into the notes."""
    heard = _with_the_other(memory, heard)
    told = _facts(memory, heard)
    bare = _only_identifies(heard, memory)
    agreed = _agreed(memory, heard.text, heard.topics)
    topics = () if bare or _asks_for_help(memory, heard) else heard.topics
    if agreed is not None:
        topics = tuple(topic for topic in topics if topic not in _ANSWERS)
    if told == memory and _lacks(memory, heard):
        return Notes(memory=memory, lacking=True)
    wishes = _wishes(memory, heard, topics)
    if bare:
        ids = heard.understanding.order_ids
        each = _about_each(memory, ids, wishes)
        too = means_too(heard.text)
        wishes = each if each != wishes else _about_another_order(ids[-1:], wishes, too=too)
    elif _means_an_unknown_one(heard):
        told = told.model_copy(update={"order_id": None})
        wishes = _about_another_order((None,), wishes)
    if _is_guessed(memory, heard, wishes):
        told = told.model_copy(update={"order_id": None})
    amounts = heard.understanding.amounts
    new = len(wishes) > len(memory.wishes)
    if new and not bare:
        wishes = _left_where_they_were(memory, told, wishes)
    if amounts or new:
        told = told.model_copy(update={"amount": str(amounts[0]) if amounts else None})
    after = told.model_copy(update={"wishes": _kept(wishes)})
    return Notes(
        memory=after,
        topics=topics,
        agreed=agreed,
        proof=bool(heard.understanding.emails or heard.understanding.postcodes),
        without=lacks_by_name(heard.text),
        progress=told != memory
        or _said_of(wishes) != _said_of(memory.wishes)
        or agreed is not None,
    )


def _with_the_other(memory: Memory, heard: Heard) -> Heard:
    """Read "no, the other order" as its number, where two orders were named and one is meant."""
    found = heard.understanding
    others = [each for each in memory.orders if each != memory.order_id]
    if found.order_ids or len(others) != 1 or not means_the_other(heard.text):
        return heard
    return replace(heard, understanding=replace(found, order_ids=(others[0],)))


def _lacks(memory: Memory, heard: Heard) -> bool:
    """See whether the customer says that they do not have what we asked for."""
    if not memory.asked or heard.given:
        return False
    refuses = heard.topics == ("confirmation_no",) and not any(w.question for w in memory.wishes)
    return refuses or lacks(heard.text)


def _asks_for_help(memory: Memory, heard: Heard) -> bool:
    """Tell "where do I find that number?", asked of what we wait for, from a wish."""
    named = asks_where(heard.text) and names_asked(heard.text, memory.asked)
    return named and not heard.given and set(heard.topics) <= LOOKS


def _facts(memory: Memory, heard: Heard) -> Memory:
    """Note order number, proof and deadline; the last one said is the one that counts."""
    found = heard.understanding
    update: dict[str, object] = {}
    if found.order_ids:
        update["order_id"] = found.order_ids[-1][:PROOF_MAX]
        named = (*memory.orders, *(each[:PROOF_MAX] for each in found.order_ids))
        update["orders"] = tuple(dict.fromkeys(reversed(named)))[:ORDERS_KEPT][::-1]
    if found.emails:
        update["email"] = found.emails[-1][:PROOF_MAX]
        update["pairs"] = paired(memory, found.order_ids, found.emails)
    asked = any("postcode" in thing or thing == "email" for thing in memory.asked)
    if found.postcodes and (asked or found.order_ids):
        update["postcode"] = found.postcodes[-1][:PROOF_MAX]
    if found.deadline is not None:
        update["deadline"] = found.deadline.isoformat()
        update["deadline_strict"] = found.deadline_strict
    return memory.model_copy(update=update)


def _only_identifies(heard: Heard, memory: Memory) -> bool:
    """Tell "it's A-10293, ana@example.com" from a wish: it answers what we asked for."""
    if not heard.given or (heard.understanding.amounts and not memory.wishes):
        return False
    rest = heard.text.lower()
    for each in heard.given:
        rest = rest.replace(each.lower(), " ")
    if len(_WORD.findall(rest)) > IDENTIFYING_WORDS:
        return False
    waits = any(wish.status is WishStatus.OPEN for wish in memory.wishes)
    if waits and corrects(heard.text):
        return all(issue.strength < CORRECTED for issue in heard.issues)
    asked_number = "order_id" in memory.asked
    plain = PLAIN_WISH if memory.wishes else FIRST_WISH
    return all(
        (issue.p < plain and (memory.wishes or issue.chance < MEANT))
        or issue.topic in _ANSWERS
        or (asked_number and issue.topic == "order_status")
        for issue in heard.issues
    )


def _agreed(memory: Memory, text: str, topics: tuple[str, ...]) -> bool | None:
    """Read the answer to our yes/no question; where money hangs on it, only plain words count."""
    answer = answer_in(text)
    if any(_asks(wish, Question.CONFIRM) for wish in memory.wishes):
        return answer
    if not any(_asks(wish, Question.LATE) for wish in memory.wishes):
        return None
    if answer is not None:
        return answer
    if "confirmation_yes" in topics:
        return True
    return False if "confirmation_no" in topics else None


def _asks(wish: Wish, question: Question) -> bool:
    return wish.status is WishStatus.OPEN and wish.question is question


# --- wishes


def _wishes(memory: Memory, heard: Heard, topics: tuple[str, ...]) -> tuple[Wish, ...]:
    """Join what is wanted now with what was wanted before."""
    reason = next((topic for topic in topics if topic in DAMAGE), None)
    if corrects(heard.text) and any(_asks(wish, Question.CHOOSE) for wish in memory.wishes):
        # "Not the lamp, the mug" chooses nothing.
        topics = tuple(topic for topic in topics if topic not in WAYS_OUT)
    wanted = _wanted(topics, heard)
    wishes = [_continued(wish, wanted, heard) for wish in memory.wishes]
    reasons = [reason, *(wish.reason or wish.topic for wish in wishes if _gave_way(wish, memory))]
    why = next((each for each in reasons if each in DAMAGE), None)
    found = heard.understanding
    several = len(found.order_ids) > 1
    about = [(one, each) for one in wanted for each in named(one, heard.text, found)]
    for topic, order_id in about:
        at = next((n for n, wish in enumerate(wishes) if _same(wish, topic, order_id)), None)
        if at is None:
            new = Wish(
                topic=topic,
                text=_text(memory, heard),
                order_id=order_id if several else None,
                reason=why if topic in WAYS_OUT else None,
            )
            known = order_id or next(reversed(found.order_ids), memory.order_id)
            wishes.append(asked_again(new, wishes, order_id=known, asks=heard.asks))
        elif wishes[at].status is not WishStatus.OPEN or (reason and not wishes[at].reason):
            update: dict[str, object] = {
                "status": WishStatus.OPEN,
                "reason": wishes[at].reason or reason,
            }
            if wishes[at].status is WishStatus.WAITING:
                update |= {"again": wishes[at].again + 1, "asks": heard.asks}
            wishes[at] = wishes[at].model_copy(update=update)
    return tuple(wishes)


def _is_guessed(memory: Memory, heard: Heard, wishes: Sequence[Wish]) -> bool:
    """Tell a change wanted of one of several orders, nobody knows of which: it has to be asked."""
    if len(heard.understanding.order_ids) < 2:
        return False
    return any(
        wish.status is WishStatus.OPEN
        and wish.order_id is None
        and wish.topic in PROCEDURES.keys() - LOOKS
        for wish in wishes
        if wish not in memory.wishes
    )


def _wanted(topics: tuple[str, ...], heard: Heard) -> tuple[str, ...]:
    """Leave out what is part of another wish; money back or a new one, never both unasked."""
    served = {topic for topic in topics if topic in PROCEDURES}
    damage = served & DAMAGE
    if served >= WAYS_OUT and "duplicate_charge" not in served:
        return tuple(
            dict.fromkeys(
                "damaged_item" if topic in WAYS_OUT | DAMAGE else topic
                for topic in topics
                if topic in served
            )
        )
    parts: set[str] = set()
    for topic in served:
        parts |= ABSORBS.get(topic, frozenset()) - apart(topic, heard.understanding)
    if damage and "replacement_request" not in served:
        # "Charged twice, and it came broken: I want my money back" are two wishes for money.
        parts -= {"refund_request"}
    return tuple(topic for topic in topics if topic in served - parts)


def _continued(wish: Wish, wanted: tuple[str, ...], heard: Heard) -> Wish:
    """Take an answer into an open wish, or let the fuller wish take its place."""
    if wish.status is not WishStatus.OPEN:
        return wish
    if any(wish.topic in ABSORBS.get(topic, frozenset()) for topic in wanted):
        return wish.model_copy(update={"status": WishStatus.CLOSED, "result": "taken up in full"})
    turned = WAYS_OUT & set(wanted)
    if wish.question is not None and wish.topic in WAYS_OUT and turned and wish.topic not in turned:
        return wish.model_copy(update={"status": WishStatus.CLOSED, "result": "wanted otherwise"})
    if wish.question is Question.WHICH:
        return wish.model_copy(update={"text": f"{wish.text} {heard.text}"[-WISH_TEXT:]})
    return wish


def _left_where_they_were(
    memory: Memory, told: Memory, wishes: tuple[Wish, ...]
) -> tuple[Wish, ...]:
    """Keep open wishes with their order: the number of another wish is no answer of theirs."""
    if memory.order_id is None or told.order_id == memory.order_id:
        return wishes
    return tuple(
        wish.model_copy(update={"order_id": memory.order_id})
        if wish.status is WishStatus.OPEN
        and wish.order_id is None
        and any(wish.topic == was.topic and was.status is WishStatus.OPEN for was in memory.wishes)
        else wish
        for wish in wishes
    )


def _gave_way(wish: Wish, memory: Memory) -> bool:
    return wish.status is WishStatus.CLOSED and any(
        was.status is WishStatus.OPEN and was.topic == wish.topic and was.text == wish.text
        for was in memory.wishes
    )


def _same(wish: Wish, topic: str, order_id: str | None) -> bool:
    """A wish said again is the same wish, in whatever words, unless about another order."""
    if wish.status not in {WishStatus.OPEN, WishStatus.WAITING}:
        return False
    if order_id is not None and wish.order_id is not None and order_id != wish.order_id:
        return False
    return wish.topic == topic or topic in ABSORBS.get(wish.topic, frozenset())


def _text(memory: Memory, heard: Heard) -> str:
    """The customer's words for a wish, with those of the wish that it takes up."""
    asked = [wish.text for wish in memory.wishes if _asks(wish, Question.CHOOSE)]
    return " ".join([*asked, heard.text])[-WISH_TEXT:] if asked else heard.text[:WISH_TEXT]


def _means_an_unknown_one(heard: Heard) -> bool:
    """Tell "no, the other order" where nobody knows which: its number has to be asked for."""
    few = len(_WORD.findall(heard.text)) <= IDENTIFYING_WORDS
    return few and not heard.understanding.order_ids and means_the_other(heard.text)


def _about_another_order(
    order_ids: Sequence[str | None], wishes: tuple[Wish, ...], *, too: bool = False
) -> tuple[Wish, ...]:
    """Read "sorry, I meant A-10417": what is open, or was only looked up, is about that one."""
    if not order_ids:
        return wishes
    moved = tuple(
        wish.model_copy(update={"order_id": None, "item": None, "line_id": None, "question": None})
        if wish.status is WishStatus.OPEN and wish.order_id != order_ids[-1]
        else wish
        for wish in wishes
    )
    last = moved[-1] if moved else None
    if last is None or last.order_id == order_ids[-1] or last.status not in _TOLD:
        return moved
    # "And for my other order too": what was done for one order is wanted for another one.
    if last.topic not in LOOKS and not too:
        return moved
    return (*moved, Wish(topic=last.topic, text=last.text, reason=last.reason))


def _about_each(
    memory: Memory, order_ids: Sequence[str], wishes: tuple[Wish, ...]
) -> tuple[Wish, ...]:
    """Take several numbers, where we asked for one, for as many wishes of the same."""
    if len(order_ids) < 2 or "order_id" not in memory.asked:
        return wishes
    each: list[Wish] = []
    for wish in wishes:
        for_all = wish.status is WishStatus.OPEN and wish.order_id is None
        ids = order_ids[:ORDERS_MAX] if for_all else [wish.order_id]
        each += [wish.model_copy(update={"order_id": order_id}) for order_id in ids]
    return tuple(each)


def _kept(wishes: tuple[Wish, ...]) -> tuple[Wish, ...]:
    """Forget what is settled first, the oldest before the newest."""
    over = len(wishes) - WISHES_KEPT
    settled = [n for n, wish in enumerate(wishes) if wish.status in _SETTLED][: max(0, over)]
    kept = [wish for n, wish in enumerate(wishes) if n not in settled]
    return tuple(kept[-WISHES_KEPT:])


_TOLD = frozenset({WishStatus.CLOSED, WishStatus.WAITING})
_SETTLED = frozenset({WishStatus.CLOSED, WishStatus.PASSED})


def _said_of(wishes: tuple[Wish, ...]) -> list[tuple[str, WishStatus]]:
    return [(wish.topic, wish.status) for wish in wishes]
