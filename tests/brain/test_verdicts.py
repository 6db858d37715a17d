"""What was found out about a sentence is remembered, and the sentence is not."""

import gc
from collections.abc import Callable
from types import FunctionType, ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain import claims, promises, refusing
from brain.verdicts import Verdicts


def test_the_same_is_judged_once() -> None:
    asked = list[str]()

    def judge(words: str) -> int:
        asked.append(words)
        return len(words)

    verdicts = Verdicts(judge)
    assert [verdicts(words) for words in ("one", "three", "one")] == [3, 5, 3]
    assert asked == ["one", "three"]


def test_so_many_are_kept_and_no_more() -> None:
    asked = list[str]()
    verdicts = Verdicts(asked.append, most=2)
    for words in ("a", "b", "a", "c", "c", "a"):
        verdicts(words)
    assert asked == ["a", "b", "c", "a"]


@given(st.lists(st.text(max_size=5), max_size=30))
def test_any_words_are_judged_as_they_are(many: list[str]) -> None:
    verdicts = Verdicts(str.upper, most=3)
    assert [verdicts(words) for words in many] == [words.upper() for words in many]


SAID = "i have refunded ella quittenbaum and a colleague will call her and we cannot do more"


def remembered(module: ModuleType) -> set[str]:
    """Give every word that a module's memories hold on to."""
    todo = [each for each in vars(module).values() if _is_memory(each)]
    seen, found = set[int](), set[str]()
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, ModuleType | FunctionType | type):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found.add(one)
        todo += gc.get_referents(one)
    return found


def _is_memory(one: object) -> bool:
    return isinstance(one, Verdicts) or hasattr(one, "cache_info")


@pytest.mark.parametrize(
    ("module", "guard"),
    [
        (claims, lambda words: claims.unproved_claims(words, "en", ())),
        (promises, promises.promises_in),
        (refusing, refusing.refuses),
    ],
)
def test_no_guard_keeps_what_was_said(module: ModuleType, guard: Callable[[str], object]) -> None:
    """What `socialcare erase` takes out of the store must not live on in a process."""
    assert guard(SAID)
    assert any(_is_memory(each) for each in vars(module).values())
    assert not [one for one in remembered(module) if "quittenbaum" in one]
