"""What a customer wants otherwise, or asks after, and no procedure serves; pure."""

from collections.abc import Collection

from actions.identity import same_order
from brain.asking import Reply
from brain.composing import title
from brain.decision import Handoff
from brain.listening import Heard, Notes
from brain.memory import WISH_TEXT, Asks, Memory, Wish, WishStatus
from brain.naming import ORDERS_MAX
from brain.steps import Step, day_of, line

OTHER_ADDRESS = "other_address"
"""Why goods that are to go to another address are a colleague's business."""


def mistaken(wish: Wish, heard: Heard, notes: Notes, reply: Reply) -> Memory:
    """Pass on what was done or asked for, and was not meant: only a person may undo it."""
    reply.say(line("handoff_correction"), at=-1)
    order = f" for {wish.order_id}" if wish.order_id else ""
    note = f"{title(wish.topic)}{order}: {wish.result}. Now: “{heard.text[:WISH_TEXT]}”"
    reply.pass_on(Handoff(reason="corrected", note=note))
    return notes.memory


def left_over(heard: Heard, memory: Memory, reply: Reply) -> None:
    """Answer what no wish took up: an order that was only named, a wish for a later day."""
    if heard.later and reply.handoff is None:
        reply.say(line("if_so"), at=90)
    named = heard.understanding.order_ids
    if len(named) == 1 or reply.handoff is not None or reply.needs:
        return
    for order_id in named[:ORDERS_MAX]:
        if not any(same_order(wish.order_id or "", order_id) for wish in memory.wishes):
            reply.say(line("about_which", order=order_id), at=95)


def sent_elsewhere(wish: Wish, topics: Collection[str]) -> Step | None:
    """Order nothing that would go to the old address while another one is named with it."""
    if wish.topic != "replacement_request" or "change_address" not in topics:
        return None
    return Step(
        lines=(line("handoff_elsewhere"),),
        handoff=Handoff(reason=OTHER_ADDRESS, note="A replacement, to another address."),
        status=WishStatus.PASSED,
        result="not ordered, as it is to go to another address",
    )


def part_of_handoff(topic: str, reply: Reply) -> bool:
    """Say whether a wish went to a colleague together with another one."""
    passed = reply.handoff
    return topic == "change_address" and passed is not None and passed.reason == OTHER_ADDRESS


def answered_after(heard: Heard, memory: Memory, reply: Reply) -> Memory:
    """Answer what is asked of something settled, or take the no to what we offered."""
    wish = heard.about
    if wish is None:
        reply.say(line("taken_back"))
        return memory
    day = day_of(wish.due)
    if heard.asks is not Asks.WHY and day is not None and not wish.again:
        item = wish.item or line("thing_item")
        reply.say(line("replacement_when", item=item, date=day))
        if heard.asks is Asks.SOONER:
            reply.say(line("or_human"))
        asked = wish.model_copy(update={"again": wish.again + 1})
        wishes = tuple(asked if each == wish else each for each in memory.wishes)
        return memory.model_copy(update={"wishes": wishes, "unclear": 0})
    reply.say(line("no_answer" if heard.asks is Asks.WHY else "handoff_no_more"))
    note = f"{title(wish.topic)}: {wish.result}. Asks: “{heard.text[:WISH_TEXT]}”"
    reply.pass_on(Handoff(reason="no_answer", note=note))
    return memory
