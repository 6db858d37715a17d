"""Memory that was freed goes back to the system: what loading needed for a moment is not kept.

glibc holds on to what lies free between what is in use, and loading leaves much of that: a model is
read, its weights are laid out anew, the first layout is freed.
"""

import contextlib
import ctypes


def give_back() -> None:
    """Give it back; takes milliseconds, and does nothing where the system has no such call."""
    # musl and macOS lack the call (AttributeError), a static build lacks all of them (OSError).
    with contextlib.suppress(AttributeError, OSError):
        # https://man7.org/linux/man-pages/man3/malloc_trim.3.html: of all arenas, holes as well.
        ctypes.CDLL(None).malloc_trim(0)
