"""What knowledge had to say, told for the trace; pure."""

from collections.abc import Iterable

from brain.knowledge.search import Found
from conversation.events import ArticleFound


def found_articles(found: Iterable[Found]) -> tuple[ArticleFound, ...]:
    """Tell found articles for the trace, the best first."""
    told_of = (
        ArticleFound(id=one.article.id, title=one.article.title, score=round(float(one.score), 3))
        for one in found
    )
    return tuple(sorted(dict.fromkeys(told_of), key=lambda one: -one.score))
