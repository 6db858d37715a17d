"""Customers who proved the same order are one person from then on."""

from datetime import datetime

import structlog

from conversation.kin import Join
from conversation.store import Store, StoreUnavailable

_log = structlog.get_logger(__name__)


async def join_proved(store: Store, conversation: str, *, at: datetime) -> None:
    """Let who proved the same order be one customer; what fails is tried at the next proof."""
    try:
        gone = await store.join(Join(conversation=conversation, at=at))
    except StoreUnavailable as error:
        _log.warning("not joined", conversation=conversation, why=str(error))
        return
    if gone:
        _log.info("joined", conversation=conversation, customers=len(gone))
