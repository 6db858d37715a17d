"""Colleagues are warned of what is doubtful in their words, and send them anyway or not.

Pure. Nothing is changed in the words. What somebody was warned of travels with the window's own
data as marks; a doubt that is new since then is a new warning.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from conversation.events import ColleagueReplied, Doubt
from handoff.cleaning import clean_text, cut
from handoff.elements import Block, plain, quote, section, titled_list
from handoff.handles import Handle

ANYWAY: Final = "Send anyway"
CHECK: Final = "Please check"
SENDS: Final = frozenset({"draft.send", "thread.send"})
"""Buttons whose words are shown with a warning; the window carries the button's name."""
AFTER_WARNING: Final = "after a warning"
_SHOWN_MAX: Final = 300
_WORDS_MAX: Final = 2_900

_WHY: Final = {
    "claim": "Says that something was done which is not in the books",
    "promise": "Promises a colleague, and nobody was asked",
    "link": "Links or addresses that are not the brand's",
    "number": "Names a number that is in no fact, article or message",
}
_SHORT: Final = {
    "claim": "a deed that is not in the books",
    "promise": "a colleague nobody asked",
    "link": "a link that is not the brand's",
    "number": "a number from nowhere",
}


def mark(doubt: Doubt) -> str:
    """Name a doubt briefly enough for a button."""
    return hashlib.sha256(f"{doubt.kind}\x1f{doubt.words}".encode()).hexdigest()[:10]


def unwarned(doubts: Iterable[Doubt], handle: Handle, told: Iterable[Doubt] = ()) -> bool:
    """Say whether one of them is new to who sends the words.

    Args:
        doubts: What is doubtful now.
        handle: What the button or window carries.
        told: What else they were warned of.
    """
    return not set(map(mark, doubts)) <= {*handle.warned, *map(mark, told)}


def with_marks(handle: Handle, doubts: Iterable[Doubt]) -> Handle:
    """Carry what somebody is being warned of."""
    return handle.model_copy(update={"warned": tuple(map(mark, doubts))})


def doubt_blocks(doubts: Sequence[Doubt]) -> tuple[Block, ...]:
    """Name what is doubtful, in their own words, by its kind."""
    shown = [f"{_WHY[one.kind]}: “{clean_text(one.words)}”" for one in doubts]
    return (titled_list("Please check before it goes", shown, _SHOWN_MAX),)


def overridden(doubts: Sequence[Doubt]) -> str:
    """Say in a few words what was sent although it was doubtful; empty where nothing was."""
    if not doubts:
        return ""
    kinds = dict.fromkeys(_SHORT[one.kind] for one in doubts)
    return f" ({AFTER_WARNING}: {', '.join(kinds)})"


def sent_by(reply: ColleagueReplied) -> str:
    """Say who sent words, and whether they had been warned."""
    return f"Sent by {reply.by.name}{f' {AFTER_WARNING}' if reply.overrode else ''}"


def anyway_modal(action_id: str, handle: Handle, text: str, doubts: Sequence[Doubt]) -> Block:
    """Ask whether the words behind a button go as they are; they are looked up again, not sent."""
    return {
        "type": "modal",
        "callback_id": action_id,
        "private_metadata": with_marks(handle, doubts).encode(),
        "title": plain(CHECK, 24),
        "submit": plain(ANYWAY, 24),
        "close": plain("Do not send", 24),
        "blocks": [*doubt_blocks(doubts), quote(cut(clean_text(text), _WORDS_MAX))],
    }


def told_modal(text: str) -> Block:
    """Say in the window why nothing was sent."""
    return {
        "type": "modal",
        "callback_id": "told",
        "title": plain("Nothing was sent", 24),
        "close": plain("Close", 24),
        "blocks": [section(text)],
    }
