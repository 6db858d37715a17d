"""Reads the data sets that understanding is measured with, and parts them; seeded, so repeatable.

A set is read from its folder as its authors publish it. Where the folder holds a test part, that is
what is held out; else a part of the training part is, which then teaches nothing.
"""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from brain.examples import Example

JOINTS = (", and ", " and also ", ". ", "; ", ", plus ", " but ")
"""How mixed messages join their issues."""
HINT3 = ("sofmattress", "curekart", "powerplay11")
HELD_OUT_SHARE = 1 / 3
"""Of HINT3's intents, which nobody is taught."""

_TEXT = ("text", "utterance", "sentence", "query")
_LABEL = ("category", "intent", "label")
_FAMILIES = {
    "exchange_delivered_order_items": "swap",
    "modify_pending_order_items": "swap",
    "modify_pending_order_payment": "swap",
    "cancel_pending_order": "undo",
    "return_delivered_order_items": "undo",
    "modify_pending_order_address": "address",
    "modify_user_address": "address",
}
"""Which of a pair is right, the order's status decides, not the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What is taught, and what is asked; a question without an answer is out of scope."""

    taught: Sequence[Example]
    asked: Sequence[tuple[str, frozenset[str]]]


def shots(folder: Path, *, each: int, held: int, seed: int) -> Split:
    """So many examples of each intent, and others to ask (the test part, where there is one)."""
    taught = _by_label(_rows(folder / "train.csv", "intent" if "bitext" in folder.name else ""))
    asked = _test_part(folder, "intent" if "bitext" in folder.name else "")
    chance = random.Random(seed)  # noqa: S311 - a fixed sample, not a secret
    learnt, questions = [], []
    for label, texts in sorted(taught.items()):
        chance.shuffle(texts)
        learnt += [Example(label, text) for text in texts[:each]]
        kept = asked[label] if asked else texts[each : each + held]
        questions += [(text, frozenset({label})) for text in kept]
    return Split(taught=learnt, asked=questions)


def clinc(folder: Path) -> Split:
    """All training examples; the validation part and what is out of scope to ask."""
    parts = json.loads((folder / "train_val.json").read_text(encoding="utf-8"))
    test = folder / "test.json"
    if test.is_file():
        parts = {**parts, **json.loads(test.read_text(encoding="utf-8"))}
    asked = parts.get("test", parts["val"])
    outside = parts.get("oos_test", [*parts["oos_val"], *parts["oos_train"]])
    return Split(
        taught=[Example(label, text) for text, label in parts["train"]],
        asked=[
            *((text, frozenset({label})) for text, label in asked),
            *((text, frozenset[str]()) for text, _ in outside),
        ],
    )


def mixes(folder: Path, *, each: int, count: int, seed: int) -> list[tuple[str, frozenset[str]]]:
    """So many messages with two issues and as many with three, of held-out utterances."""
    split = shots(folder, each=each, held=30, seed=seed)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, labels in split.asked:
        by_label[min(labels)].append(text)
    chance = random.Random(seed)  # noqa: S311 - a fixed sample, not a secret
    made = []
    for size in (2, 3):
        for _ in range(count):
            chosen = chance.sample(sorted(by_label), size)
            text = ""
            for label in chosen:
                text += (chance.choice(JOINTS) if text else "") + chance.choice(by_label[label])
            made.append((text, frozenset(chosen)))
    return made


def hint3(folder: Path, bot: str, *, seed: int) -> Split:
    """A third of the intents is taught to nobody; of the others, a quarter is asked."""
    rows = dict.fromkeys(_rows(folder / f"{bot}_train.csv", ""))
    by_label = _by_label(rows)
    test = folder / f"{bot}_test.csv"
    if test.is_file():
        known = set(by_label)
        return Split(
            taught=[Example(label, text) for text, label in rows],
            asked=[
                (text, frozenset({label} if label in known else ()))
                for text, label in _rows(test, "")
            ],
        )
    chance = random.Random(seed)  # noqa: S311 - a fixed sample, not a secret
    labels = sorted(by_label)
    chance.shuffle(labels)
    unknown = set(labels[: round(len(labels) * HELD_OUT_SHARE)])
    taught: list[Example] = []
    asked: list[tuple[str, frozenset[str]]] = []
    for label, texts in sorted(by_label.items()):
        chance.shuffle(texts)
        kept = 0 if label in unknown else max(1, round(len(texts) * 0.75))
        taught += [Example(label, text) for text in texts[:kept]]
        answer = frozenset(() if label in unknown else {label})
        asked += [(text, answer) for text in texts[kept:]]
    return Split(taught=taught, asked=asked)


def tau2(folder: Path) -> list[tuple[str, frozenset[str]]]:
    """What each customer of the retail tasks calls for, and the families of what is done."""
    tests = folder / "tasks_test.json"
    file = tests if tests.is_file() else folder / "tasks_train.json"
    asked = []
    for task in json.loads(file.read_text(encoding="utf-8")):
        done = {each["name"] for each in task["evaluation_criteria"]["actions"] or ()}
        families = frozenset(_FAMILIES[name] for name in done & _FAMILIES.keys())
        if families:
            asked.append((task["user_scenario"]["instructions"]["reason_for_call"], families))
    return asked


def own_issues(file: Path) -> list[tuple[str, frozenset[str]]]:
    """The project's own messages: a list of `{text, topics}` in a YAML file."""
    rows = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return [(str(row["text"]), frozenset(map(str, row["topics"]))) for row in rows]


def _test_part(folder: Path, label: str) -> Mapping[str, list[str]]:
    test = folder / "test.csv"
    return _by_label(_rows(test, label)) if test.is_file() else {}


def _by_label(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for text, label in rows:
        found[label].setdefault(text)
    return {label: list(texts) for label, texts in found.items()}


def _rows(file: Path, label: str) -> list[tuple[str, str]]:
    """Text and label of each row; what the columns are called is each set's own choice."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = rows[0].keys()
    text = next(each for each in _TEXT if each in names)
    label = label or next(each for each in _LABEL if each in names)
    return [(row[text], row[label]) for row in rows]
