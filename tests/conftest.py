"""What tests of several packages share: the cores, and a PostgreSQL server for who asks for it."""

import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres_server import Server, server

# How long an example takes is the machine's matter, and no test's.
settings.register_profile(
    "untimed",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share the whole suite among all cores; what is named runs at once, in this process."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    return 0 if named else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Run one server for the tests of this process."""
    environment = os.environ  # noqa: TID251 - where tests are told which server to use
    # In a thread of its own: the session's loop must not notice the loops that prepare it.
    with ThreadPoolExecutor(max_workers=1) as elsewhere, ExitStack() as stack:
        running = server(environment)
        try:
            found = elsewhere.submit(running.__enter__).result()
        except Exception as error:
            if environment.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL server: {error}")
        stack.callback(lambda: elsewhere.submit(running.__exit__, None, None, None).result())
        yield found


@pytest.fixture
async def empty_postgres_url(postgres: Server) -> AsyncIterator[str]:
    """Make a database with nothing in it."""
    async with postgres.new_database(template="template0") as url:
        yield url


@pytest.fixture
async def postgres_url(postgres: Server) -> AsyncIterator[str]:
    """Lend a database with our tables in it, empty."""
    async with postgres.empty_database() as url:
        yield url
