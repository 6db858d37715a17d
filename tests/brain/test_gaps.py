"""Questions without an article: put together by meaning, and drafted."""

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
    assert SOLES.text in article.body


def test_a_draft_without_an_answer_is_no_article_yet() -> None:
    text = draft(Gap(id="gap-1", language="en", questions=(SHOES,)))
    assert f"# asked: {SHOES.text}" in text
    assert not isinstance(parse_article(text, file="gap-1.md"), Article)
