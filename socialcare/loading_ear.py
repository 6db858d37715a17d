"""Loads what tells languages apart; of its tables a copy is kept that needs no memory.

The package unpacks 70 MB at each start. Kept as a plain file they are mapped: a message touches a
few pages of them, the rest stays on disk.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog
from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped] # ships no types

from brain.language import LanguageEar
from socialcare.kept import cache, read_arrays, used, write_arrays

_FORMAT = 2

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEar:
    """What hears languages, and how to make its next loading quick."""

    ear: LanguageEar
    keep: Callable[[], None]
    """For when nothing else is to be done; writes what is not there."""


def ear_file(folder: Path) -> Path:
    """Name the file of the kept copy in a folder."""
    return folder / f"ear-{_FORMAT}-{version('py3langid')}.arrays"


def load_ear(languages: Sequence[str], *folders: Path) -> LoadedEar:
    """Load it, from the first good copy in the folders (the user's cache)."""
    places = folders or (cache(),)
    for folder in places:
        # json, numpy and the library each have their own errors for damage.
        with contextlib.suppress(Exception):
            known = LanguageEar(languages, _kept(ear_file(folder)))
            used(ear_file(folder))
            return LoadedEar(ear=known, keep=lambda: None)
    ear = LanguageEar(languages)
    return LoadedEar(ear=ear, keep=lambda: _keep(ear_file(places[0]), ear.identifier))


def _kept(file: Path) -> LanguageIdentifier:
    arrays = read_arrays(file)
    return LanguageIdentifier(
        arrays["table"],
        arrays["pc"],
        arrays["classes"].tolist(),
        arrays["moves"].data,
        arrays["output"].data,
        norm_probs=True,
        tk_row=arrays["row"].data,
    )


def _keep(file: Path, found: LanguageIdentifier) -> None:
    arrays = {
        "moves": np.asarray(found.tk_nextmove),
        "table": found.nb_ptc,
        "pc": found.nb_pc,
        "classes": np.array(found.nb_classes),
        "output": np.array(found.tk_output),
        "row": np.asarray(found.tk_row),
    }
    try:
        write_arrays(file, arrays)
    except OSError as error:
        _log.info("language tables not kept", why=error.strerror)
