"""Following the configuration file: a valid change takes effect, a broken one is refused, aloud."""

import asyncio
import stat
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from brain.extras import INSTALL_AGAIN, INSTALL_ENGLISH, english_installed, heads_shipped
from config.checks import Finding, unfit, unsaid
from config.load import ConfigError, Problem, changed, in_force, line_of, load, needs_restart
from config.problems import dotted
from config.schema import Settings
from config.taught import faint
from conversation.clock import Clock
from socialcare.article_folder import CURE, amiss

LOOK_EVERY_S = 1.0
SHOWN_MAX = 20
"""Differences or mistakes that are told; the rest is counted."""
NOT_IN_FORCE = (
    "The changed configuration could not be put into force: what the bot understands and says "
    "stays as it was. The log says why."
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the configuration comes from."""

    file: Path
    environment: Mapping[str, str]
    seen: tuple[int, int] | None
    """How it looked before it was read, so that no later change is missed."""

    def read(self) -> Settings:
        """Read it; raises `OSError` or `ConfigError`."""
        text, name = self.file.read_bytes(), str(self.file)
        settings = load(text, env=self.environment, source=name)
        if settings.model.encoder == "english" and not english_installed():
            refusal = "the English encoder is not installed", INSTALL_ENGLISH
        elif not heads_shipped(english=settings.model.encoder == "english"):
            refusal = "of the encoder another release is installed than ours", INSTALL_AGAIN
        else:
            return settings
        line = line_of(text, ("model", "encoder"), source=name)
        raise ConfigError(
            [
                Problem(
                    source=name, line=line, key="model.encoder", message=refusal[0], cure=refusal[1]
                )
            ]
        )

    def unfit(self, settings: Settings) -> tuple[Problem, ...]:
        """Say where credentials just read cannot be the platforms'; raises `OSError`."""
        return self._placed(unfit(settings))

    def unsaid(self, settings: Settings) -> tuple[Problem, ...]:
        """Say what should have been chosen in so many words; raises `OSError`."""
        return self._placed((*unsaid(settings), *faint(settings)))

    def astray(self, settings: Settings) -> tuple[Problem, ...]:
        """Say where no article can be taken from the folder just named; raises `OSError`."""
        why = amiss(self.file.parent / settings.knowledge.folder)
        found = Finding(path=("knowledge", "folder"), message=why, cure=CURE)
        return self._placed((found,) if why else ())

    def _placed(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        text, name = self.file.read_bytes(), str(self.file)
        return tuple(
            Problem(source=name, line=line_of(text, each.path, source=name), key=dotted(each.path),
                    message=each.message, cure=each.cure)
            for each in findings
        )  # fmt: skip


def source_of(file: Path, environment: Mapping[str, str]) -> Source:
    """Give a configuration that is about to be read."""
    return Source(file=file, environment=environment, seen=_look(file))


async def follow(
    source: Source,
    *,
    running: Callable[[], Settings],
    apply: Callable[[Settings], Awaitable[None]],
    tell: Callable[[str], Awaitable[object]],
    clock: Clock,
) -> None:
    """Watch a file for ever.

    Args:
        source: The configuration file.
        running: What is in force now.
        apply: Put a changed configuration into force.
        tell: Say something to the desk.
        clock: Time.
    """
    file, seen = source.file, source.seen
    while True:
        await clock.sleep(LOOK_EVERY_S)
        now = await asyncio.to_thread(_look, file)
        if now == seen:
            continue
        seen = now
        try:
            wanted = await asyncio.to_thread(_read, source, running())
        except OSError as error:
            await _refuse(f"{file.name} cannot be read: {error.strerror}", tell)
        except ConfigError as error:
            await _refuse(_listed([str(problem) for problem in error.problems]), tell)
        else:
            await _take(running(), wanted, apply, tell)


def _read(source: Source, running: Settings) -> Settings:
    """Read a change; one that would take every article away by a slip of the pen is refused."""
    wanted = source.read()
    moved = wanted.knowledge.folder != running.knowledge.folder
    if moved and (problems := source.astray(wanted)):
        raise ConfigError(problems)
    return wanted


def _look(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None  # What a shell pipes in is read once.
    return found.st_mtime_ns, found.st_size


async def _take(
    old: Settings,
    wanted: Settings,
    apply: Callable[[Settings], Awaitable[None]],
    tell: Callable[[str], Awaitable[object]],
) -> None:
    waiting = needs_restart(old, wanted)
    new = in_force(old, wanted)
    differences = changed(old, new)
    if differences:
        try:
            await apply(new)
        except Exception:  # noqa: BLE001 - whatever one change does, the next is to be taken
            _log.exception("configuration not in force", differences=_listed(list(differences)))
            await tell(NOT_IN_FORCE)
            return
        _log.info("configuration changed", differences=_listed(list(differences)))
    if waiting:
        names = ", ".join(waiting)
        _log.warning("configuration waits for a restart", sections=names)
        await tell(f"Changes of {names} take effect with the next start of socialcare.")


async def _refuse(why: str, tell: Callable[[str], Awaitable[object]]) -> None:
    _log.error("configuration refused, the old one stays", why=why)
    await tell(f"The changed configuration was refused; the old one stays in force.\n{why}")


def _listed(lines: list[str]) -> str:
    more = f"\n… and {len(lines) - SHOWN_MAX} more" if len(lines) > SHOWN_MAX else ""
    return "\n".join(lines[:SHOWN_MAX]) + more
