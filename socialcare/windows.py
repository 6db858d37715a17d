"""Whether a message may still go, by the platform's reply window, at the moment of its sending.

Pure. https://developers.facebook.com/docs/messenger-platform/policy is where windows come from;
their lengths are each channel's data (`channels.contract.Window`).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from channels.contract import Capabilities, OutboundMessage
from conversation.model import Author

REOPEN = "reopen"
"""The configured template that asks the customer to write again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lawful:
    """How a message may go now."""

    message: OutboundMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """The words may not go: this template may, and colleagues go on."""

    message: OutboundMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nothing of ours may go any more."""


def judge(
    message: OutboundMessage,
    capabilities: Capabilities,
    *,
    last_customer_at: datetime | None,
    now: datetime,
    templates: frozenset[str],
) -> Lawful | Reopen | Closed:
    """Judge a message against the channel's window.

    Args:
        message: What is to be sent.
        capabilities: The channel's, on this surface.
        last_customer_at: The platform's time of the customer's latest message.
        now: The time.
        templates: Names of the templates that are configured.
    """
    window = capabilities.window
    if window is None or message.private:
        return Lawful(message=message)
    silent = None if last_customer_at is None else now - last_customer_at
    if silent is not None and silent <= window.bot:
        return Lawful(message=message)
    by_colleague = message.author is Author.COLLEAGUE and window.colleague is not None
    if silent is not None and by_colleague and silent <= (window.colleague or window.bot):
        return Lawful(message=replace(message, late=True))
    if window.template and REOPEN in templates:
        return Reopen(message=replace(message, template=REOPEN))
    return Closed()
