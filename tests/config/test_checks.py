import io
from typing import Any

import pytest
from ruamel.yaml import YAML

from config.connectors import HttpConnector
from config.load import ConfigError, load


def operation(**keys: object) -> dict[str, Any]:
    return {"method": "GET", "path": "/x", "result": "@", **keys}


ORDER = operation(path="/orders/{order_id}")
CHARGES = operation(path="/orders/{order_id}/charges")
REFUND = operation(method="POST", body={"charge": "{charge_id}"}, idempotency_header="Key")
FIND = operation(query={"key": "{key}"})
BILLING = {"charges": CHARGES, "refund": REFUND, "find_refund": FIND}


def tree(actions: dict[str, Any] | None = None, **connectors: dict[str, Any]) -> dict[str, Any]:
    return {
        "brand": {"name": "N"},
        "connectors": {
            name: {"kind": "http", "base_url": "https://x.example", "operations": operations}
            for name, operations in connectors.items()
        },
        "actions": actions or {},
    }


def problems_of(whole: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text_of(whole), env={})
    return [str(each).split(": ", 1)[1] for each in caught.value.problems]


def text_of(whole: Any) -> str:
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(whole, out)
    return out.getvalue()


def test_operations_come_from_whichever_connector_offers_them() -> None:
    settings = load(text_of(tree({"refund": {}}, billing=BILLING, shop={"order": ORDER})), env={})
    assert settings.connector_for("refund", "order") == "shop"
    assert settings.connector_for("refund", "charges") == "billing"
    assert settings.connectors["billing"].offered == {"charges", "refund", "find_refund"}
    with pytest.raises(LookupError):
        settings.connector_for("refund", "promise")


def test_two_connectors_of_one_operation_need_a_choice() -> None:
    both = {"order": ORDER}
    assert problems_of(tree({"order_status": {}}, a=both, b=both)) == [
        "actions.order_status: a and b both offer order; say which with `connector`"
    ]
    chosen = tree({"order_status": {"connector": "b"}}, a=both, b=both)
    assert load(text_of(chosen), env={}).connector_for("order_status", "order") == "b"


LIMITED = {**BILLING, "order": ORDER}
FAULTS = [
    (
        tree({"refnd": {}}),
        "actions.refnd: unknown action; did you mean 'refund'?",
    ),
    (
        tree({"order_status": {}}),
        "actions.order_status: needs the operation order, which no connector offers; add it under",
    ),
    (
        tree({"order_status": {"connector": "shpo"}}, shop={"order": ORDER}),
        "actions.order_status.connector: no connector has this name; did you mean 'shop'?",
    ),
    (
        tree({"order_status": {"autonomous_up_to": "5 GBP"}}, shop={"order": ORDER}),
        "actions.order_status.autonomous_up_to: this action moves no money and has no amount",
    ),
    (
        tree({"refund": {"autonomous_up_to": "50 GBP", "sign_off_up_to": "9 GBP"}}, shop=LIMITED),
        "actions.refund.sign_off_up_to: is below autonomous_up_to, so nothing could be signed off",
    ),
    (
        tree({"refund": {"autonomous_up_to": "50 GBP", "sign_off_up_to": "90 EUR"}}, shop=LIMITED),
        "actions.refund.sign_off_up_to: is in another currency than autonomous_up_to; write it in",
    ),
    (
        tree({"refund": {"per_brand": {"window": "24h"}}}, shop=LIMITED),
        "actions.refund.per_brand: limits nothing; add `total`, `count` or both",
    ),
    (
        tree(
            {
                "refund": {
                    "autonomous_up_to": "50 GBP",
                    "per_customer": {"window": "30d", "total": "9 EUR"},
                }
            },
            shop=LIMITED,
        ),
        "actions.refund.per_customer.total: is in another currency than autonomous_up_to; write it",
    ),
    (
        tree(shop={"refund": REFUND}),
        "connectors.shop.operations.refund: writes, and find_refund is missing; add find_refund",
    ),
    (
        tree(shop={"refund": operation(method="POST"), "find_refund": FIND}),
        "connectors.shop.operations.refund: our key is not sent, so a lost answer could not be",
    ),
    (
        tree(shop={"order": operation(path="/orders/{id}")}),
        "connectors.shop.operations.order: holds a name in braces that nothing fills in; it takes",
    ),
    (
        tree(shop={"ordr": ORDER}),
        "connectors.shop.operations.ordr: unknown operation; did you mean 'order'?",
    ),
    (
        tree(shop={"order": operation(result="a[")}),
        "connectors.shop.operations.order.result: is not a JMESPath expression",
    ),
    (
        tree(shop={"order": operation(body={"a": 1})}),
        "connectors.shop.operations.order: a GET carries no `body`; use `query`",
    ),
    (
        tree(shop={"order": operation(path="orders?x")}),
        "connectors.shop.operations.order.path: is not a path; start it with /",
    ),
    (
        tree(shop={}),
        "connectors.shop.operations: must not be empty; add at least one entry",
    ),
]


@pytest.mark.parametrize(("whole", "says"), FAULTS, ids=range(len(FAULTS)))
def test_what_does_not_fit_together(whole: Any, says: str) -> None:
    assert any(line.startswith(says) for line in problems_of(whole))


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("tokens: {per_day: 999}", "model.tokens.per_day: "),
        ("tokens: {per_day: -5}", "model.tokens.per_day: "),
        ("tokens: {per_day: 2000.5}", "model.tokens.per_day: "),
        ("tokens: {per_turn: yes}", "model.tokens.per_turn: "),
        ("tokens: {per_day: 9000000000000}", "model.tokens.per_day: "),
        ("tokens: {per_week: 5000}", "model.tokens.per_week: unknown key"),
        ("tokens: {per_turn: 5000, per_day: 4000}",
         "model.tokens.per_turn: is more than per_day, so it would never be reached; lower it,"),
        ("tokens: {per_customer_day: 5000, per_day: 4000}",
         "model.tokens.per_customer_day: is more than per_day, so it would never be reached;"),
        ("prices: {input: 1 USD, output: 1 USD}, budget: {per_turn: 2 USD, per_day: 1 USD}",
         "model.budget.per_turn: is more than per_day, so it would never be reached; lower it,"),
    ],
)  # fmt: skip
def test_an_absurd_budget_is_refused(model: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(f"brand: {{name: Northwind}}\nmodel: {{{model}}}", env={})
    assert says in str(refused.value)


def test_budgets_that_narrow_are_taken_and_the_default_is_in_nobodys_way() -> None:
    budgets = "tokens: {per_customer_day: 5000, per_day: 5000}"
    found = load(f"brand: {{name: Northwind}}\nmodel: {{{budgets}}}", env={}).model.tokens
    assert (found.per_turn, found.per_customer_day, found.per_day) == (150_000, 5_000, 5_000)


def test_placeholders_are_found_at_every_depth() -> None:
    nested = operation(
        method="POST",
        path="/{charge_id}",
        query={"c": "{currency}"},
        body={"a": [{"b": "{amount} of {reason}"}, 5, None], "k": "{key}"},
    )
    whole = tree(shop={"refund": nested, "find_refund": FIND})
    connector = load(text_of(whole), env={}).connectors["shop"]
    assert isinstance(connector, HttpConnector)
    assert connector.operations["refund"].placeholders == {
        *("charge_id", "currency", "amount", "reason", "key")
    }
