"""The customer's own yes and no to a change, held against every call after it was judged; pure.

What a brand asks to be confirmed (`actions.….confirm`) is done only when the customer has said yes
to exactly that call and amount, in the message after we asked. What they take back in a message is
not begun in its turn, whoever proposes it.
"""

from dataclasses import dataclass

from actions.action import Refusal
from conversation.ledger import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the customer's messages of this turn allow and forbid."""

    agreed: frozenset[str] = frozenset()
    """`exact_call` of those they said yes to."""
    withdrawn: frozenset[str] = frozenset()
    """Actions that they do not want any more."""
    held: bool = False
    """A person must look first: nothing is changed in this turn."""

    def refusal(self, record: CallRecord, *, confirm: bool) -> Refusal | None:
        """Say why a permitted call is not begun now; None: it may be."""
        if self.held:
            return Refusal.NOT_OFFERED
        if record.action in self.withdrawn:
            return Refusal.WITHDRAWN
        if confirm and exact_call(record) not in self.agreed:
            return Refusal.UNCONFIRMED
        return None


def exact_call(record: CallRecord) -> str:
    """Name what a yes is bound to: the thing it happens to, and the money it moves."""
    return f"{record.key}|{record.amount or ''}"
