"""Slack's rules for blocks and modals, and how messages read."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.sandbox.slack_reading import Message, View, pings, plain
from socialcare.sandbox.slack_rules import SlackRefusalError, check_blocks, check_view

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "case.claim", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": words("Claim"), **more}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def modal(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "words"}
    block = {"type": "input", "block_id": "reply", "label": words("Reply"), "element": element}
    return {
        "type": "modal",
        "title": words("Reply"),
        "submit": words("Send"),
        "blocks": [block],
        **more,
    }


GOOD: list[Json] = [
    {"type": "header", "text": words("Refund")},
    section("*Ana* wants her money back") | {"accessory": button("case.open")},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Order*\nA-10293"}]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "telegram"}]},
    {"type": "actions", "elements": [button(value="c1"), button("case.reply", style="primary")]},
    {
        "type": "actions",
        "elements": [
            {"type": "static_select", "options": [{"text": words("Warm"), "value": "warm"}]}
        ],
    },
    {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "hi <!channel>"}]}
        ],
    },
]


def test_good_blocks_get_ids_of_their_own() -> None:
    checked = check_blocks(GOOD)
    assert len({block["block_id"] for block in checked}) == len(GOOD)
    assert check_blocks(checked) == checked


@pytest.mark.parametrize(
    "block",
    [
        {"type": "sektion"},
        "section",
        {"type": "section"},
        section("x" * 3001),
        section(""),
        {"type": "section", "text": "words"},
        {"type": "section", "fields": [words("x")] * 11},
        {"type": "section", "text": words("x") | {"color": "red"}},
        {"type": "header", "text": words("x" * 151)},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "actions", "elements": []},
        {"type": "actions", "elements": [button(str(number)) for number in range(26)]},
        {"type": "actions", "elements": [button(), button()]},
        {"type": "actions", "elements": [button("x" * 256)]},
        {"type": "actions", "elements": [button(value="x" * 2001)]},
        {"type": "actions", "elements": [button(text=words("x" * 76))]},
        {"type": "actions", "elements": [button(text={"type": "mrkdwn", "text": "x"})]},
        {"type": "actions", "elements": [button(style="warning")]},
        {"type": "actions", "elements": [{"type": "knob"}]},
        {"type": "actions", "elements": [{"type": "static_select", "options": []}]},
        {"type": "context", "elements": [words("x")] * 11},
        {"type": "divider", "text": words("x")},
        {"type": "image", "image_url": "https://northwind.example/a.png"},
        {"type": "markdown", "text": "x" * 12_001},
        {"type": "rich_text", "elements": [{"type": "text"}]},
        {"type": "divider", "block_id": "x" * 256},
    ],
)
def test_bad_blocks(block: Any) -> None:
    with pytest.raises(SlackRefusalError) as refused:
        check_blocks([block])
    assert refused.value.error == "invalid_blocks"
    assert "json-pointer:/blocks/0" in refused.value.messages[0]


def test_limits_over_all_blocks() -> None:
    check_blocks([{"type": "divider"}] * 50)
    with pytest.raises(SlackRefusalError, match="invalid_blocks"):
        check_blocks([{"type": "divider"}] * 51)
    with pytest.raises(SlackRefusalError, match="invalid_blocks"):
        check_blocks([{"type": "divider", "block_id": "a"}] * 2)
    check_blocks([section("x" * 3000)] * 4)
    with pytest.raises(SlackRefusalError, match="msg_blocks_too_long"):
        check_blocks([section("x" * 3000)] * 5)


@pytest.mark.parametrize(
    "change",
    [
        {"title": words("x" * 25)},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"blocks": []},
        {"blocks": [{"type": "input", "label": words("x"), "element": {}}]},
        {"type": "window"},
        {"callback_id": "x" * 256},
    ],
)
def test_bad_modals(change: Json) -> None:
    check_view(modal())
    with pytest.raises(SlackRefusalError, match="invalid_arguments"):
        check_view(modal(**change))


def test_inputs_need_a_submit_button() -> None:
    view = modal()
    del view["submit"]
    with pytest.raises(SlackRefusalError) as refused:
        check_view(view)
    assert "submit" in refused.value.messages[0]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        yield from (
            (*path, key) for key in (value if isinstance(value, dict) else range(len(value)))
        )
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs:
            yield from leaves(each, (*path, key))


def damaged(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = damaged(copy[path[0]], path[1:], leaf)
    return copy


@given(st.sampled_from(list(leaves(GOOD))), st.sampled_from([None, 1, "", [], {}, [1], "x" * 4000]))
def test_damaged_blocks_are_accepted_or_refused(path: tuple[Any, ...], leaf: Any) -> None:
    with suppress(SlackRefusalError):
        check_blocks(damaged(GOOD, path, leaf))


def message(text: str = "", blocks: list[Json] | None = None, **more: Any) -> Message:
    checked = tuple(check_blocks(blocks)) if blocks else ()
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Message(channel="C1", ts="1.000001", user="U", text=text, blocks=checked, at=at, **more)


@pytest.mark.parametrize(
    ("shown", "pinged"),
    [
        (message("<!channel> help"), {"@channel"}),
        (message("&lt;!channel&gt; help"), set()),
        (message("<@U0BEN> and <!subteam^S0CARE|care>"), {"U0BEN", "S0CARE"}),
        (message("@here"), set()),
        (message("@here", link_names=True), {"@here"}),
        (message("x", [section("hello <!here|here>")]), {"@here"}),
        (message("x", [{"type": "section", "text": words("<!here>")}]), set()),
        (message("x", GOOD), set()),
        (
            message(
                "x",
                [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "user", "user_id": "U1"},
                                    {"type": "broadcast", "range": "everyone"},
                                ],
                            }
                        ],
                    }
                ],
            ),
            {"U1", "@everyone"},
        ),
    ],
)
def test_whom_a_message_would_notify(shown: Message, pinged: set[str]) -> None:
    assert pings(shown) == pinged


def test_how_it_reads() -> None:
    assert plain(message("<https://n.example|here> &amp; there")) == "here & there"
    assert plain(message("x", GOOD)).splitlines() == [
        "Refund",
        "*Ana* wants her money back",
        "[Claim]",
        "*Order*",
        "A-10293",
        "telegram",
        "[Claim] [Claim]",
        "[Warm]",
        "hi <!channel>",
    ]
    body = check_view(modal())
    assert "Reply" in plain(View(id="V1", user="U1", body=body))
