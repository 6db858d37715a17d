"""The kept copy of the encoder is the encoder, or it is not used."""

from pathlib import Path

import numpy as np
import pytest

from brain import encoder
from brain.encoder import UseEncoder
from socialcare import loading
from socialcare.kept import read_arrays, write_arrays

TEXTS = ["i was charged twice", "Wo ist mein Paket?", "ﬁne \uff11\uff12  e\u0301", "注文 📦", ""]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "cache", lambda: folder)
        loading.load_use().keep()
    return folder


@pytest.fixture
def cache(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, filled."""
    for file in filled.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(loading, "cache", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def only_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building the table of pieces ends the test."""

    def built(_file: str) -> None:
        raise AssertionError("built from the package")

    monkeypatch.setattr(encoder, "UsePureTokenizer", built)


@pytest.fixture(scope="module")
def plain() -> UseEncoder:
    return UseEncoder()


@pytest.mark.usefixtures("cache", "plain", "only_kept")
def test_the_kept_copy_gives_the_same_vectors(plain: UseEncoder) -> None:
    kept = loading.load_use().encoder
    assert np.array_equal(kept.encode(TEXTS), plain.encode(TEXTS))
    assert (kept.name, kept.dimensions) == (plain.name, plain.dimensions)


@pytest.mark.parametrize("damage", ["half", "flipped", "gone"])
def test_a_damaged_copy_is_replaced(cache: Path, damage: str) -> None:
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    if damage == "half":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        at = len(whole) // 2
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    else:
        file.unlink()
    loaded = loading.load_use()
    assert loaded.encoder.encode(TEXTS).shape == (len(TEXTS), 512)
    loaded.keep()
    assert len(file.read_bytes()) == len(whole)


@pytest.mark.usefixtures("only_kept")
def test_a_copy_that_gives_other_vectors_is_not_believed(cache: Path) -> None:
    (file,) = cache.iterdir()
    table = read_arrays(file)
    write_arrays(file, {**table, "scores": table["scores"][::-1]})
    with pytest.raises(AssertionError, match="from the package"):
        loading.load_use()


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    folder.write_text("a file stands where the folder should", "utf-8")
    monkeypatch.setattr(loading, "cache", lambda: folder)
    loaded = loading.load_use()
    loaded.keep()
    assert loaded.encoder.encode(TEXTS).shape == (len(TEXTS), 512)
