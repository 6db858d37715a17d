"""From the text of a file and an environment to settings, or to every mistake at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.changes import changed, in_force, needs_restart
from config.checks import Finding, disagreements
from config.document import Document, read_document
from config.explain import MISSING, UNKNOWN_KEY, findings
from config.not_built import WORDS, not_built
from config.problems import ConfigError, KeyPath, Problem, dotted
from config.schema import Settings, inherited
from config.taught import misleading

__all__ = [
    "ConfigError",
    "Problem",
    "changed",
    "in_force",
    "line_of",
    "load",
    "needs_restart",
    "settings_of",
]


def load(text: str | bytes, *, env: Mapping[str, str], source: str = "socialcare.yaml") -> Settings:
    """Read one configuration.

    Args:
        text: The file's content; bytes must be UTF-8.
        env: What `${NAME}` may stand for.
        source: The file's name, for messages.

    Raises:
        ConfigError: The file cannot be used; it lists every mistake found and no value.
    """
    document = read_document(_decoded(text, source), env=env, source=source)
    return settings_of(document, source=source)


def settings_of(document: Document, *, source: str) -> Settings:
    """Settings of a file already read; `ConfigError` as for `load`."""
    tree = inherited(document.tree)
    settings, details = _validated(tree)
    unbuilt = [
        Finding(path=path, message=f"{WORDS}: {row.what}", cure=row.cure)
        for path, row in not_built(tree)
    ]
    places = [each.path for each in unbuilt]
    found = [*unbuilt, *_elsewhere(findings(details, tree), places)]
    if settings is not None:
        found += _elsewhere(disagreements(settings), places)
        found += _elsewhere(misleading(settings), places)
    problems = [*document.problems, *_problems(found, document, source)]
    if settings is None or problems:
        raise ConfigError(problems)
    return settings


def line_of(text: str | bytes, path: KeyPath, *, source: str = "socialcare.yaml") -> int:
    """The line on which a file that `load` accepted says something."""
    return read_document(_decoded(text, source), env={}, source=source).line(path)


def _decoded(text: str | bytes, source: str) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
    # Raised outside the handler: the decoding error carries the whole file.
    message = "is not UTF-8"
    raise ConfigError(
        [Problem(source=source, line=line, key="", message=message, cure="save it as UTF-8")]
    )


def _validated(tree: dict[str, Any]) -> tuple[Settings | None, list[ErrorDetails]]:
    # The error is taken apart here and dropped: chained, it would carry values into a traceback.
    try:
        return Settings.model_validate(tree), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def _elsewhere(found: Iterator[Finding], places: list[KeyPath]) -> Iterator[Finding]:
    """The findings outside these places, where one message already says it all."""
    for each in found:
        if not any(each.path[: len(place)] == place for place in places):
            yield each


def _problems(found: list[Finding], document: Document, source: str) -> Iterator[Problem]:
    """Findings with their lines; silent on values already told of and on ones copied from there."""
    told = {each.key for each in document.problems}
    for each in found:
        key = dotted(each.path)
        unset = key in told and each.message != UNKNOWN_KEY
        copied = each.path not in document.lines and each.message != MISSING and each.path != ()
        if not unset and not copied:
            yield Problem(
                source=source,
                line=document.line(each.path),
                key=key,
                message=each.message,
                cure=each.cure,
            )
