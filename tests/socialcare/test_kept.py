"""Arrays kept in a file come back as they were, or not at all."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.kept import Arrays, Damaged, read_arrays, whole, writable, write_arrays

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
