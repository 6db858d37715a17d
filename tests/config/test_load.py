import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from ruamel.yaml import YAML

from config.load import ConfigError, load
from config.money import Money
from config.problems import Problem
from config.stages import Stage, Surface

DESK = "desk: {slack: {channel: C0123456789, bot_token: xoxb, signing_secret: s}}\n"
BRAND = "brand: {name: Northwind}\n"
FAULTS = YAML(typ="safe", pure=True).load(Path(__file__).with_name("faults.yaml"))


def problems_of(text: str, env: dict[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(text, env=env or {})
    return caught.value.problems


def lines_of(text: str, env: dict[str, str] | None = None) -> list[str]:
    return [str(each) for each in problems_of(text, env)]


def telegram(words: str) -> str:
    """A file whose channel has these keys, from line 5 on."""
    keys = "".join(f"    {line}\n" for line in words.splitlines())
    return f"{BRAND}{DESK}channels:\n  telegram:\n{keys}    token: t\n    webhook_secret: s\n"


def test_a_brand_alone_is_enough_to_try_the_brain() -> None:
    settings = load(BRAND, env={})
    assert settings.brand.languages == ("en",)
    assert settings.desk is None
    assert settings.channels == {}


def test_the_shape_callers_rely_on() -> None:
    settings = load(
        telegram("stage: off\nshare: 12.5%\nsurfaces: {public: manual}\ntargets: {answer: 30s}"),
        env={},
    )
    channel = settings.channels["telegram"]
    assert channel.platform == "telegram"
    assert channel.stage is Stage.OFF
    assert channel.share == 0.125
    assert channel.surfaces == {Surface.PUBLIC: Stage.MANUAL}
    assert channel.token == SecretStr("t")
    targets = settings.targets_for("telegram")
    assert (targets.acknowledge.seconds, targets.answer.seconds, targets.human.seconds) == (
        10,
        30,
        900,
    )


def test_a_channel_may_have_a_name_of_its_own() -> None:
    text = telegram("platform: telegram").replace("  telegram:\n", "  support:\n")
    assert load(text, env={}).channels["support"].platform == "telegram"


def test_words_stay_words_and_numbers_numbers() -> None:
    text = BRAND + "topics: {spam: off, warranty: {examples: ['no', yes, 'off']}}\n"
    settings = load(text, env={})
    assert settings.topics["spam"].off
    assert settings.topics["warranty"].examples == ("no", "yes", "off")
    assert "spam" not in settings.topic_ids
    assert {"warranty", "praise"} <= settings.topic_ids


def test_variables_go_into_scalars_never_into_the_text() -> None:
    env = {"NAME": 'A "quoted": {brand}\n# no comment', "X": "5"}
    settings = load('brand: {name: "${NAME} & ${X}", voice: "$${NAME}"}', env=env)
    assert settings.brand.name == 'A "quoted": {brand}\n# no comment & 5'
    assert settings.brand.voice == "${NAME}"


def test_a_mistyped_key_says_file_line_key_fault_and_cure() -> None:
    assert lines_of(telegram("stgae: copilot")) == [
        "socialcare.yaml:5: channels.telegram.stgae: unknown key; did you mean 'stage'?"
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
def test_faults_are_told_word_for_word(fault: dict[str, str]) -> None:
    assert fault["says"] in lines_of(fault["file"])


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    text = telegram("stgae: off\nshare: 3") + "serverr: {}\n"
    found = problems_of(text)
    assert [each.line for each in found] == [5, 6, 9]
    assert all(each.source == "socialcare.yaml" for each in found)


def test_a_missing_variable_names_key_line_and_variable() -> None:
    (line,) = lines_of(telegram('api_base: "${BASE}"'))
    assert "socialcare.yaml:5: channels.telegram.api_base: " in line
    assert "the environment variable BASE is not set; set BASE before starting" in line


@pytest.mark.parametrize("value", ["${}", "${a-b}", "${NAME"])
def test_a_broken_variable_is_told(value: Any) -> None:
    assert "holds ${ without a variable's name" in lines_of(f'brand: {{name: "{value}"}}')[0]


def test_an_empty_variable_is_told() -> None:
    assert "is empty" in lines_of('brand: {name: "${N}"}', {"N": ""})[0]


def test_webhook_secrets_are_what_telegram_accepts() -> None:
    base = telegram("stage: off")
    for good in ("a", "A-_9" * 64):
        load(base.replace("webhook_secret: s", f"webhook_secret: {good}"), env={})
    for bad in ("a b", "ä", "a" * 257):
        found = lines_of(base.replace("webhook_secret: s", f'webhook_secret: "{bad}"'))
        assert "webhook_secret: must be 1 to 256 letters, digits, _ or -" in found[0]


def test_the_source_is_the_files_name() -> None:
    with pytest.raises(ConfigError) as caught:
        load("", env={}, source="/etc/care.yaml")
    assert str(caught.value).startswith("/etc/care.yaml:1: is empty")


def test_limits_are_money() -> None:
    text = (
        BRAND
        + "connectors: {shop: {kind: http, base_url: 'https://s.example', operations: "
        + "{order: {method: GET, path: '/o/{order_id}', result: '@'}}}}\n"
        + "actions: {order_status: }\n"
    )
    settings = load(text, env={})
    assert settings.actions["order_status"].autonomous_up_to is None
    assert settings.connector_for("order_status", "order") == "shop"
    assert Money.parse("50 GBP") == Money(5000, "GBP")


@given(st.text(max_size=200))
def test_any_text_is_settings_or_problems(text: str) -> None:
    _loads_or_tells(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_problems(text: bytes) -> None:
    _loads_or_tells(text)


KEYS = """brand name channels telegram stage desk slack hours weekly mon connectors kind operations
order actions refund topics store url"""
keys = st.sampled_from(KEYS.split())
leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | keys
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)
)


@given(st.dictionaries(keys, trees, max_size=5))
def test_any_tree_is_settings_or_problems(tree: dict[str, Any]) -> None:
    _loads_or_tells(json.dumps(tree))


def _loads_or_tells(text: str | bytes) -> None:
    try:
        load(text, env={})
    except ConfigError as error:
        problems = error.problems
    else:
        return
    assert problems
    assert all(each.line >= 1 for each in problems)
