"""Logs hold no secrets, no letters, and nothing but JSON lines."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from typing_extensions import override

from socialcare.logs import Masking, set_up

LEAKS = {
    "a secret of the configuration": ("the-shops-token", "[secret]"),
    "a telegram token": ("GET /bot42001234:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "[secret]"),
    "a slack token": ("xoxb" + "-1234-5678-abcdef", "[secret]"),
    "an app token": ("xapp" + "-1-A1-2-abcdef", "[secret]"),
    "a bearer header": ("Authorization: Bearer abc.def-ghi", "[secret]"),
    "a hook": ("https://hooks.slack.com/services/T0/B0/xyz", "[secret]"),
    "an e-mail address": ("write to ana.b+c@mail.northwind.example now", "[email]"),
    "a card": ("4111 1111 1111 1111", "[number]"),
    "a phone": ("call +44 20 7946 0958", "[number]"),
    "a phone in brackets": ("call (020) 7946-0958 or 020/7946 0958", "[number] or [number]"),
    "a card with what nobody sees": ("4111\u200b1111\u00ad1111\u20601111", "[number]"),
    "an e-mail address in wide letters": ("\uff41na.b\uff20mail.northwind.example", "[email]"),
    "a card with hard spaces": ("4111\u00a01111\u00a01111\u00a01111", "[number]"),
    "an IBAN": ("to GB29NWBK60161331926819.", "to [iban]."),
    "an IBAN in groups": ("DE89 3704 0044 0532 0130 00", "[iban]"),
}  # fmt: skip


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    text = io.StringIO()
    set_up(secrets={"the-shops-token"}, stream=text)
    yield text
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.reset_defaults()


def records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(("text", "shown"), LEAKS.values(), ids=LEAKS.keys())
def test_what_may_not_be_logged_is_masked(text: str, shown: str) -> None:
    masked = Masking({"the-shops-token"}).mask(text)
    assert shown in masked
    for part in (
        "token",
        "AAHdq",
        "5678",
        "abc.def",
        "xyz",
        "ana.b",
        "4111",
        "7946",
        "NWBK",
        "3704",
    ):
        assert part not in masked or part in shown


@pytest.mark.parametrize(
    "text",
    [
        "A-10293",
        "c_da0279931fdb142ab752",
        "2026-11-22T11:31:32.045686Z",
        "took 1234567 us",
        "ab12cdef3456",
    ],
)
def test_ids_and_times_stay_readable(text: str) -> None:
    assert Masking().mask(text) == text


def test_our_records_are_json_lines(stream: io.StringIO) -> None:
    structlog.get_logger("ours").info("turn", conversation="c_1", token="the-shops-token", n=3)  # noqa: S106 - the masked one
    assert records(stream)[0] | {"timestamp": ""} == {
        "event": "turn",
        "conversation": "c_1",
        "token": "[secret]",
        "n": 3,
        "level": "info",
        "timestamp": "",
    }


def test_libraries_records_too(stream: io.StringIO) -> None:
    logging.getLogger("slack_bolt").warning("request of %s", "ana@northwind.example")
    logging.getLogger("slack_bolt").info("not heard")
    logging.getLogger("somebody").error("bad\nsecond line")
    first, second = records(stream)
    assert first["event"] == "request of [email]"
    assert second["event"] == "bad\nsecond line"


@pytest.mark.parametrize(
    "text", ["\x1b[31mred\x1b[0m", "a\r\nFAKE level=info", "\u202e\u2028\x00\x07"]
)
def test_control_characters_cannot_fake_a_line(stream: io.StringIO, text: str) -> None:
    structlog.get_logger("ours").info("said", what=text)
    assert stream.getvalue().count("\n") == 1
    assert not set("\x1b\r\x00\x07") & set(stream.getvalue())
    assert records(stream)[0]["what"] == text


def test_a_traceback_ends_with_what_went_wrong(stream: io.StringIO) -> None:
    def deep(n: int) -> None:
        if n == 0:
            raise RuntimeError("the-shops-token of ana@northwind.example was refused")
        deep(n - 1)

    try:
        deep(60)
    except RuntimeError as error:
        structlog.get_logger("ours").error("turn failed", exc_info=error)
    told = records(stream)[0]["exception"]
    assert told.endswith("RuntimeError: [secret] of [email] was refused")
    assert len(told) <= 4_000


def test_long_values_are_cut(stream: io.StringIO) -> None:
    structlog.get_logger("ours").info("said", what="x" * 10_000, many=["y" * 10_000])
    told = records(stream)[0]
    assert len(told["what"]) <= 501
    assert len(told["many"]) <= 501


def test_readable_at_a_terminal() -> None:
    class Terminal(io.StringIO):
        @override
        def isatty(self) -> bool:
            return True

    text = Terminal()
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        set_up(secrets=(), stream=text)
        structlog.get_logger("ours").info("turn")
    finally:
        root.handlers[:] = kept
        root.setLevel(logging.WARNING)
        structlog.reset_defaults()
    assert "turn" in text.getvalue()
    assert not text.getvalue().startswith("{")
