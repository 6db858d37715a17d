"""Every row of the table refuses its key, and a file of only such keys gets only such problems."""

import pytest

from config.load import ConfigError, load
from config.not_built import NOT_BUILT, WORDS, built
from config.problems import Problem

BASE = "brand: {name: N}\n"
CHANNEL = "token: t, webhook_secret: s, stage: off"
SLACK = "slack: {channel: C0123456789, bot_token: x, signing_secret: s}"
SHOP = "connectors: {c: {kind: http, base_url: 'https://s.example', operations: {order: {method: GET, path: '/{order_id}', result: '@'}}}}\n"  # noqa: E501 - one connector, one line

CASES = {
    "retention.logs": BASE + "retention: {logs: 30d}",
    "flows": BASE + "flows: {folder: flows}",
    "desk.fallback_webhook": BASE + f"desk: {{{SLACK}, fallback_webhook: 'https://h.example'}}",
    "desk.send_delay": BASE + f"desk: {{{SLACK}, send_delay: 20s}}",
    "desk.hours.holidays": BASE
    + f"desk: {{{SLACK}, hours: {{weekly: {{mon: ['08:00-12:00']}}, holidays: GB}}}}",
    "desk.routes": BASE
    + f"desk: {{{SLACK}, routes: [{{when: {{topic: legal_threat}}, channel: C0LEGAL}}]}}",
    "desk.metrics": BASE + f"desk: {{{SLACK}, metrics: team}}",
    "connectors.mcp": BASE + "connectors: {mcp: {kind: mcp, url: 'https://m.example'}}",
    "connectors.stripe": BASE + "connectors: {stripe: {kind: stripe, api_key: k}}",
    "connectors.shopify": BASE + "connectors: {shopify: {kind: shopify, shop: s, access_token: t}}",
    "connectors.demo": BASE + "connectors: {demo: {kind: demo}}",
    "connectors.c.oauth2": BASE
    + SHOP.replace(
        "kind: http",
        "kind: http, oauth2: {token_url: 'https://t.example', client_id: a, client_secret: b}",
    ),
}
ACTION = {
    "rates": "{EUR: 0.86}",
    "identity": "code",
    "evidence": "photo",
}
CASES |= {
    f"actions.order_status.{key}": f"{BASE}{SHOP}actions: {{order_status: {{{key}: {value}}}}}"
    for key, value in ACTION.items()
}
PLATFORM_IDENTITY = f"{BASE}{SHOP}actions: {{order_status: {{identity: platform}}}}"


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(text, env={})
    return caught.value.problems


@pytest.mark.parametrize("key", CASES)
def test_a_valid_key_of_what_is_not_built_gets_this_one_problem(key: str) -> None:
    (problem,) = problems_of(CASES[key])
    assert problem.key == key
    assert problem.message.startswith(WORDS)
    assert "not built yet" in str(problem)


def test_two_values_of_identity_are_not_built() -> None:
    (problem,) = problems_of(PLATFORM_IDENTITY)
    assert problem.message == "not built yet: proof by platform"


def test_every_row_of_the_table_is_tried() -> None:
    told = {
        each.message for text in (*CASES.values(), PLATFORM_IDENTITY) for each in problems_of(text)
    }
    assert told == {f"{WORDS}: {row.what}" for row in NOT_BUILT}


def test_what_is_built_loads() -> None:
    load(BASE + SHOP + f"channels: {{telegram: {{{CHANNEL}, delivery: polling}}}}", env={})
    load(BASE + "channels: {slack: {bot_token: a, signing_secret: b, stage: off}}", env={})
    load(BASE + "desk: {" + SLACK.replace("}", ", app_token: a}}"), env={})
    load(BASE + "model: {provider: embedded, timeout: 10s}", env={})
    load(BASE + SHOP + "actions: {order_status: {evidence: none, identity: order_email}}", env={})
    assert built("connectors.*", "kind", ("http", "mcp")) == ("http",)
