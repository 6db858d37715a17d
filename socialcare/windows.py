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
        last_customer_at: The platform's time of the customer's latest message; of the one that is
            answered, where the answer is a private reply.
        now: The time.
        templates: Names of the templates that are configured.
    """
    window = capabilities.window
    silent = None if last_customer_at is None else now - last_customer_at
    if message.private:
        lasts = capabilities.private_reply
        over = silent is not None and lasts is not None and silent > lasts
        return Closed() if over else Lawful(message=message)
    if window is None:
        return Lawful(message=message)
    if silent is not None and silent <= window.bot:
        return Lawful(message=message)
    # A draft that was sent as it was is the bot's own wording.
    by_colleague = message.author is Author.COLLEAGUE and not message.drafted
    if (
        silent is not None
        and by_colleague
        and window.colleague is not None
        and silent <= window.colleague
    ):
        return Lawful(message=replace(message, late=True))
    if window.template and REOPEN in templates:
        return Reopen(message=replace(message, template=REOPEN))
    return Closed()
