"""What is free goes back to the system; one that cannot be told so is done without."""

import ctypes
import platform
from pathlib import Path
from types import SimpleNamespace

import pytest

from socialcare.giving_back import give_back

_BLOCKS = 100_000
_SIZE = 200
"""Bytes, less than what the allocator maps by itself."""


def _held_kib() -> int:
    found = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in found if line.startswith("RssAnon:"))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other libc knows the call")
def test_what_is_free_goes_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    blocks = [libc.malloc(_SIZE) for _ in range(_BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, _SIZE)
    # The last one stays in use: without being told, the process keeps all that is free below it.
    for block in blocks[:-1]:
        libc.free(block)
    before = _held_kib()
    give_back()
    assert before - _held_kib() > _BLOCKS * _SIZE // 1024 // 2
    libc.free(blocks[-1])


def _static(_: None) -> None:
    raise OSError


@pytest.mark.parametrize("found", [lambda _: SimpleNamespace(), _static])
def test_a_system_that_cannot_be_told_is_done_without(
    monkeypatch: pytest.MonkeyPatch, found: object
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", found)
    give_back()
