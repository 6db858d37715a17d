"""Notices: what colleagues must hear of a whole channel or account, and of no conversation.

A notice is kept in the transaction that learns of it, and goes once it was told; a process that
dies in between leaves it to the next one, which at worst tells it twice. One that *stands* (a
channel has stopped) stays, so that nobody tells it again, until it is lifted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

AT_ONCE: Final = 20
"""Notices that are taken together."""
TRIES_MAX: Final = 5_000
"""Some days of a desk that is away; what was never told then stays for who looks at the store."""


class NoticeStep(StrEnum):
    """What is wanted of notices."""

    ADD = "add"
    """Keep them; one of the same key is the same notice."""
    TAKE = "take"
    """Tell those that nobody has told; they are one's own for a while."""
    TOLD = "told"
    """They were told."""
    LIFT = "lift"
    """They are true no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Words for the desk."""

    key: str
    text: str
    stands: bool = False
    """Told once until it is lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAsk:
    """A step with notices."""

    step: NoticeStep
    notices: tuple[Notice, ...] = ()
    """For ADD."""
    keys: tuple[str, ...] = ()
    """For TOLD and LIFT."""
