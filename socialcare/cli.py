"""The command: `socialcare run` and what stands beside it; `socialcare.commands` holds the rest."""

import asyncio
import codecs
import contextlib
import gc
import json
import signal
import sys
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from conversation.clock import SteadyClock, SystemClock
from conversation.store import StoreUnusable
from socialcare.commands import (
    archive,
    customer,
    knowledge,
    people,
    quarantine,
    rehearse,
    storage,
    trace,
)
from socialcare.commands.shell import (
    BROKEN,
    DEFAULT,
    NO_STORE,
    Config,
    err,
    out,
    read_settings,
    source_of,
    stop,
)

if TYPE_CHECKING:
    from socialcare.apart import Apart
    from socialcare.app import Service

PORT_MAX = 65_535

cli = typer.Typer(
    name="socialcare",
    help="Omnichannel social care bot.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(quarantine.app)
cli.add_typer(customer.app)
cli.add_typer(knowledge.app)
cli.add_typer(people.retention)
cli.command("export")(people.export)
cli.command("erase")(people.erase_customer)
cli.command("rehearse")(rehearse.rehearse)
cli.command("archive")(archive.archive_old)
cli.command("backup")(storage.backup)
cli.command("restore")(storage.restore_store)
cli.command("trace")(trace.trace)


def main() -> None:
    """Run the socialcare command."""
    cli()


@cli.command()
def version() -> None:
    """Say which version this is."""
    out.print(installed_version("socialcare"))


@cli.command()
def check(config: Config = DEFAULT) -> None:
    """Validate the configuration and the articles; name file, line and key of each mistake.

    Stale, contradictory, duplicate and unreachable articles are warnings: they end with 0 too.
    """
    from socialcare.learning import no_articles, read_articles

    source = source_of(config)
    settings = read_settings(source)
    folder = config.parent / settings.knowledge.folder
    articles, problems = read_articles(folder)
    for problem in problems:
        place = f"{folder / problem.file}" + (f": {problem.key}" if problem.key else "")
        err.print(f"{place}: {problem.why}", style="red", markup=False)
    for name, channel in settings.channels.items():
        stages = ", ".join(f"{topic} {stage}" for topic, stage in channel.topics.items())
        line = f"{name}: {channel.stage}, share {channel.share:.0%}"
        out.print(line + (f" ({stages})" if stages else ""), markup=False)
    out.print(f"{len(articles)} articles, {len(settings.actions)} actions configured")
    if problems:
        raise typer.Exit(BROKEN)
    at = SystemClock().now().astimezone(ZoneInfo(settings.brand.timezone))
    remarks = knowledge.looked_through(settings, articles, at=at)
    looks = (*source.unfit(settings), *source.unsaid(settings), *source.astray(settings))
    for line in (*map(str, looks), *no_articles(folder), *remarks):
        err.print(f"warning: {line}", style="yellow", markup=False)
    storage.see_store(settings, folder=config.parent)
    out.print(f"{config} is fine", markup=False)


@cli.command()
def migrate(config: Config = DEFAULT) -> None:
    """Bring the store's tables up to date."""
    from socialcare.stores import make_care, make_store

    settings = read_settings(source_of(config))

    async def bring() -> None:
        # A look first: where nothing is to do, a running service need not let go of its file.
        care = make_care(settings, folder=config.parent)
        with contextlib.suppress(StoreUnusable):
            await care.open()
            await care.close()
            return
        store = make_store(settings, folder=config.parent, clock=SystemClock(), migrate=True)
        await store.open()
        await store.close()

    try:
        asyncio.run(bring())
    except StoreUnusable as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(NO_STORE) from None
    out.print("the store is up to date")


@cli.command()
def run(
    config: Config = DEFAULT,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on.", min=0, max=PORT_MAX)
    ] = None,
) -> None:
    """Run the service until SIGTERM or SIGINT."""
    gc.disable()  # What is made at start stays, too.
    from socialcare.apart import Apart
    from socialcare.learning import Learning

    source = source_of(config)
    settings = read_settings(source)
    if problems := source.unfit(settings):
        stop("\n".join(map(str, problems)))
    # First, because most of it is decompression: the other core does it while this one imports.
    apart = Apart()
    learning = Learning(
        settings.brand.languages,
        english=settings.model.encoder == "english",
        apart=apart,
        once=_look_for_garbage,
    )
    from socialcare.app import Service
    from socialcare.fault_points import VARIABLE, dying_at, unheard
    from socialcare.logs import set_up
    from socialcare.secrets import secret_values

    set_up(secrets=secret_values(settings))
    die_at = source.environment.get(VARIABLE)
    service = Service(
        settings,
        folder=config.parent,
        clock=SteadyClock(),
        source=source,
        learn=learning.learn,
        passing=dying_at(die_at) if die_at else unheard,
    )

    try:
        asyncio.run(serve(service, apart, host=host, port=port))
    except StoreUnusable as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(NO_STORE) from None
    except OSError as error:
        err.print(f"cannot listen: {error}", style="red", markup=False)
        raise typer.Exit(BROKEN) from None
    finally:
        apart.close()


async def serve(service: "Service", apart: "Apart", *, host: str | None, port: int | None) -> None:
    """Run a service until SIGTERM or SIGINT; one that comes before it has started ends the start.

    Raises:
        StoreUnusable: the store cannot be opened.
        OSError: the address is taken.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    starting = asyncio.create_task(service.start(host=host, port=port))
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        apart.stop()
        starting.cancel()
        await asyncio.wait({starting})
        return
    await starting
    await stopping
    apart.stop()
    await service.stop()


def _look_for_garbage() -> None:
    """Begin to, leave out what start has made, and look less often than Python does by itself.

    A turn makes thousands of objects, hardly any of them in a circle: looking after every 700 of
    them costs a tenth of its time.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@cli.command()
def understand(config: Config = DEFAULT) -> None:
    """Read messages as JSON lines, print what is understood of each as a JSON line."""
    from socialcare.learning import learn, read_articles
    from socialcare.understanding import told

    settings = read_settings(source_of(config))
    articles, _ = read_articles(config.parent / settings.knowledge.folder)
    mind = learn(settings, articles)
    clock = SystemClock()
    for number, line in enumerate(_lines(), start=1):
        try:
            answer = told(
                line,
                mind=mind,
                now=clock.now(),
                timezone=ZoneInfo(settings.brand.timezone),
            )
        except ValueError as error:
            err.print(f"line {number}: {error}", style="red", markup=False)
            raise typer.Exit(BROKEN) from None
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()


def _lines() -> Iterator[bytes]:
    """Give the lines that say something; JSON is UTF-8, whatever the terminal speaks."""
    for line in sys.stdin.buffer:
        said = line.removeprefix(codecs.BOM_UTF8).strip()
        if said:
            yield said


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the stories.")] = False,
    port: Annotated[
        int | None,
        typer.Option(help="Port of the sandbox page; 8080 or a free one.", min=0, max=PORT_MAX),
    ] = None,
) -> None:
    """Play the built-in stories, then serve the sandbox page: no account, key or network."""
    from socialcare.demo.playing import play

    environment = source_of(DEFAULT).environment
    raise typer.Exit(asyncio.run(play(out, once=once, port=port, environment=environment)))
