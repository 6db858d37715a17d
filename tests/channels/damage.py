"""Ways to damage one node of a payload, and what has to come of it: values, never an exception."""

from typing import Any

from hypothesis import strategies as st

from channels.contract import Codec
from conversation.events import decode, encode

Place = tuple[str | int, ...]


def paths(node: Any, at: Place = ()) -> list[Place]:
    """Name every node of a payload."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        children = list(node.items())
    elif isinstance(node, list):
        children = list(enumerate(node))
    return [at, *(path for key, child in children for path in paths(child, (*at, key)))]


DELETE = object()
ODD = st.one_of(
    st.just(DELETE),
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, 2**53 + 1, 2**63, -(2**63), 2**100, 10**4000, 0, -1]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "\ud800", "\u202e", "9" * 400, "9" * 19, "1e400", "nan"]),
    st.sampled_from(["-1.0", "1.2.3", "9999-12-31T23:59:59-23:00"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers()), max_size=3),
)
"""What stands in the place of a node: nothing, another type, a number or a text at the edge."""


def damaged(node: Any, path: Place, value: Any) -> Any:
    """Give a copy with another value at that place; `DELETE` takes the place away."""
    if not path:
        return None if value is DELETE else value
    copy = dict(node) if isinstance(node, dict) else list(node)
    if len(path) == 1 and value is DELETE:
        del copy[path[0]]  # type: ignore[arg-type]  # str for dicts, int for lists
    else:
        copy[path[0]] = damaged(copy[path[0]], path[1:], value)  # type: ignore[index]  # same
    return copy


def gives_values(codec: Codec, raw: bytes) -> None:
    """Check that a body gives values, each of which the log can hold."""
    for arrival in codec.split(raw):
        arrival.conversation  # noqa: B018  # a key that cannot be hashed would raise here
        arrival.event_id.encode()
        events = codec.decode(arrival)
        assert events
        assert all(decode(encode(event)) == event for event in events)
