"""Compare a wheel with the tree: one name for site-packages, and every file of every package in it.

Run as `python .ci/check_wheel.py WHEEL` from the tree's root; exits 1 naming what is wrong.
"""

import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

NEEDED = (
    "brain/catalogue/*.yaml",
    "brain/prompts/*.md",
    "brain/words/*.yaml",
    "config/examples/*.yaml",
    "conversation/sql/**/*.sql",
    "socialcare/rehearsal/**/*.yaml",
    "socialcare/demo/page/*.js",
)
"""Package data that the product cannot start without: an empty pattern means a moved folder."""


def expected(root: Path) -> set[str]:
    """Name each file of the tree's packages as the wheel must carry it."""
    build = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    return {
        f"{wheel['sources'].get(package, package)}/{file.relative_to(root / package).as_posix()}"
        for package in wheel["only-include"]
        for file in (root / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def faults(root: Path, carried: set[str]) -> Iterator[str]:
    """Say what is wrong with a wheel that carries these files."""
    tops = {name.split("/", 1)[0] for name in carried}
    wanted = expected(root)
    for top in sorted(tops):
        if top != "socialcare" and not top.endswith(".dist-info"):
            yield f"puts {top} into site-packages"
    for pattern in NEEDED:
        if not any(root.glob(pattern)):
            yield f"the tree has no {pattern}"
    for name in sorted(wanted - carried):
        yield f"lacks {name}"
    for name in sorted(carried - wanted):
        if ".dist-info/" not in name:
            yield f"carries {name}, which the tree has not"


def main() -> None:
    """Check the wheel named on the command line."""
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        carried = {name for name in wheel.namelist() if not name.endswith("/")}
    found = list(faults(Path.cwd(), carried))
    for fault in found:
        print(f"{sys.argv[1]}: {fault}")
    print(f"{len(carried)} files, {len(found)} faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
