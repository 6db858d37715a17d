"""Arrays kept in a file come back as they were, or not at all."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.kept import (
    PART_AGE_S,
    TABLES_MAX,
    Arrays,
    Damaged,
    read_arrays,
    tidy,
    whole,
    writable,
    write_arrays,
)

ARRAYS: Arrays = {
    "numbers": np.arange(7, dtype=np.int64),
    "table": np.arange(30, dtype=np.uint8).reshape(5, 6),
    "weights": np.linspace(0, 1, 33, dtype=np.float32).reshape(3, 11),
    "words": np.array(["één", "zwei"]),
    "one": np.array(0.5),
    "none": np.zeros((0, 4), dtype=np.float32),
}


def test_what_was_written_is_mapped(tmp_path: Path) -> None:
    file = tmp_path / "some.arrays"
    write_arrays(file, ARRAYS)
    found = read_arrays(file)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert np.array_equal(found[name], array)
        assert found[name].ctypes.data % 64 == 0 or not array.size
    with pytest.raises(ValueError, match="read-only"):
        found["numbers"][0] = 1


def test_what_is_mapped_outlives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "some.arrays"
    write_arrays(file, ARRAYS)
    found = read_arrays(file)
    file.unlink()
    assert np.array_equal(found["table"], ARRAYS["table"])


@given(data=st.data())
def test_any_damage_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("damage") / "some.arrays"
    write_arrays(file, ARRAYS)
    good = file.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    if data.draw(st.booleans()):
        file.write_bytes(good[:at])
    else:
        bit = 1 << data.draw(st.integers(0, 7))
        file.write_bytes(good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :])
    with pytest.raises(Damaged):
        read_arrays(file)


def test_a_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    def break_off() -> None:
        with whole(tmp_path / "new") as out:
            out.write(b"half")
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder", "utf-8")
    assert (writable(tmp_path / "new" / "one"), writable(file)) == (True, False)


def _laid(folder: Path, name: str, *, used_at: float) -> Path:
    file = folder / name
    file.write_bytes(b"x")
    os.utime(file, (used_at, used_at))
    return file


def test_what_nobody_has_used_for_longest_goes_first(tmp_path: Path) -> None:
    tables = [_laid(tmp_path, f"use-{n}-0.arrays", used_at=n) for n in range(TABLES_MAX + 2)]
    tidy(tmp_path, now=1_000)
    assert [file.exists() for file in tables] == [False] * 2 + [True] * TABLES_MAX


def test_what_was_never_finished_goes_when_nobody_can_be_at_it_any_more(tmp_path: Path) -> None:
    left = _laid(tmp_path, "use-2-0.2.1.8603.part", used_at=0)
    begun = _laid(tmp_path, "use-2-0.2.1.9999.part", used_at=PART_AGE_S)
    tidy(tmp_path, now=PART_AGE_S + 1.0)
    assert (left.exists(), begun.exists()) == (False, True)


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    for n in range(2 * TABLES_MAX):
        _laid(tmp_path, f"notes{n}.npz", used_at=0)
        _laid(tmp_path, f"theirs-{n}.arrays", used_at=0)
    _laid(tmp_path, "some.part", used_at=0)
    before = sorted(tmp_path.iterdir())
    tidy(tmp_path, now=10 * PART_AGE_S)
    assert sorted(tmp_path.iterdir()) == before


def test_where_nothing_can_be_tidied_nothing_is(tmp_path: Path) -> None:
    tidy(tmp_path / "nowhere", now=0)
    (tmp_path / "use-2-0.2.1.1.part").mkdir()
    tidy(tmp_path, now=10 * PART_AGE_S)
    assert list(tmp_path.iterdir())
