"""The kept tables hear what the package hears, or they are not used."""

import tracemalloc
from pathlib import Path

import pytest

from brain.language import LanguageEar
from socialcare import loading_ear

LANGUAGES = ("en", "de", "fr")
TEXTS = [
    "where is my parcel, i have been waiting for a week",
    "Wo bleibt mein Paket? Ich warte seit einer Woche",
    "je voudrais être remboursée s'il vous plaît",
    "注文はどこですか",
    "A-10293",
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading_ear, "cache", lambda: folder)
        loading_ear.load_ear(LANGUAGES).keep()
    return folder


@pytest.fixture
def cache(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, filled."""
    for file in filled.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(loading_ear, "cache", lambda: tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def plain() -> LanguageEar:
    return LanguageEar(LANGUAGES)


@pytest.fixture
def only_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacking the package's file ends the test."""

    def unpacked() -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr("brain.language.packaged", unpacked)


@pytest.mark.usefixtures("cache")
def test_kept_tables_hear_the_same(plain: LanguageEar, only_kept: None) -> None:
    del only_kept
    kept = loading_ear.load_ear(LANGUAGES).ear
    assert [kept.hear(text) for text in TEXTS] == [plain.hear(text) for text in TEXTS]


@pytest.mark.usefixtures("cache")
def test_kept_tables_are_not_copied(only_kept: None) -> None:
    del only_kept
    tracemalloc.start()
    try:
        loading_ear.load_ear(LANGUAGES)  # the library's own list of 100,000 numbers is 4 MB
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 8_000_000


@pytest.mark.parametrize("damage", ["half", "flipped", "gone"])
def test_damaged_tables_are_replaced(cache: Path, plain: LanguageEar, damage: str) -> None:
    (file,) = cache.iterdir()
    good = file.read_bytes()
    match damage:
        case "half":
            file.write_bytes(good[: len(good) // 2])
        case "flipped":
            at = len(good) // 2
            file.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        case _:
            file.unlink()
    loaded = loading_ear.load_ear(LANGUAGES)
    assert [loaded.ear.hear(text) for text in TEXTS] == [plain.hear(text) for text in TEXTS]
    loaded.keep()
    assert file.read_bytes() == good


def test_a_folder_that_cannot_be_written_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "file"
    folder.write_text("no folder", "utf-8")
    monkeypatch.setattr(loading_ear, "cache", lambda: folder)
    loaded = loading_ear.load_ear(LANGUAGES)
    loaded.keep()
    assert loaded.ear.hear(TEXTS[0]).code == "en"
