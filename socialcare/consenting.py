"""What is known of the customer before any brain is asked: their yes, their no, their following."""

from collections.abc import Sequence
from dataclasses import replace

from actions.consent import Consent
from brain.answers import answer_in
from brain.decision import Understood
from brain.second_thoughts import ANY, still_withdrawn, withdrawals
from config.schema import Brand
from conversation.events import MessageReceived, Pressed
from conversation.state import ConversationState


def consent_of(messages: Sequence[MessageReceived | Pressed], state: ConversationState) -> Consent:
    """Read what the customer's new words say to what was proposed, and what they take back.

    Args:
        messages: What came.
        state: The conversation before it.
    """
    text = "\n".join(
        one.text if isinstance(one, MessageReceived) else one.payload for one in messages
    )
    agreed = state.proposed if messages and answer_in(text) else ()
    return Consent(agreed=frozenset(agreed), withdrawn=withdrawals(text, state) - {ANY})


def understood_consent(
    consent: Consent, understood: Understood, state: ConversationState
) -> Consent:
    """Add what stays taken back from earlier; hold everything where a person must look first."""
    gone = consent.withdrawn | still_withdrawn(understood, state.withdrawn)
    return replace(consent, withdrawn=gone, held=bool(understood.risks))


def is_vip(state: ConversationState, brand: Brand) -> bool:
    """Say whether so many follow the customer that the brand wants a person to answer."""
    least = brand.vip_followers
    followers = state.peer.followers if state.peer is not None else None
    return least is not None and followers is not None and followers >= least
