"""Shipped tables: made once, and all of them before anybody waits for one."""

import pytest

import socialcare.thinking  # noqa: F401 - brings every module with a table that a turn needs
from brain import shipped
from brain.always import wants_human
from brain.claims import claims_in
from brain.shipped import prepare, table
from brain.wordbook import LANGUAGES, say


def test_a_table_is_made_once() -> None:
    made: list[int] = []

    @table
    def numbers() -> tuple[int, ...]:
        made.append(1)
        return (1, 2)

    try:
        prepare()
        prepare()
        assert numbers() == (1, 2)
        assert made == [1]
    finally:
        shipped._TABLES.remove(numbers)


def test_nothing_is_read_in_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()

    def read(folder: str, name: str) -> None:
        raise AssertionError(f"{folder}/{name} is read while a customer waits")

    monkeypatch.setattr(shipped, "read", read)
    assert claims_in("We have refunded you.", "en", ())
    assert wants_human("a person please")
    assert all(say(language, "acknowledged") for language in LANGUAGES)
