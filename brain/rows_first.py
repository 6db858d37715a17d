"""The English model's table of words stays bytes: a word's row is looked up, then becomes floats.

As it comes, the model makes floats of all its 30,522 rows (Cast, Mul by each row's scale) and then
looks up those of a text (Gather). onnxruntime does the first when it loads, for good: 47 MB instead
of 12. Here the nodes change places. The same two numbers are multiplied, so vectors stay the same
to the last bit.

The file is read as the protobuf that it is, by the numbers of
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and the rules of
https://protobuf.dev/programming-guides/encoding/. A model of another form is left as it is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

_TEXTS: Final = "input_ids"
"""What the model calls the numbers of a text's pieces."""
_GRAPH: Final = 7
_GRAPH_NODE, _GRAPH_TABLE = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND, _NODE_ATTRIBUTE = 1, 2, 4, 5
_TABLE_SIZE, _TABLE_NAME = 1, 8
_VARINT, _LENGTH_FIRST = 0, 2


class _Field(NamedTuple):
    """One field of a message."""

    number: int
    whole: memoryview | bytes
    content: memoryview
    """What stands behind its number and its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """One step of the model."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[memoryview | bytes, ...] = ()


def rows_first(model: bytes) -> bytes:
    """Look rows up before they become floats; the same bytes where the model has another form."""
    try:
        fields = list(_fields(memoryview(model)))
        (at,) = (at for at, field in enumerate(fields) if field.number == _GRAPH)
        graph = _changed(list(_fields(fields[at].content)))
    except (IndexError, ValueError):  # What is damaged onnxruntime knows how to tell.
        return model
    if graph is None:
        return model
    before, after = fields[:at], fields[at + 1 :]
    size = sum(len(field.whole) for field in graph)
    begin = _Field(_GRAPH, _begin(_GRAPH, size), memoryview(b""))
    return b"".join(field.whole for field in (*before, begin, *graph, *after))


def _changed(graph: list[_Field]) -> list[_Field] | None:
    """Change the places of the three nodes; None where they are not there."""
    nodes = {at: _node(each) for at, each in enumerate(graph) if each.number == _GRAPH_NODE}
    made_at = {name: at for at, node in nodes.items() for name in node.outputs}
    used = Counter(name for node in nodes.values() for name in node.inputs)
    sizes = dict(_size(each) for each in graph if each.number == _GRAPH_TABLE)

    def made(name: str, kind: str) -> int:
        """Find who makes something for one node alone."""
        at = made_at.get(name, -1)
        if at < 0 or nodes[at].kind != kind or used[name] != 1:
            raise ValueError(name)
        return at

    for at, gather in nodes.items():
        if gather.kind != "Gather" or gather.inputs[1] != _TEXTS:
            continue
        mul_at = made(gather.inputs[0], "Mul")
        cast_at = made(nodes[mul_at].inputs[0], "Cast")
        table, scale = nodes[cast_at].inputs[0], nodes[mul_at].inputs[1]
        if len(sizes.get(table, ())) != 2 or sizes.get(scale) != (sizes[table][0], 1):
            return None
        steps = _steps(gather, nodes[cast_at], table=table, scale=scale)
        changed = dict.fromkeys((mul_at, cast_at), ()) | {at: tuple(map(_told, steps))}
        return [new for at, each in enumerate(graph) for new in changed.get(at, (each,))]
    return None


def _steps(gather: _Node, cast: _Node, *, table: str, scale: str) -> Iterator[_Node]:
    row, its_scale, floats = (f"{table}.{name}" for name in ("row", "row_scale", "row_floats"))
    for source, looked_up in ((table, row), (scale, its_scale)):
        yield _Node(kind="Gather", inputs=(source, _TEXTS), outputs=(looked_up,),
                    attributes=gather.attributes)  # fmt: skip
    yield _Node(kind="Cast", inputs=(row,), outputs=(floats,), attributes=cast.attributes)
    yield _Node(kind="Mul", inputs=(floats, its_scale), outputs=gather.outputs)


# --- protobuf


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        begin = at
        tag, at = _number(message, at)
        if tag & 7 == _LENGTH_FIRST:
            size, at = _number(message, at)
        elif tag & 7 == _VARINT:
            size = _number(message, at)[1] - at
        else:  # Numbers of fixed size: none of these messages has any.
            raise ValueError(tag)
        if at + size > len(message):
            raise ValueError(size)
        yield _Field(tag >> 3, message[begin : at + size], message[at : at + size])
        at += size


def _number(message: memoryview, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte; give where it ends, too."""
    number = shift = 0
    while (byte := message[at]) & 0x80:
        number |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return number | byte << shift, at + 1


def _node(field: _Field) -> _Node:
    parts = list(_fields(field.content))

    def words(number: int) -> tuple[str, ...]:
        return tuple(str(each.content, "utf-8") for each in parts if each.number == number)

    attributes = tuple(each.whole for each in parts if each.number == _NODE_ATTRIBUTE)
    return _Node(kind="".join(words(_NODE_KIND)), inputs=words(_NODE_INPUT),
                 outputs=words(_NODE_OUTPUT), attributes=attributes)  # fmt: skip


def _size(field: _Field) -> tuple[str, tuple[int, ...]]:
    """Give a table's name, and its rows and columns."""
    parts = list(_fields(field.content))
    name = "".join(str(each.content, "utf-8") for each in parts if each.number == _TABLE_NAME)
    return name, tuple(_number(each.content, 0)[0] for each in parts if each.number == _TABLE_SIZE)


def _told(node: _Node) -> _Field:
    def words(number: int, names: Iterable[str]) -> Iterator[bytes]:
        for name in names:
            yield _begin(number, len(name.encode())) + name.encode()

    content = b"".join((
        *words(_NODE_INPUT, node.inputs), *words(_NODE_OUTPUT, node.outputs),
        *words(_NODE_KIND, [node.kind]), *node.attributes,
    ))  # fmt: skip
    whole = _begin(_GRAPH_NODE, len(content)) + content
    return _Field(_GRAPH_NODE, whole, memoryview(content))


def _begin(number: int, size: int) -> bytes:
    """Write what stands before a field's content."""
    found = bytearray([number << 3 | _LENGTH_FIRST])
    while size > 0x7F:
        found.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*found, size])
