import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from config.checks import nearest
from config.connectors import HttpConnector
from config.hours import is_open
from config.languages import DISCLOSURES, LANGUAGES
from config.load import ConfigError, load
from config.money import Money
from config.not_built import WORDS
from config.schema import Settings
from config.stages import Stage
from config.topics import SHIPPED_TOPICS

EXAMPLES = files("config").joinpath("examples")
CONTRACT = Path(__file__).parents[2] / ".." / "shared" / "CONTRACT.md"


def example(name: str) -> Settings:
    text = EXAMPLES.joinpath(name).read_text("utf-8")
    return load(text, env=dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x"), source=name)


@pytest.mark.parametrize("each", sorted(each.name for each in EXAMPLES.iterdir()))
def test_every_shipped_example_loads(each: str) -> None:
    assert example(each).brand.name == "Northwind Outfitters"


def test_the_minimal_example_is_careful() -> None:
    settings = example("minimal.yaml")
    assert settings.channels["telegram"].stage is Stage.COPILOT
    assert settings.store.path == "socialcare.db"
    assert settings.desk is not None
    assert settings.desk.signoffs_to == "C0123456789"


def test_the_whole_example_says_what_it_shows() -> None:
    settings = example("northwind.yaml")
    assert settings.actions["refund"].autonomous_up_to == Money(5000, "GBP")
    assert settings.connector_for("refund", "order") == "shop"
    assert settings.connector_for("refund", "find_refund") == "billing"
    billing = settings.connectors["billing"]
    assert isinstance(billing, HttpConnector)
    assert billing.operations["refund"].idempotency_header == "Idempotency-Key"
    assert settings.desk is not None
    assert settings.desk.hours is not None
    assert not is_open(settings.desk.hours, datetime(2026, 12, 25, 10, tzinfo=UTC))
    assert settings.desk.roles.approver.sign_up_to == Money(50_000, "GBP")


def test_disclosures_are_the_brands_or_the_shipped_ones() -> None:
    brand = example("northwind.yaml").brand
    assert brand.disclosure_in("en").startswith("I'm Northwind's AI assistant.")
    assert "Northwind Outfitters" in brand.disclosure_in("de")
    assert brand.disclosure_in("ja") == brand.disclosure_in("en")
    assert set(DISCLOSURES) <= LANGUAGES


def test_the_shipped_topics_are_those_promised_outside() -> None:
    if not CONTRACT.exists():
        pytest.skip("the folder shared is not beside this checkout")
    promised = CONTRACT.read_text("utf-8").partition("## Topics the product ships with\n")[2]
    assert promised.partition(".")[0].split()[: len(SHIPPED_TOPICS)] == list(SHIPPED_TOPICS)


def test_the_schema_knows_every_key_promised_outside() -> None:
    if not CONTRACT.exists():
        pytest.skip("the folder shared is not beside this checkout")
    text = CONTRACT.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    shop = '{order: {method: GET, path: "/{order_id}", result: "@"}}'
    text = re.sub(r"operations: {order: {….*}}", f"operations: {shop}}}", text)
    text = text.replace('_base: "…"', "_base: https://a.example").replace(
        'base_url: "…"', "base_url: https://a.example"
    )
    text = text.replace('warranty?", "…"]', 'warranty?", "do you cover the zip?"]')
    with pytest.raises(ConfigError) as caught:
        load(text, env=dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x"))
    assert [str(each) for each in caught.value.problems if WORDS not in each.message] == []


def test_the_nearest_word_is_offered_else_the_few_there_are() -> None:
    assert nearest("refnd", ("refund", "promise")) == "did you mean 'refund'?"
    assert nearest("zzz", ("refund", "promise")) == "known: promise, refund"
    assert nearest("zzz", ()) == ""
