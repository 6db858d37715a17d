"""What the notes hold of earlier words: what was told of an order, whose address it is; pure."""

from collections.abc import Sequence

from brain.memory import PAIRS_KEPT, Asks, Memory, Wish, WishStatus
from brain.procedures import LOOKS
from brain.wordbook import LANGUAGES, say
from config.languages import FORMS
from conversation.model import Author
from conversation.state import ConversationState

FAMILIES = (
    frozenset({"order_status", "delivery_late", "not_received"}),
    frozenset({"refund_status", "refund_request", "duplicate_charge"}),
)
"""Wishes that are told the same."""
INVITATIONS = ("public_invite", "public_again")
"""Sentences that ask for a private message."""
PROOF_MAX = 254
"""Characters of an e-mail address, a postcode or an order number that are kept."""


def asked_again(
    new: Wish, wishes: Sequence[Wish], *, order_id: str | None, asks: Asks | None
) -> Wish:
    """Note with a question what was told about the same before.

    Args:
        new: The question.
        wishes: Those before it, the latest last.
        order_id: The order it is about, where one is talked about.
        asks: What of it is asked, where it is not the whole.
    """
    family = next((each for each in FAMILIES if new.topic in each), frozenset())
    told = (
        wish
        for wish in reversed(wishes)
        if wish.topic in family
        and wish.status is WishStatus.CLOSED
        and wish.order_id in {order_id, None}
    )
    was = next(told, None)
    if was is None or new.topic not in LOOKS:
        return new
    again = was.again + 1 if was.topic in LOOKS else 0
    asks = asks or (Asks.SAME if again else None)
    return new.model_copy(update={"again": again, "asks": asks, "before": was.result})


def paired(
    memory: Memory, order_ids: Sequence[str], emails: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Note which address belongs to which order, as they were named: the first to the first."""
    if not order_ids:
        # Named alone, it is for the order that is talked about, whatever was named with it before.
        return tuple(each for each in memory.pairs if each[0] != memory.order_id)
    if len(order_ids) != len(emails):
        return tuple(each for each in memory.pairs if each[0] not in order_ids)
    named = {
        order[:PROOF_MAX]: email[:PROOF_MAX] for order, email in zip(order_ids, emails, strict=True)
    }
    return tuple((dict(memory.pairs) | named).items())[-PAIRS_KEPT:]


def said_just_now(state: ConversationState, key: str) -> bool:
    """Say whether the bot's last words hold that sentence, in any language and form of address."""
    ours = (each.text for each in reversed(state.lines) if each.author is Author.BOT)
    latest = "".join(next(ours, "").split())  # No two renderings of a space are one.
    return any(
        "".join(say(language, key, form=form).split()) in latest
        for language in LANGUAGES
        for form in FORMS.get(language, ("",))
    )


def public_invitation(state: ConversationState) -> str:
    """Choose the sentence that asks for a private message: not the one just said again."""
    first, again = INVITATIONS
    return again if said_just_now(state, first) else first
