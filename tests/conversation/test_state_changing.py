"""A state that changes: quicker than `dataclasses.replace`, and the same."""

from dataclasses import fields, replace

import pytest

from conversation.state import ConversationState
from conversation.state.changing import changed
from tests.conversation.store_world import NOW

BEFORE = ConversationState(language="de", turns=4, last_customer_at=NOW)


@pytest.mark.parametrize("name", [field.name for field in fields(ConversationState)])
def test_it_equals_replace_and_leaves_the_one_before(name: str) -> None:
    kept = replace(BEFORE)
    assert changed(BEFORE, **{name: "new"}) == replace(BEFORE, **{name: "new"})  # type: ignore[arg-type] # any value will do
    assert kept == BEFORE


def test_it_is_as_frozen() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        changed(BEFORE, turns=5).turns = 6  # type: ignore[misc] # which is what must not work
