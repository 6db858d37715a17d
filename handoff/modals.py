"""The modal in which a colleague writes to the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conversation.events import Doubt
from handoff.elements import INPUT_MAX, Block, plain
from handoff.handles import Handle
from handoff.warning import ANYWAY, CHECK, doubt_blocks, with_marks

REPLY_CALLBACK: Final = "case.reply"
REPLY_INPUT: Final = "reply"
"""Block of the reply's words; errors are shown there."""


def reply_modal(
    handle: Handle,
    *,
    channel: str,
    public: bool,
    initial: str = "",
    doubts: Sequence[Doubt] = (),
) -> Block:
    """Make the reply modal; ``handle.about`` names the draft that the words began as, if any.

    With ``doubts`` it is the same window again, which names them above the words.
    """
    where = f"{channel}, in public: everybody can read it" if public else f"{channel}, in private"
    element: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": INPUT_MAX,
    }
    if initial:
        element["initial_value"] = initial[:INPUT_MAX]
    else:
        element["focus_on_load"] = True
    title = "Edit draft" if handle.about else "Reply to the customer"
    return {
        "type": "modal",
        "callback_id": REPLY_CALLBACK,
        "private_metadata": with_marks(handle, doubts).encode(),
        "title": plain(CHECK if doubts else title, 24),
        "submit": plain(ANYWAY if doubts else "Send", 24),
        "close": plain("Cancel", 24),
        "blocks": [
            *(doubt_blocks(doubts) if doubts else ()),
            {
                "type": "input",
                "block_id": REPLY_INPUT,
                "label": plain("Your words", 100),
                "hint": plain(f"Sent to the customer on {where}", 300),
                "element": element,
            },
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalErrors:
    """What is wrong with a submitted modal, by block."""

    errors: dict[str, str]


def modal_error(text: str) -> ModalErrors:
    """Show an error below the reply's words; what was written stays there."""
    return ModalErrors(errors={REPLY_INPUT: text})
