"""What holds for words after every brain: plain code, no model.

Words of the bot pass through `finish` on their way to the outbox. Colleagues' words never do.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from conversation.state import ConversationState

LAPSE = timedelta(hours=24)
"""After that much silence the customer is told again that they talk to an AI."""
WORDS_MAX = 8_000
"""Characters of one reply; no brain has more to say."""

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]{}\"']+", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Words as they may be said."""

    text: str
    disclosed: bool
    """They begin with the AI disclosure."""


def finish(
    words: str,
    *,
    state: ConversationState,
    now: datetime,
    disclosure: str,
    domains: tuple[str, ...],
) -> Finished:
    """Put the disclosure in front where it is due, take out links that are not the brand's.

    Args:
        words: What the brain wants to say.
        state: The conversation; ``disclosed_at`` is empty at its start and after a human.
        now: The time.
        disclosure: The brand's words for "you talk to an AI", in the customer's language.
        domains: What the brand allows links to; subdomains included.
    """
    text = _PICTURE.sub("", words)
    text = _LINK.sub(lambda match: match[0] if _allowed(match[0], domains) else "", text)
    text = text.strip()[:WORDS_MAX]
    due = state.disclosed_at is None or now - state.disclosed_at > LAPSE
    if not due:
        return Finished(text=text, disclosed=False)
    if disclosure in text:
        return Finished(text=text, disclosed=True)
    return Finished(text=f"{disclosure}\n\n{text}", disclosed=True)


def _allowed(link: str, domains: tuple[str, ...]) -> bool:
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
    except ValueError:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
