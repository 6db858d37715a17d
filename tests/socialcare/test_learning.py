"""What was learnt once is kept; a cache that is spoiled or cannot be written costs time only."""

import os
import threading
from pathlib import Path

import pytest

from brain.classifier import Classifier
from brain.encoder import Encoder, UseEncoder
from brain.examples import Example, shipped_topics
from config.load import load
from config.schema import Settings
from config.taught import spelled as alike
from socialcare import learning
from socialcare.loading import LoadedUse

EXAMPLES = [
    Example(label=label, text=f"{words} {n}")
    for label, words in (("late", "where is my parcel"), ("hours", "when do you open"))
    for n in range(12)
]


@pytest.fixture(scope="module")
def encoder() -> UseEncoder:
    return UseEncoder()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(learning, "cache", lambda: folder)
    return folder


@pytest.mark.usefixtures("cache")
def test_what_takes_longest_is_loaded_once_and_told(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[UseEncoder] = []
    kept = threading.Event()

    def loaded(*_folders: Path) -> LoadedUse:
        loads.append(encoder)
        return LoadedUse(encoder=encoder, keep=kept.set)

    monkeypatch.setattr(learning, "load_use", loaded)
    monkeypatch.setattr(learning, "examples_of", lambda _settings: EXAMPLES)
    monkeypatch.setattr(learning, "shipped_moods", lambda: EXAMPLES)
    settings = load("brand: {name: Northwind, languages: [en]}", env={})
    told = threading.Event()
    one = learning.Learning(["de"], once=told.set)
    minds = [one.learn(settings, ()) for _ in range(2)]
    assert (told.wait(20), len(loads), len(minds)) == (True, 1, 2)
    assert kept.wait(20)


@pytest.mark.usefixtures("cache")
def test_the_english_encoder_is_loaded_where_it_is_wanted(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        learning, "load_use", lambda *_: LoadedUse(encoder=encoder, keep=lambda: None)
    )
    monkeypatch.setattr(learning, "examples_of", lambda _settings: EXAMPLES)
    monkeypatch.setattr(learning, "shipped_moods", lambda: EXAMPLES)
    trained: list[str] = []
    train = learning.trained

    def noted(examples: list[Example], used: Encoder, *folders: Path) -> Classifier:
        trained.append(used.name)
        return train(examples, used, *folders)

    monkeypatch.setattr(learning, "trained", noted)
    settings = load("brand: {name: Northwind}\nmodel: {encoder: english}", env={})
    learning.learn(settings, ())
    assert trained
    assert all(name.startswith(f"{encoder.name}+minilm/") for name in trained)


@pytest.mark.usefixtures("cache")
def test_what_is_left_free_goes_back_before_and_after_learning(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        learning, "load_use", lambda *_: LoadedUse(encoder=encoder, keep=lambda: None)
    )
    monkeypatch.setattr(learning, "examples_of", lambda _settings: EXAMPLES)
    monkeypatch.setattr(learning, "shipped_moods", lambda: EXAMPLES)
    done: list[str] = []
    train = learning.trained

    def noted(examples: list[Example], used: Encoder, *folders: Path) -> Classifier:
        done.append("trained")
        return train(examples, used, *folders)

    monkeypatch.setattr(learning, "trained", noted)
    monkeypatch.setattr(learning, "give_back", lambda: done.append("given back"))
    learning.learn(load("brand: {name: Northwind}", env={}), ())
    assert done == ["given back", "trained", "trained", "trained", "given back"]


def test_a_second_start_does_not_train(
    cache: Path, encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = learning.trained(EXAMPLES, encoder)
    assert len(list(cache.iterdir())) == 1

    def never(*_: object) -> Classifier:
        raise AssertionError("trained again")

    monkeypatch.setattr(Classifier, "train", never)
    assert learning.trained(EXAMPLES, encoder).to_bytes() == first.to_bytes()


def test_what_a_brand_teaches_counts_before_what_is_shipped() -> None:
    shipped = next(each for each in shipped_topics() if each.label == "order_status")
    said = f" {shipped.text.upper()}! "
    topics = {"track_and_trace": {"examples": [said, "where is my walnut", "Where is my walnut."]}}
    whole = {"brand": {"name": "N"}, "topics": topics | {"praise": "off"}}
    taught = learning.examples_of(Settings.model_validate(whole))
    assert [each.label for each in taught if alike(each.text) == alike(said)] == ["track_and_trace"]
    assert sum("walnut" in alike(each.text) for each in taught) == 1
    assert "praise" not in {each.label for each in taught}
    assert len(taught) == sum(each.label != "praise" for each in shipped_topics()) + 1


def test_other_examples_are_another_training(cache: Path, encoder: UseEncoder) -> None:
    learning.trained(EXAMPLES, encoder)
    learning.trained([*EXAMPLES, Example(label="late", text="still nothing here")], encoder)
    assert len(list(cache.iterdir())) == 2


def test_a_spoiled_cache_is_trained_anew(cache: Path, encoder: UseEncoder) -> None:
    learning.trained(EXAMPLES, encoder)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    learning.trained(EXAMPLES, encoder)
    assert len(file.read_bytes()) == len(whole)


def test_a_head_that_is_used_is_no_old_one(cache: Path, encoder: UseEncoder) -> None:
    learning.trained(EXAMPLES, encoder)
    (file,) = cache.iterdir()
    os.utime(file, (1, 1))
    learning.trained(EXAMPLES, encoder)
    assert file.stat().st_mtime > 1


def test_a_cache_that_cannot_be_written_is_done_without(cache: Path, encoder: UseEncoder) -> None:
    cache.write_text("a file stands where the folder should", "utf-8")
    assert learning.trained(EXAMPLES, encoder).to_bytes()


def test_articles_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    articles, problems = learning.read_articles(tmp_path)
    assert articles == ()
    assert {problem.file for problem in problems} == {"bytes.md", "loop.md"}


def test_no_folder_holds_no_articles(tmp_path: Path) -> None:
    assert learning.read_articles(tmp_path / "none") == ((), ())
