"""Loads what tells languages apart; of the two large tables copies are kept that need no memory.

The package unpacks 70 MB at each start. Kept as plain files they are mapped: a message touches a
few pages of them, the rest stays on disk. They are trusted only when they hold what was written.
"""

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog
from platformdirs import user_cache_path
from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped] # ships no types

from brain.language import LanguageEar
from socialcare.loading import whole

_FORMAT = 1
_PIECE = 1 << 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEar:
    """What hears languages, and how to make its next loading quick."""

    ear: LanguageEar
    keep: Callable[[], None]
    """For when nothing else is to be done; writes what is not there."""


def load_ear(languages: Sequence[str]) -> LoadedEar:
    """Load it, from the kept tables where they are good."""
    # zipfile, zlib and numpy each have their own errors for damage.
    with contextlib.suppress(Exception):
        return LoadedEar(ear=LanguageEar(languages, _kept()), keep=lambda: None)
    ear = LanguageEar(languages)
    return LoadedEar(ear=ear, keep=lambda: _keep(ear.identifier))


def _files() -> tuple[Path, Path, Path]:
    folder = user_cache_path("socialcare")
    release = f"ear-{_FORMAT}-{version('py3langid')}"
    names = ("moves.npy", "table.npy", "rest.npz")
    moves, table, rest = (folder / f"{release}-{name}" for name in names)
    return moves, table, rest


def _kept() -> LanguageIdentifier:
    moves, table, rest = _files()
    if not zipfile.is_zipfile(rest):  # numpy would leave such a file open
        raise ValueError("the kept tables are damaged")
    with np.load(rest, allow_pickle=False) as stored:
        small = {name: stored[name] for name in stored.files}
    if [_sum(moves), _sum(table)] != small["sums"].tolist():
        raise ValueError("the kept tables are damaged")
    return LanguageIdentifier(
        np.load(table, mmap_mode="r", allow_pickle=False).view(np.ndarray),
        small["pc"],
        small["classes"].tolist(),
        memoryview(np.load(moves, mmap_mode="r", allow_pickle=False)),
        small["output"].tolist(),
        norm_probs=True,
        tk_row=small["row"].tolist(),
    )


def _keep(found: LanguageIdentifier) -> None:
    moves, table, rest = _files()
    try:
        with whole(moves) as out:
            np.save(out, np.asarray(found.tk_nextmove))
        with whole(table) as out:
            np.save(out, found.nb_ptc)
        with whole(rest) as out:
            np.savez(
                out,
                pc=found.nb_pc,
                classes=np.array(found.nb_classes),
                output=np.array(found.tk_output),
                row=np.asarray(found.tk_row),
                sums=np.array([_sum(moves), _sum(table)]),
            )
    except OSError as error:
        _log.info("language tables not kept", why=error.strerror)


def _sum(file: Path) -> int:
    """Add a file up without holding it."""
    found = 0
    with file.open("rb") as stored:
        while piece := stored.read(_PIECE):
            found = zlib.crc32(piece, found)
    return found
