from importlib.resources import files

import pytest

from config.changes import changed, in_force, needs_restart
from config.load import load
from config.schema import Settings

NORTHWIND = files("config").joinpath("examples", "northwind.yaml").read_text("utf-8")
NAMES = """TELEGRAM_TOKEN TELEGRAM_SECRET SLACK_BOT_TOKEN SLACK_SIGNING_SECRET
SOCIALCARE_OPERATOR_TOKEN BILLING_TOKEN SHOP_TOKEN"""
ENV = dict.fromkeys(NAMES.split(), "plain")
OLD = load(NORTHWIND, env=ENV)


def edited(old: str, new: str, **env: str) -> Settings:
    assert old in NORTHWIND
    return load(NORTHWIND.replace(old, new), env={**ENV, **env})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("share: 10%", "share: 12.5%", "channels.telegram.share: 10% → 12.5%"),
        ("    share: 10%  ", "    #", "channels.telegram.share: 10% → 100%"),
        (
            "stage: autonomous",
            "stage: copilot",
            "channels.telegram.stage: autonomous → copilot",
        ),
        ("fallback: copilot", "shadow: true", "channels.telegram.shadow: false → true"),
        ("legal_threat: manual", "praise: off", "channels.telegram.topics.praise: added"),
        ("legal_threat: manual", "praise: off", "channels.telegram.topics.legal_threat: removed"),
        ("answer: 30s", "answer: 2m", "channels.telegram.targets.answer: 30s → 2m"),
        ("expires: 30m", "expires: 90s", "actions.refund.expires: 30m → 90s"),
        (
            "autonomous_up_to: 50 GBP",
            "autonomous_up_to: 60 GBP",
            "actions.refund.autonomous_up_to: 50.00 GBP → 60.00 GBP",
        ),
        ("voice: Warm,", "voice: Dry,", "brand.voice: changed"),
        ("13:00-18:00", "13:00-17:00", "desk.hours.weekly.mon-fri: changed"),
        ("out_of_hours: manual", "# ", "desk.out_of_hours: manual → unset"),
    ],
)
def test_a_change_is_told_in_the_words_of_the_file(old: str, new: str, told: str) -> None:
    after = edited(old, new)
    assert told in changed(OLD, after)
    assert needs_restart(OLD, after) == ()


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("port: 8080", "port: 8081", "server"),
        ("socialcare.db", "other.db", "store"),
        ("timeout: 5s", "timeout: 6s", "connectors"),
        ("team_id: T0123456789", "team_id: T0123456780", "desk.slack"),
        ("  telegram:\n", "  support:\n    platform: telegram\n", "channels.support"),
        ("  telegram:\n", "  support:\n    platform: telegram\n", "channels.telegram"),
    ],
)
def test_what_is_opened_at_the_start_needs_a_restart(old: str, new: str, section: str) -> None:
    assert section in needs_restart(OLD, edited(old, new))


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("TELEGRAM_TOKEN", "channels.telegram"),
        ("SLACK_BOT_TOKEN", "desk.slack"),
        ("SOCIALCARE_OPERATOR_TOKEN", "server"),
        ("SHOP_TOKEN", "connectors"),
    ],
)
def test_credentials_need_a_restart(name: str, section: str) -> None:
    assert needs_restart(OLD, load(NORTHWIND, env={**ENV, name: "other"})) == (section,)


def test_another_model_server_waits_for_the_next_start_and_a_budget_does_not() -> None:
    model = "model: {provider: openai, name: m, prices: {input: 1 USD, output: 2 USD}"
    other = edited("channels:", model + ", budget: {per_day: 5 USD}}\nchannels:")
    assert needs_restart(OLD, other) == ("model",)
    running = in_force(OLD, other)
    assert running.model.provider == "embedded"
    assert running.model.budget == other.model.budget


def test_another_encoder_waits_for_the_next_start() -> None:
    other = edited("channels:", "model: {encoder: english}\nchannels:")
    assert needs_restart(OLD, other) == ("model",)
    assert in_force(OLD, other).model.encoder == "multilingual"


def test_the_same_file_is_no_change() -> None:
    again = load(NORTHWIND, env=ENV)
    assert changed(OLD, again) == ()
    assert needs_restart(OLD, again) == ()


def test_a_desk_that_is_taken_out_works_on_until_the_next_start() -> None:
    """Else hours and limits of the desk would be gone while its channel is still there."""
    head, tail = NORTHWIND.index("\ndesk:"), NORTHWIND.index("\nconnectors:")
    without = NORTHWIND[:head] + NORTHWIND[tail:]
    for stage in ("autonomous", "copilot", "manual"):
        without = without.replace(f": {stage}", ": off")
    wanted = load(without, env=ENV)
    assert needs_restart(OLD, wanted) == ("desk.slack",)
    assert in_force(OLD, wanted).desk == OLD.desk
    assert in_force(in_force(OLD, wanted), OLD) == OLD
