"""What is loaded at start is loaded once; what cannot be read of a brand's articles is told."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brain.encoder import Encoder, UseEncoder
from brain.examples import Example
from brain.heads import Heads, shipped_heads
from brain.knowledge.articles import Article, parse_article
from config.load import load
from config.schema import Settings
from config.stages import Surface
from socialcare import learning
from socialcare.loading import LoadedUse


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
    used: list[str] = []

    def noted(one: Encoder) -> Heads:
        used.append(one.name)
        return shipped_heads(one)

    monkeypatch.setattr(learning, "shipped_heads", noted)
    learning.learn(load("brand: {name: Northwind}\nmodel: {encoder: english}", env={}), ())
    assert [name.startswith(f"{encoder.name}+minilm/") for name in used] == [True]


@pytest.mark.usefixtures("cache")
def test_what_is_left_free_goes_back_before_and_after_learning(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        learning, "load_use", lambda *_: LoadedUse(encoder=encoder, keep=lambda: None)
    )
    done: list[str] = []

    def noted(used: Encoder) -> Heads:
        done.append("read")
        return shipped_heads(used)

    monkeypatch.setattr(learning, "shipped_heads", noted)
    monkeypatch.setattr(learning, "give_back", lambda: done.append("given back"))
    learning.learn(load("brand: {name: Northwind}", env={}), ())
    assert done == ["given back", "read", "given back"]


@pytest.mark.usefixtures("cache")
def test_an_article_of_topics_that_are_switched_off_answers_nothing(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        learning, "load_use", lambda *_: LoadedUse(encoder=encoder, keep=lambda: None)
    )
    front = "---\ntitle: How long a gift card is valid\nsurface: public\n"
    cards = parsed(f"{front}id: cards\ntopics: [gift_card]\n---\nThree years.")
    both = parsed(f"{front}id: both\ntopics: [gift_card, promo_code]\n---\nThree years.")
    found = {}
    for said in ("{}", "{gift_card: off}", "{gift_card: {off: true}, promo_code: off}"):
        mind = learning.learn(load(f"brand: {{name: N}}\ntopics: {said}", env={}), (cards, both))
        asked = mind.knowledge.search(
            "how long is a gift card valid?",
            language="en",
            surface=Surface.PRIVATE,
            at=datetime(2026, 11, 18, 10, tzinfo=UTC),
        )
        found[said] = {one.article.id for one in asked}
    assert list(found.values()) == [{"cards", "both"}, {"both"}, set()]


def parsed(text: str) -> Article:
    article = parse_article(text, file="a.md")
    assert isinstance(article, Article)
    return article


def test_what_a_brand_says_twice_counts_once() -> None:
    topics = {
        "track_and_trace": {"examples": ["where is my walnut", "Where is my walnut."]},
        "praise": "off",
    }
    settings = Settings.model_validate({"brand": {"name": "N"}, "topics": topics})
    assert learning.own_examples(settings) == [Example("track_and_trace", "Where is my walnut.")]
    assert learning.own_topics(settings) == {"track_and_trace"}


def test_articles_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    articles, problems = learning.read_articles(tmp_path)
    assert articles == ()
    assert {problem.file for problem in problems} == {"bytes.md", "loop.md"}


def test_no_folder_holds_no_articles(tmp_path: Path) -> None:
    assert learning.read_articles(tmp_path / "none") == ((), ())
