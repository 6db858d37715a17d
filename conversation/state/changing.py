"""How a state becomes the next one: every entry of a log does this."""

from typing import TYPE_CHECKING

from conversation.state.values import ConversationState

__all__ = ["changed"]

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state: ConversationState, **fields: object) -> ConversationState:
        """Give a state with some fields changed: `dataclasses.replace`, at an eighth of its cost.

        `replace` asks each of thirty fields. This one is why states have no slots.
        """
        new = object.__new__(ConversationState)
        new.__dict__.update(state.__dict__, **fields)
        return new
