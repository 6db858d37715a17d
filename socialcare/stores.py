"""Which store a configuration asks for, and keeping what this process works on its own."""

from collections.abc import Callable, Collection
from pathlib import Path

import structlog

from config.schema import Settings
from conversation.care import Care
from conversation.clock import Clock
from conversation.sqlite import SqliteStore
from conversation.sqlite_care import SqliteCare
from conversation.store import Delivery, Store, StoreUnavailable, Work

RENEW_EVERY_S = 8.0
"""A third of a lease: two renewals may fail before others take over."""

_log = structlog.get_logger(__name__)


def make_store(settings: Settings, *, folder: Path, clock: Clock, migrate: bool = False) -> Store:
    """Make the store of a configuration, unopened.

    Args:
        settings: The configuration.
        folder: Where relative paths begin.
        clock: Time.
        migrate: Bring tables up to date when opening. SQLite's always are: nobody else uses them.
    """
    if settings.store.url.startswith("postgresql:"):
        # Only here: who keeps everything in a file does not wait for the driver to load.
        from conversation.postgres import PostgresStore  # noqa: PLC0415 - see above

        return PostgresStore(settings.store.url, clock=clock, migrate=migrate)
    return SqliteStore(folder / settings.store.path, clock=clock)


def make_care(settings: Settings, *, folder: Path) -> Care:
    """Make the second way into the store of a configuration, unopened."""
    if settings.store.url.startswith("postgresql:"):
        # Only here, like the store's.
        from conversation.postgres_care import PostgresCare  # noqa: PLC0415 - see above

        return PostgresCare(settings.store.url)
    return SqliteCare(str(folder / settings.store.path))


async def keep_leases(
    store: Store,
    *,
    works: Callable[[], Collection[Work]],
    deliveries: Callable[[], Collection[Delivery]],
    clock: Clock,
) -> None:
    """Renew what is being worked on and sent, for ever; a process that dies stops doing so."""
    while True:
        await clock.sleep(RENEW_EVERY_S)
        try:
            await store.renew(works=tuple(works()), deliveries=tuple(deliveries()))
        except StoreUnavailable as error:
            _log.warning("store unavailable", worker="leases", why=str(error))
