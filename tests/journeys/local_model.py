"""A real model on this machine: `python tests/journeys/local_model.py FILE PORT` serves it.

The server is llama.cpp's own, as the package xllamacpp brings it. `write_tiny_model` makes a model
of a few hundred kilobytes with weights by chance: it says nothing that makes sense, but everything
between a customer and a model's arithmetic is the real thing.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
INSTALL = "pip install xllamacpp"
CONTEXT = 32_768
_EMBEDDING, _FORWARD, _HEADS = 64, 128, 2
_ALIGNMENT = 32
# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_U32, _F32, _STRING, _ARRAY, _I32 = 4, 6, 8, 9, 5
_UNKNOWN, _NORMAL, _CONTROL, _BYTE = 2, 1, 3, 6
_TEMPLATE = (
    "{% for one in messages %}[{{ one['role'] }}] {{ one['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)


def write_tiny_model(path: Path) -> None:
    """Write a llama of one layer that reads bytes, its weights drawn with a fixed seed."""
    vocabulary = list(_vocabulary())
    keys = [
        _key("general.architecture", _STRING, _string("llama")),
        _key("llama.context_length", _U32, _u32(CONTEXT)),
        _key("llama.embedding_length", _U32, _u32(_EMBEDDING)),
        _key("llama.block_count", _U32, _u32(1)),
        _key("llama.feed_forward_length", _U32, _u32(_FORWARD)),
        _key("llama.attention.head_count", _U32, _u32(_HEADS)),
        _key("llama.attention.layer_norm_rms_epsilon", _F32, struct.pack("<f", 1e-5)),
        _key("llama.vocab_size", _U32, _u32(len(vocabulary))),
        _key("tokenizer.ggml.model", _STRING, _string("llama")),
        _array("tokenizer.ggml.tokens", _STRING, [_string(text) for text, _ in vocabulary]),
        _array("tokenizer.ggml.scores", _F32, [struct.pack("<f", 0.0)] * len(vocabulary)),
        _array("tokenizer.ggml.token_type", _I32, [_u32(kind) for _, kind in vocabulary]),
        _key("tokenizer.ggml.bos_token_id", _U32, _u32(1)),
        _key("tokenizer.ggml.eos_token_id", _U32, _u32(2)),
        _key("tokenizer.chat_template", _STRING, _string(_TEMPLATE)),
    ]
    tensors = list(_tensors(len(vocabulary)))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys)
    offset = 0
    data = bytearray()
    for name, values in tensors:
        sizes = b"".join(struct.pack("<Q", size) for size in reversed(values.shape))
        head += _string(name) + _u32(values.ndim) + sizes + _u32(0) + struct.pack("<Q", offset)
        data += _padded(values.tobytes())
        offset = len(data)
    path.write_bytes(_padded(head) + bytes(data))


def _vocabulary() -> Iterator[tuple[str, int]]:
    yield from (("<unk>", _UNKNOWN), ("<s>", _CONTROL), ("</s>", _CONTROL))
    yield from ((f"<0x{byte:02X}>", _BYTE) for byte in range(256))
    yield from (("\u2581" if code == 32 else chr(code), _NORMAL) for code in range(32, 127))


def _tensors(
    words: int,
) -> Iterator[tuple[str, Weights]]:
    chance = np.random.default_rng(1)

    def drawn(*shape: int) -> Weights:
        return (chance.standard_normal(shape) * 0.05).astype(np.float32)

    ones = np.ones(_EMBEDDING, np.float32)
    yield "token_embd.weight", drawn(words, _EMBEDDING)
    yield "output_norm.weight", ones
    yield "output.weight", drawn(words, _EMBEDDING)
    yield "blk.0.attn_norm.weight", ones
    yield "blk.0.ffn_norm.weight", ones
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        yield f"blk.0.{name}.weight", drawn(_EMBEDDING, _EMBEDDING)
    yield "blk.0.ffn_gate.weight", drawn(_FORWARD, _EMBEDDING)
    yield "blk.0.ffn_up.weight", drawn(_FORWARD, _EMBEDDING)
    yield "blk.0.ffn_down.weight", drawn(_EMBEDDING, _FORWARD)


def _key(name: str, kind: int, value: bytes) -> bytes:
    return _string(name) + _u32(kind) + value


def _array(name: str, kind: int, values: list[bytes]) -> bytes:
    return _key(name, _ARRAY, _u32(kind) + struct.pack("<Q", len(values)) + b"".join(values))


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _u32(value: int) -> bytes:
    return struct.pack("<I", value)


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % _ALIGNMENT)


def serve(file: Path, port: int) -> None:
    """Serve a model until stdin ends."""
    if not file.is_file():
        sys.exit(f"there is no model at {file}: give the path of a GGUF file")
    try:
        import xllamacpp  # noqa: PLC0415 - without it this is said in a sentence
    except ImportError:
        sys.exit(f"xllamacpp is not installed: {INSTALL}")
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        sys.exit(f"{file} cannot be served: {error}")
    print(server.listening_address, flush=True)  # noqa: T201 - whoever started it waits for this
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
