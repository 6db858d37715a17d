"""Articles: read as values, found by meaning, kept from where they may not be said."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.encoder import UseEncoder
from brain.knowledge.articles import Article, ArticleProblem, parse_article, parse_articles
from brain.knowledge.search import Found, Knowledge, says_something
from config.stages import Surface

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
FLOOR = 0.35

GOLDEN = """---
id: returns
title: How to return an item
topics: [start_return]
languages: [en]
surface: public
reviewed: 2026-10-01
expires: 2027-01-31
owner: care@northwind.example
answer: You can send anything back within 30 days.
---
# Returns

Print the label from your account.

Put the item in its box.
"""
TEXTS = {
    "opening": "Opening hours|Our shops open Monday to Saturday from 9:00 to 18:00 and on Sunday"
    " from 11:00 to 17:00. On bank holidays we are closed.",
    "shipping": "Delivery times and costs|Standard delivery takes 2 to 4 working days and costs"
    " £3.95; it is free above £50. Express delivery arrives the next working day.",
    "abroad": "Delivery abroad|We ship to Ireland, France, Germany and Spain.",
    "refund": "When the refund arrives|Once your return has reached us we refund within 5 working"
    " days, to the card you paid with.",
    "size": "Finding your size|Measure your chest and compare it with the size table. Our jackets"
    " run small.",
    "washing": "Washing waterproof jackets|Wash at 30 degrees with a mild detergent, no softener.",
    "gift": "Gift cards|Gift cards are valid for three years in the shops and online.",
}


def _article(name: str, *, public: bool = True, expires: date | None = None) -> Article:
    title, body = TEXTS[name].split("|")
    return Article(
        id=name,
        title=title,
        languages=("en",),
        surface=Surface.PUBLIC if public else Surface.PRIVATE,
        expires=expires,
        answer=body,
        body=body,
        topics=("shipping_info",) if name == "abroad" else (),
    )


@pytest.fixture(scope="module")
def knowledge(encoder: UseEncoder) -> Knowledge:
    return Knowledge([_article(name) for name in TEXTS], encoder)


def _found(knowledge: Knowledge, text: str, surface: Surface = Surface.PUBLIC) -> list[Found]:
    return knowledge.search(text, language="en", surface=surface, at=NOW)


def test_a_golden_article() -> None:
    assert parse_article(GOLDEN, file="returns.md") == Article(
        id="returns",
        title="How to return an item",
        topics=("start_return",),
        languages=("en",),
        surface=Surface.PUBLIC,
        reviewed=date(2026, 10, 1),
        expires=date(2027, 1, 31),
        owner="care@northwind.example",
        answer="You can send anything back within 30 days.",
        body="# Returns\n\nPrint the label from your account.\n\nPut the item in its box.",
    )


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("id: returns", "id: re turns", "id"),
        ("title: How to return an item\n", "", "title"),
        ("surface: public", "surface: everywhere", "surface"),
        ("expires: 2027-01-31", "expires: soon", "expires"),
        ("expires: 2027-01-31", "expires: 2027-02-31", "expires"),
        ("languages: [en]", "languages: [english]", "languages.0"),
        ("owner:", "onwer:", "onwer"),
        ("topics: [start_return]", "topics: [", ""),
        ("---\nid", "id", ""),
    ],
)
def test_mistakes_name_file_and_key(old: str, new: str, key: str) -> None:
    problems = parse_article(GOLDEN.replace(old, new), file="returns.md")
    assert not isinstance(problems, Article)
    assert [(each.file, each.key) for each in problems] == [("returns.md", key)]


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("title: How", "title: Returns: how", "title", "line 3: a colon in words: put them in"),
        ("title: How", 'title: "How', "", "line 3: a quote is opened and not closed"),
        ("2027-01-31", "2027-02-30", "expires", "line 8: 2027-02-30 is no day"),
        ("surface: public", "surface:\tpublic\n\tx: 1", "", "line 6: a tab: use spaces"),
        ("[start_return]", "[start_return", "", "line "),
        ("id: returns", "- id: returns", "", "line "),
    ],
)
def test_what_is_no_front_matter_is_named_by_line(old: str, new: str, key: str, why: str) -> None:
    problems = parse_article(GOLDEN.replace(old, new, 1), file="returns.md")
    assert not isinstance(problems, Article)
    (problem,) = problems
    assert problem.key == key
    assert why in problem.why


def test_an_id_that_is_taken_names_the_file_that_has_it() -> None:
    _, problems = parse_articles({"a.md": GOLDEN, "de/c.md": GOLDEN})
    assert [each.why for each in problems] == ["returns is the id of a.md already"]


def test_an_article_says_something() -> None:
    problems = parse_article("---\nid: a\ntitle: b\n---\n", file="a.md")
    assert problems == (
        ArticleProblem(file="a.md", key="answer", why="there is neither answer nor body"),
    )


def test_without_a_surface_it_is_private() -> None:
    article = parse_article(GOLDEN.replace("surface: public\n", ""), file="returns.md")
    assert isinstance(article, Article)
    assert article.surface is Surface.PRIVATE


def test_one_bad_file_does_not_silence_the_others() -> None:
    articles, problems = parse_articles({"a.md": GOLDEN, "b.md": "nothing", "c.md": GOLDEN})
    assert [each.id for each in articles] == ["returns"]
    assert [(each.file, each.key) for each in problems] == [("b.md", ""), ("c.md", "id")]


@given(st.text(max_size=200), st.integers(0, len(GOLDEN)))
def test_any_text_is_an_article_or_its_problems(noise: str, at: int) -> None:
    parsed = parse_article(GOLDEN[:at] + noise + GOLDEN[at:], file="x.md")
    assert isinstance(parsed, Article) or parsed


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("what time do you open tomorrow", "opening"),
        ("are u open on sundays", "opening"),
        ("how long does shipping take", "shipping"),
        ("do you ship to germany", "abroad"),
        ("when do I get my money back after a return", "refund"),
        ("does the jacket run small", "size"),
        ("can i put the jacket in the washing machine", "washing"),
        ("do gift cards expire", "gift"),
    ],
)
def test_questions_find_their_article(knowledge: Knowledge, question: str, article: str) -> None:
    found = _found(knowledge, question)
    assert found[0].article.id == article
    assert found[0].score >= FLOOR
    assert found[0].passage


@pytest.mark.parametrize(
    "question",
    [
        "write me a poem",
        "my account is locked",
        "your driver was rude",
        "i was charged twice",
        "can I talk to a human",
        "how tall is the eiffel tower",
        "do you have a loyalty program",
        "hello",
    ],
)
def test_other_questions_stay_below_the_floor(knowledge: Knowledge, question: str) -> None:
    assert all(found.score < FLOOR for found in _found(knowledge, question)[:1])


def test_a_known_topic_lifts_its_article(knowledge: Knowledge) -> None:
    text = "can u guys get it over here 2 dublin"
    plain = {each.article.id: each.score for each in _found(knowledge, text)}
    lifted = knowledge.search(
        text, language="en", surface=Surface.PUBLIC, at=NOW, topics={"shipping_info"}
    )
    assert lifted[0].article.id == "abroad"
    assert lifted[0].score > plain.get("abroad", 0)


def test_an_article_answers_only_the_topics_it_names(knowledge: Knowledge) -> None:
    text = "do you ship abroad?"
    assert _found(knowledge, text)[0].article.id == "abroad"
    other = knowledge.search(
        text, language="en", surface=Surface.PUBLIC, at=NOW, topics={"change_address"}
    )
    assert other
    assert "abroad" not in {each.article.id for each in other}


def test_what_is_private_stays_private(encoder: UseEncoder) -> None:
    knowledge = Knowledge([_article("gift", public=False)], encoder)
    assert not _found(knowledge, "do gift cards expire")
    assert _found(knowledge, "do gift cards expire", Surface.PRIVATE)


def test_what_has_expired_is_not_said(encoder: UseEncoder) -> None:
    knowledge = Knowledge(
        [
            _article("gift", expires=date(2026, 11, 17)),
            _article("size", expires=date(2026, 11, 18)),
        ],
        encoder,
    )
    assert [each.article.id for each in _found(knowledge, "gift cards")] == ["size"]


def test_other_languages_find_nothing(knowledge: Knowledge) -> None:
    assert not knowledge.search("Öffnungszeiten", language="de", surface=Surface.PUBLIC, at=NOW)


def test_nothing_known_nothing_found(encoder: UseEncoder, knowledge: Knowledge) -> None:
    assert not _found(Knowledge([], encoder), "hello")
    assert not _found(knowledge, "  ")


@pytest.mark.parametrize(
    ("text", "something"),
    [
        ("what can you do?", False),
        ("what did you just do?", False),
        ("how does this work for me", True),
        ("Was kannst du alles?", False),
        ("¿qué puedes hacer?", False),
        ("tu peux faire quoi ?", False),
        ("when do you open", True),
        ("Versand?", True),
        ("how do I return it", True),
    ],
)
def test_a_question_without_a_word_of_its_own_is_about_nothing(text: str, something: bool) -> None:
    assert says_something(text) is something
