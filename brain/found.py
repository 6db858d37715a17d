"""What knowledge had to say: told to the customer, and for the trace; pure."""

from collections.abc import Iterable

from brain.knowledge.articles import Article
from brain.knowledge.index import stems
from brain.knowledge.search import Found
from brain.steps import Line, article, line
from conversation.events import ArticleFound

TITLE_SAID_MAX = 150
"""Characters; a longer title is no name of what an answer is about."""


def told_from(one: Article, question: str, *, topic: str = "") -> tuple[Line, ...]:
    """Tell an article, and first what it is about where only likeness speaks for it.

    "Is the coffee fair trade?" is very like "Can I return coffee?", whose answer is a yes. So an
    answer says whose it is, except where the article names the topic that was understood, or was
    asked for in the very words of its title.

    Args:
        one: The article.
        question: The customer's words.
        topic: What they were understood as; empty where nobody knows.
    """
    words = article(one.answer)
    asked = topic in one.topics or stems(one.title) == stems(question)
    if asked or len(one.title) > TITLE_SAID_MAX:
        return (words,)
    return (line("about_article", title=one.title), words)


def found_articles(found: Iterable[Found]) -> tuple[ArticleFound, ...]:
    """Tell found articles for the trace, the best first."""
    told_of = (
        ArticleFound(id=one.article.id, title=one.article.title, score=round(float(one.score), 3))
        for one in found
    )
    return tuple(sorted(dict.fromkeys(told_of), key=lambda one: -one.score))
