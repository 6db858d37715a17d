"""Questions without an article: put together by meaning, and drafted."""

from dataclasses import replace
from datetime import date

import pytest

from brain.encoder import UseEncoder
from brain.knowledge.articles import Article, parse_article
from brain.knowledge.gaps import Gap, Question, draft, gaps


def asked(turn: str, text: str, answer: str = "", language: str = "en") -> Question:
    return Question(turn=turn, text=text, language=language, answer=answer)


SHOES = asked("c_1:1", "Do you repair hiking boots?")
SOLES = asked(
    "c_2:1", "can you repair my hiking boots please", "Yes: bring them to\nour shop: 9-18."
)
PETS = asked("c_3:1", "are dogs allowed in your store")
SCHUHE = asked("c_4:1", "Repariert ihr Wanderschuhe?", language="de")


def test_what_means_the_same_is_one_gap(encoder: UseEncoder) -> None:
    boots, *others = gaps([SHOES, PETS, SOLES, SCHUHE], encoder)
    assert boots.questions == (SHOES, SOLES)
    assert boots.answer == SOLES.answer
    assert [each.questions for each in others] == [(PETS,), (SCHUHE,)]


def test_its_name_stays_when_more_is_asked(encoder: UseEncoder) -> None:
    (one,) = gaps([SHOES], encoder)
    assert gaps([SHOES, SOLES], encoder)[0].id == one.id
    assert gaps([PETS], encoder)[0].id != one.id


def test_nothing_asked_no_gap(encoder: UseEncoder) -> None:
    assert gaps([], encoder) == ()


def test_a_draft_is_an_article_once_it_is_renamed() -> None:
    gap = Gap(id="gap-1", language="en", questions=(SHOES, SOLES))
    article = parse_article(draft(gap), file="gap-1.md")
    assert isinstance(article, Article)
    assert (article.id, article.title, article.languages) == ("gap-1", SHOES.text, ("en",))
    assert article.answer == SOLES.answer
    assert (article.surface.value, article.reviewed) == ("private", None)
    # What was said to one customer is said to nobody else before somebody has read it.
    assert "nobody has reviewed it" in article.stale_on(date(2026, 11, 27))
    assert SOLES.text in article.body


def test_a_draft_without_an_answer_is_no_article_yet() -> None:
    text = draft(Gap(id="gap-1", language="en", questions=(SHOES,)))
    assert f"# asked: {SHOES.text}" in text
    assert not isinstance(parse_article(text, file="gap-1.md"), Article)


TOLD = asked("c_5:1", "Is there a way to get boots repaired? I'm Chloe Meyer, [ORDER], [EMAIL_1]")


def test_who_asks_and_about_which_order_makes_no_other_question(encoder: UseEncoder) -> None:
    boots, *others = gaps([SHOES, TOLD, PETS], encoder)
    assert boots.questions == (SHOES, TOLD)
    assert [each.questions for each in others] == [(PETS,)]


def test_a_draft_says_what_was_asked_and_not_by_whom() -> None:
    """Its title may be said to customers, and its text be told a model."""
    text = draft(Gap(id="gap-1", language="en", questions=(replace(TOLD, answer="Yes."),)))
    assert "title: Is there a way to get boots repaired?\n" in text
    assert "Chloe" not in text
    assert "[ORDER]" not in text


@pytest.mark.parametrize("answer", ["", "Yes."])
def test_the_day_of_review_is_written_where_its_key_stands(answer: str) -> None:
    gap = Gap(id="gap-1", language="en", questions=(replace(SHOES, answer=answer),))
    assert "\nreviewed: # the day on which you read it\n" in draft(gap)
