"""The brand's articles from the command line: what to look at in them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from brain.knowledge.articles import Article
from config.schema import Settings
from socialcare.commands.shell import shown


def looked_through(
    settings: Settings, articles: Sequence[Article], *, at: datetime
) -> Iterator[str]:
    """Say in lines what should be looked at; takes a second for the encoder to load."""
    # Only here: most commands need no encoder.
    from brain.encoder import UseEncoder  # noqa: PLC0415 - see above
    from brain.knowledge.reviewing import remarks  # noqa: PLC0415 - see above
    from brain.knowledge.search import Knowledge  # noqa: PLC0415 - see above

    if not articles:
        return
    encoder = UseEncoder()
    for one in remarks(
        Knowledge(articles, encoder),
        encoder,
        at=at,
        floor=settings.knowledge.floor,
        languages=settings.brand.languages,
        topics=settings.topic_ids,
    ):
        both = one.article + (f" and {one.other}" if one.other else "")
        yield shown(f"{both}: {one.fault}: {one.why}")
