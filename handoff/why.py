"""Why the bot did what it did: the last turns of a case as a modal, the short answer first; pure.

A colleague has seconds, so what decided the turn comes before the steps that led there. How a line
is to be read stands in words before it, never in a colour or a picture alone. Customers' words are
rich text, where Slack reads no markup, cleaned and masked like everywhere at the desk.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from conversation.trace import Trace
from conversation.trace_decided import NO_ARTICLE, use_in_a_line
from conversation.trace_lines import Stop, Tone, TraceLine
from handoff.cleaning import cut, in_a_line
from handoff.elements import Block, context, fits, header, plain, section, titled_list

TURNS_TOLD: Final = 4
"""The last one step by step, those before it in short."""
LINES_IN_SHORT: Final = 6
LINES_OF_A_STOP: Final = 8
_WIDTHS: Final = (400, 240, 140, 80)
"""Characters of a line; the next smaller one is taken where a modal would not fit."""

NOTHING: Final = "The bot has decided nothing in this conversation yet."

_TITLES: Final = {
    Stop.STORED: "Received",
    Stop.UNDERSTOOD: "Understood",
    Stop.FOUND: "Found",
    Stop.PROPOSED: "Proposed",
    Stop.JUDGED: "Judged",
    Stop.DONE: "Done",
    Stop.CHECKED: "Checked",
    Stop.SAID: "Said",
    Stop.DESK: "Desk",
}
_MARKS: Final = {Tone.WAITS: "Waits: ", Tone.STOPPED: "Stopped: "}


def why_modal(traces: Sequence[Trace]) -> Block:
    """Show the last turns of a conversation, the oldest first in ``traces``."""
    blocks: list[Block] = [section(NOTHING)]
    told = [one for one in traces if _decided(one)][-TURNS_TOLD:]
    for width in _WIDTHS:
        if told:
            blocks = [*_last(told[-1], width), *_earlier(told[:-1], width)]
        if fits(blocks):
            break
    return {
        "type": "modal",
        "title": plain("Why the bot did this", 24),
        "close": plain("Close", 24),
        "blocks": blocks,
    }


def _decided(one: Trace) -> bool:
    """Say whether the bot had a say in a turn, or has not finished it."""
    return not one.over or any(line.stop in {Stop.UNDERSTOOD, Stop.DESK} for line in one.lines)


def _last(one: Trace, width: int) -> Iterator[Block]:
    yield header("The last turn in short")
    yield titled_list(_asked(one, width), _short(one, width), width)
    yield header("Step by step")
    for stop, title in _TITLES.items():
        lines = [line for line in one.lines if line.stop is stop]
        if lines:
            shown = [_line(line, one.began_at, width) for line in lines[:LINES_OF_A_STOP]]
            if len(lines) > LINES_OF_A_STOP:
                shown.append(f"… and {len(lines) - LINES_OF_A_STOP} more")
            yield titled_list(title, shown, width + 40)
    yield context(_about(one))


def _earlier(traces: Sequence[Trace], width: int) -> Iterator[Block]:
    if traces:
        yield header("Before that")
    for one in reversed(traces):
        yield titled_list(_asked(one, width), _short(one, width), width)
        yield context(_about(one))


def _asked(one: Trace, width: int) -> str:
    """Name a turn by what the customer wrote, else by what began it."""
    stored = [line.text for line in one.lines if line.stop is Stop.STORED]
    words = next((text for text in stored if text.startswith("“")), None)
    return cut(in_a_line(words or (stored[-1] if stored else one.turn)), min(width, 200))


def _short(one: Trace, width: int) -> list[str]:
    """Pick the lines that decided a turn, in the order of its way."""
    wishes = [line for line in one.lines if line.stop is Stop.UNDERSTOOD][1:]
    found = [line for line in one.lines if line.stop is Stop.FOUND and _tells(line)]
    proposed = [line for line in one.lines if line.stop is Stop.PROPOSED and _matters(line)]
    judged = [line for line in one.lines if line.stop is Stop.JUDGED]
    checked = [line for line in one.lines if line.stop is Stop.CHECKED and _matters(line)]
    said = [line for line in one.lines if line.stop is Stop.SAID and _matters(line)]
    desk = [line for line in one.lines if line.stop is Stop.DESK]
    picked = [*wishes[:2], *found[:1], *proposed[:1], *judged[:3], *checked, *said[:1], *desk[:2]]
    if len(picked) > LINES_IN_SHORT:
        # What stopped the bot, and what became of it, stand at the end.
        picked = [picked[0], *picked[1 - LINES_IN_SHORT :]]
    if not picked:
        return [NOTHING if one.over else "The bot is still thinking about it."]
    return [f"{_TITLES[line.stop]}: {_worded(line, width)}" for line in picked]


def _tells(line: TraceLine) -> bool:
    return line.tone is Tone.GOOD or line.text == NO_ARTICLE


def _matters(line: TraceLine) -> bool:
    return line.tone in _MARKS


def _line(line: TraceLine, began_at: datetime, width: int) -> str:
    return f"{_worded(line, width)}{_after(line.at, began_at)}"


def _worded(line: TraceLine, width: int) -> str:
    return cut(_MARKS.get(line.tone, "") + in_a_line(line.text), width)


def _after(at: datetime | None, began_at: datetime) -> str:
    if at is None:
        return ""
    ms = round((at - began_at).total_seconds() * 1_000)
    return f" (after {ms:,} ms)" if ms < 10_000 else f" (after {ms / 1_000:,.0f} s)"


def _about(one: Trace) -> list[str]:
    """Say by whom a turn was decided, what it cost, and its name for `socialcare trace`."""
    began = f"{one.began_at:%Y-%m-%d %H:%M:%S} UTC"
    used = "" if one.model is None else use_in_a_line(one.model)
    brain = f"Brain: {one.brain}" if one.brain else ""
    stage = f"Stage: {one.stage}" if one.stage else ""
    return [began, stage, brain, cut(in_a_line(used), 150), f"Turn {one.turn}"]
