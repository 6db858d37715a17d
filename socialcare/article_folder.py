"""The folder that the brand's articles are in: whether it can be looked into, and the cure if not.

Apart from reading them, so that a configuration can be judged before anything else is loaded.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ABSENT: Final = "there is no such folder"
NO_FOLDER: Final = "is no folder; `knowledge.folder` names the folder that the articles are in"
CURE: Final = "make it, or name the folder that your articles are in; then save this file again"


def amiss(folder: Path) -> str:
    """Say why no article can be taken from a folder; nothing where they can be."""
    if not folder.exists():
        return f"{ABSENT}: {folder}"
    if not folder.is_dir():
        return f"{folder} is no folder"
    return next((why for name, why in closed(folder) if not name), "")


def closed(folder: Path) -> Iterator[tuple[str, str]]:
    """Name what of a folder, itself first (as ``""``), may not be looked into, and why."""
    failed: list[OSError] = []
    for _, names, _ in os.walk(folder, onerror=failed.append):
        names[:] = [name for name in names if not name.startswith(".")]
    for error in failed:
        name = str(Path(error.filename).relative_to(folder))
        if name != "." and isinstance(error, FileNotFoundError):
            continue  # It went meanwhile.
        why = f"cannot be read: {error.strerror or error}; let the account of the service read it"
        yield ("" if name == "." else name), why
