"""The kept copy of the encoder is the encoder, or it is not used."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brain.encoder import UseEncoder, UsePieces
from socialcare import loading

TEXTS = ["i was charged twice", "Wo ist mein Paket?", "ﬁne \uff11\uff12  e\u0301", "注文 📦", ""]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "user_cache_path", lambda _name: folder)
        loading.load_use().keep()
    return folder


@pytest.fixture
def cache(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, filled."""
    for file in filled.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(loading, "user_cache_path", lambda _name: tmp_path)
    return tmp_path


@pytest.fixture
def only_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building the table of pieces ends the test."""
    build = UsePieces.__init__

    def kept_only(pieces: UsePieces, table: dict[str, Any] | None = None) -> None:
        assert table is not None, "built from the package"
        build(pieces, table)

    monkeypatch.setattr(UsePieces, "__init__", kept_only)


@pytest.fixture(scope="module")
def plain() -> UseEncoder:
    return UseEncoder()


@pytest.mark.usefixtures("cache", "plain", "only_kept")
def test_the_kept_copy_gives_the_same_vectors(plain: UseEncoder) -> None:
    kept = loading.load_use().encoder
    assert np.array_equal(kept.encode(TEXTS), plain.encode(TEXTS))
    assert (kept.name, kept.dimensions) == (plain.name, plain.dimensions)


@pytest.mark.parametrize("part", ["pieces", "weights"])
@pytest.mark.parametrize("damage", ["half", "flipped", "gone"])
def test_a_damaged_copy_is_replaced(cache: Path, part: str, damage: str) -> None:
    (file,) = cache.glob(f"*-{part}.npz")
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
    (file,) = cache.glob("*-pieces.npz")
    with np.load(file) as stored:
        table = {name: stored[name] for name in stored.files}
    table["scores"] = table["scores"][::-1]
    with file.open("wb") as out:
        np.savez(out, **table)
    with pytest.raises(AssertionError, match="from the package"):
        loading.load_use()


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    folder.write_text("a file stands where the folder should", "utf-8")
    monkeypatch.setattr(loading, "user_cache_path", lambda _name: folder)
    loaded = loading.load_use()
    loaded.keep()
    assert loaded.encoder.encode(TEXTS).shape == (len(TEXTS), 512)
