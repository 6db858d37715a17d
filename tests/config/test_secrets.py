"""A secret may stand in any place of the file, well or wrongly; no message ever repeats it."""

import traceback
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from typing import Any

import pytest

from config.changes import changed
from config.channels import TelegramChannel
from config.document import Document, read_document
from config.load import ConfigError, load, settings_of
from config.schema import Settings

SENTINEL = "s3ntinel-Tok3n"
NORTHWIND = files("config").joinpath("examples", "northwind.yaml").read_text("utf-8")
NAMES = """TELEGRAM_TOKEN TELEGRAM_SECRET SLACK_BOT_TOKEN SLACK_SIGNING_SECRET
SOCIALCARE_OPERATOR_TOKEN BILLING_TOKEN SHOP_TOKEN"""
ENV = {**dict.fromkeys(NAMES.split(), "plain"), "SENTINEL": SENTINEL}


SHAPES = (
    SENTINEL,
    [SENTINEL],
    {"a": SENTINEL},
    f"Bearer {SENTINEL}!",
    f"{{{SENTINEL}}} ({SENTINEL}",
)
"""The secret as text, in a list, in a mapping, within words, and within what is half a pattern."""


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(child, (*path, key))


def put(node: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copy: Any = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


TREE = read_document(NORTHWIND, env=ENV, source="northwind.yaml").tree
WHOLE = load(NORTHWIND, env=ENV)


@pytest.mark.parametrize("place", list(places(TREE))[1:], ids=lambda p: ".".join(map(str, p)))
def test_no_message_repeats_what_stands_in_a_place(place: tuple[str | int, ...]) -> None:
    for shape in SHAPES:
        tree = put(TREE, place, shape)
        document = Document(tree=tree, lines=dict.fromkeys(places(tree), 1), problems=())
        assert SENTINEL not in told_of(partial(settings_of, document, source="f"))


@pytest.mark.parametrize(
    "text",
    [
        "brand: {name: N, timezone: '${SENTINEL}'}",
        "brand: {name: N}\nserver: {port: '${SENTINEL}'}",
        "brand: {name: N}\ntargets: {answer: '5s ${SENTINEL}'}",
        "brand: {name: N}\nstore: {url: 'postgresql://u:${SENTINEL}@h/db'}",
        "brand: {name: N}\nchannels: {telegram: {token: ['${SENTINEL}'], platform: '${SENTINEL}'}}",
        "brand: {name: N}\nserver: {public_url: 'https://u:${SENTINEL}@n.example'}",
    ],
)
def test_no_message_repeats_what_came_from_the_environment(text: str) -> None:
    assert SENTINEL not in told_of(lambda: load(text, env=ENV))


def told_of(read: Callable[[], Settings]) -> str:
    """Everything a reader of the logs would see: messages, traceback, changes."""
    try:
        settings = read()
    except ConfigError as error:
        return "".join(traceback.format_exception(error)) + repr(error.problems)
    return "\n".join(changed(WHOLE, settings))


@pytest.mark.parametrize(
    "text",
    [
        f"brand: {{name: *{SENTINEL}}}",
        f"brand: {{name: !{SENTINEL} x}}",
        f"brand:\n  name: %{SENTINEL}\n",
        f'brand: {{name: "\\q{SENTINEL}"}}',
        f"brand: {{name: ${{{SENTINEL}}}}}",
        f"brand:\n  token: {SENTINEL}\n  token: {SENTINEL}\n",
        f"brand: {{name: {SENTINEL}: {SENTINEL}}}",
        f"{SENTINEL}\n",
        f"- {SENTINEL}\n",
        f"brand: '{SENTINEL}\n",
        f"brand: {{name: &{SENTINEL} x, name: *{SENTINEL}}}",
        f"brand:\n\t{SENTINEL}",
        f"brand: {{name: \x00{SENTINEL}}}",
    ],
)
def test_text_that_is_no_yaml_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text, env=ENV)
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


def test_text_in_another_encoding_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        load(SENTINEL.encode() + b"\xff", env={})
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


def test_settings_do_not_print_their_secrets() -> None:
    settings = load(NORTHWIND, env=dict.fromkeys(ENV, SENTINEL))
    assert SENTINEL not in repr(settings)
    assert SENTINEL not in str(settings)
    channel = settings.channels["telegram"]
    assert isinstance(channel, TelegramChannel)
    assert channel.token.get_secret_value() == SENTINEL


def test_changes_of_secrets_are_named_not_shown() -> None:
    other = load(NORTHWIND, env={**ENV, "BILLING_TOKEN": SENTINEL, "TELEGRAM_TOKEN": SENTINEL})
    assert changed(WHOLE, other) == (
        "channels.telegram.token: changed",
        "connectors.billing.headers.Authorization: changed",
    )
