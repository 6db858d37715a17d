"""`socialcare customer` from outside: who was joined, and parting them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner, Result

from conversation.clock import SystemClock
from conversation.kin import Mention, Named
from conversation.model import Peer
from conversation.sqlite import SqliteStore
from socialcare import cli as command
from tests.conversation.store_world import accept, arrival, finish

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PROOF = (Mention(kind=Named.PROOF, value="A-10293"),)


def invoke(brand: Path, *words: str) -> Result:
    return CliRunner().invoke(command.cli, [*words, "--config", str(brand)])


def in_store(brand: Path, work: Callable[[SqliteStore], Awaitable[None]]) -> None:
    async def done() -> None:
        store = SqliteStore(brand.parent / "socialcare.db", clock=SystemClock())
        await store.open()
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(done())


async def two_proofs(store: SqliteStore) -> None:
    """Let two accounts prove the same: they are joined by that."""
    for name in ("ada", "bob"):
        await accept(store, arrival(f"by {name}", name))
        (work,) = await store.claim(now=NOW.replace(year=2027), limit=1)
        await finish(store, work, peer=Peer(user_id=name), mentions=PROOF)


def test_a_joining_is_shown_and_parted(brand: Path) -> None:
    in_store(brand, two_proofs)
    told = invoke(brand, "customer", "show", "telegram:ada")
    assert told.exit_code == 0, told.output
    assert "telegram:ada (account 777)" in told.output
    assert "telegram:bob (account 777)" in told.output
    assert "joining 1:" in told.output
    parted = invoke(brand, "customer", "part", "1")
    assert parted.exit_code == 0, parted.output
    told = invoke(brand, "customer", "show", "telegram:ada")
    assert "telegram:bob" not in told.output
    assert "; parted 20" in told.output


def test_nobody_and_nothing_to_part(brand: Path) -> None:
    in_store(brand, two_proofs)
    assert (
        "nobody is known as telegram:eve"
        in invoke(brand, "customer", "show", "telegram:eve").output
    )
    again = invoke(brand, "customer", "part", "99")
    assert again.exit_code == 2
    assert "no joining 99" in again.output
