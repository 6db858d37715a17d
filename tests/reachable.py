"""What an object still holds, however deep: whether somebody's words are in memory."""

import gc
from collections.abc import Iterable
from types import CodeType, FrameType, FunctionType, ModuleType


def holds(root: object, words: str, *, beside: Iterable[object] = ()) -> bool:
    """Say whether text with these words can be reached from an object.

    Args:
        root: Where the search begins.
        words: What is looked for.
        beside: What is the test's own, and is not searched.
    """
    seen = {id(each) for each in beside}
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(
            one, ModuleType | FunctionType | CodeType | FrameType | type
        ):
            continue
        seen.add(id(one))
        if isinstance(one, str) and words in one:
            return True
        if isinstance(one, bytes | bytearray) and words.encode() in one:
            return True
        todo += gc.get_referents(one)
    return False
