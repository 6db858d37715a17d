"""The brand's articles from the command line: what to look at in them, and which are missing."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from brain.knowledge.articles import Article
from brain.masking import Masks
from config.schema import Settings
from config.stages import Surface
from config.topics import ASKS_NOTHING
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.questions import Unanswered, unanswered
from socialcare.commands.importing import import_files
from socialcare.commands.shell import (
    DEFAULT,
    Config,
    read_settings,
    say,
    shown,
    source_of,
    stop,
    with_care,
)

if TYPE_CHECKING:
    from brain.knowledge.gaps import Gap, Question

DRAFT = ".md.draft"
"""Ending of a file that is no article until somebody has read and renamed it."""

app = typer.Typer(
    name="knowledge",
    help="Articles from FAQ pages; questions that none answers, and drafts of what is missing.",
    no_args_is_help=True,
)
app.command("import")(import_files)


def looked_through(
    settings: Settings, articles: Sequence[Article], *, at: datetime
) -> Iterator[str]:
    """Say in lines what should be looked at; takes a second for the encoder to load."""
    # Only here: most commands need no encoder.
    from brain.address import other_form  # noqa: PLC0415 - see above
    from brain.encoder import UseEncoder  # noqa: PLC0415 - see above
    from brain.knowledge.reviewing import remarks  # noqa: PLC0415 - see above
    from brain.knowledge.search import Knowledge  # noqa: PLC0415 - see above

    for language, words in settings.brand.disclosure.items():
        form = settings.brand.formality.get(language, "")
        for sentence in other_form(words, language, form):
            where = f"brand.disclosure.{language}: other form of address"
            yield shown(f"{where}: “{sentence}”, where the brand says “{form}”")
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
        off=settings.topics_off,
        forms=settings.brand.formality,
    ):
        both = one.article + (f" and {one.other}" if one.other else "")
        yield shown(f"{both}: {one.fault}: {one.why}")


@app.command("gaps")
def gaps_found(config: Config = DEFAULT) -> None:
    """List the questions without an article, those that mean the same together, masked."""
    found = _gaps(config)
    for one in found:
        answered = "answered by the desk" if one.answer else "no answer yet"
        say(f"{one.id}  {len(one.questions)} times  {one.language or '?'}  {answered}")
        for example in one.examples:
            say(f"    {example}")
    if not found:
        say("no question is without an article")


@app.command("draft")
def drafted(
    gap: Annotated[str, typer.Argument(metavar="ID", help="As `knowledge gaps` says.")],
    config: Config = DEFAULT,
) -> None:
    """Write a gap's article as far as it is known; not used before somebody renames the file."""
    from brain.knowledge.gaps import draft  # noqa: PLC0415 - most commands need no encoder

    one = next((each for each in _gaps(config) if each.id == gap), None)
    if one is None:
        stop(f"no gap is known as {gap}")
    folder = config.parent / read_settings(source_of(config)).knowledge.folder
    file = folder / f"{one.id}{DRAFT}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(draft(one))
    except FileExistsError:
        stop(f"{file} is there already")
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}")
    say(f"{file}: read it, set reviewed, and rename it to {one.id}.md")


def _gaps(config: Config) -> "tuple[Gap, ...]":
    # Only here: most commands need no encoder.
    from brain.encoder import UseEncoder  # noqa: PLC0415 - see above
    from brain.knowledge.gaps import gaps  # noqa: PLC0415 - see above
    from brain.knowledge.search import Knowledge  # noqa: PLC0415 - see above
    from brain.procedures import PROCEDURES  # noqa: PLC0415 - see above
    from socialcare.learning import in_use, read_articles  # noqa: PLC0415 - see above

    async def look(care: Care, settings: Settings) -> tuple[Settings, tuple[Unanswered, ...]]:
        async with care.looking() as session:
            return settings, await unanswered(session)

    settings, asked = with_care(config, look)
    encoder = UseEncoder()
    at = SystemClock().now().astimezone(ZoneInfo(settings.brand.timezone))
    articles, _ = read_articles(config.parent / settings.knowledge.folder)
    knowledge = Knowledge(in_use(articles, settings), encoder)
    served = ASKS_NOTHING.union(PROCEDURES)

    def fits(text: str, language: str, *topics: str) -> bool:
        found = knowledge.search(
            text, language=language, surface=Surface.PRIVATE, at=at, topics=topics, limit=1
        )
        return bool(found) and found[0].score >= settings.knowledge.floor

    def answered(one: Unanswered) -> bool:
        """Say whether somebody has written the article since: it is looked for as the bot does."""
        wishes = [each for each in one.issues if each.topic not in served]
        if not wishes:
            return fits(one.text, one.language)
        return all(fits(each.text, one.language, each.topic) for each in wishes)

    questions = [_masked(one, settings.brand.order_ids) for one in asked if not answered(one)]
    return gaps(questions, encoder)


def _masked(one: Unanswered, order_ids: Sequence[str]) -> "Question":
    """Take out what a person could be known by: these words are read far from their case."""
    from brain.knowledge.gaps import Question  # noqa: PLC0415 - most commands need no encoder

    def mask(text: str) -> str:
        masked = Masks().mask(text)
        for pattern in order_ids:
            masked = re.sub(pattern, "[ORDER]", masked)
        return masked

    return Question(
        turn=one.turn, text=mask(one.text), language=one.language, answer=mask(one.answer)
    )
