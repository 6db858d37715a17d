"""Questions without an article, those that mean the same put together, and a draft for each."""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from ruamel.yaml import YAML

from brain.encoder import Encoder
from brain.knowledge.search import SENTENCE_END
from brain.wording import plain

SAME_QUESTION: Final = 0.6
"""Likeness from which two questions ask for one article; related ones lie between 0.4 and 0.8."""
EXAMPLES_MAX: Final = 5
_MASK = re.compile(r"\[[A-Z][A-Z_]*(?:_?\d+)?\]")
_TITLE_MAX, _ANSWER_MAX = 200, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, fit to be read by anybody who writes articles: masked."""

    turn: str
    text: str
    language: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An article that is missing."""

    id: str
    """Made from its oldest question: it stays when more are asked."""
    language: str
    questions: tuple[Question, ...]
    """The oldest first."""

    @property
    def examples(self) -> tuple[str, ...]:
        """How it was asked, each wording once, on one line."""
        lines = dict.fromkeys(" ".join(each.text.split()) for each in self.questions)
        return tuple(lines)[:EXAMPLES_MAX]

    @property
    def answer(self) -> str:
        """What a colleague said last; empty where nobody has."""
        return next((each.answer for each in reversed(self.questions) if each.answer), "")


def gaps(questions: Sequence[Question], encoder: Encoder) -> tuple[Gap, ...]:
    """Put questions of one language and meaning together, the most asked first.

    Each joins the likest gap so far, or begins one; so they come in the order they were asked.
    """
    found: list[list[int]] = []
    vectors = encoder.encode([plain(_asked(each.text)) for each in questions])
    sums: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    for number, (question, vector) in enumerate(zip(questions, vectors, strict=True)):
        likeness = [
            float(vector @ total) / float(np.linalg.norm(total) or 1.0)
            if questions[members[0]].language == question.language
            else 0.0
            for members, total in zip(found, sums, strict=True)
        ]
        best = max(range(len(found)), key=likeness.__getitem__, default=None)
        if best is not None and likeness[best] >= SAME_QUESTION:
            found[best].append(number)
            sums[best] = sums[best] + vector
        else:
            found.append([number])
            sums.append(vector)
    made = [_gap([questions[number] for number in members]) for members in found]
    return tuple(sorted(made, key=lambda each: -len(each.questions)))


def _asked(text: str) -> str:
    """Keep the questions of a text, where there are any: who asks, and for which order, is none."""
    sentences = SENTENCE_END.split(" ".join(text.split()))
    questions = [each for each in sentences if "?" in each]
    bare = _MASK.sub("", " ".join(questions or sentences))
    return " ".join(bare.split()) or text


def _gap(questions: Sequence[Question]) -> Gap:
    digest = hashlib.sha256(questions[0].turn.encode()).hexdigest()
    return Gap(id=f"gap-{digest[:8]}", language=questions[0].language, questions=tuple(questions))


def draft(gap: Gap) -> str:
    """Write the article as far as it is known: private, unreviewed, with the desk's answer.

    Without an answer it is no article yet: it says nothing, and the questions are comments.
    """
    asked = tuple(dict.fromkeys(map(_asked, gap.examples)))
    front: dict[str, object] = {"id": gap.id, "title": asked[0][:_TITLE_MAX]}
    if gap.language:
        front["languages"] = [gap.language]
    front["surface"] = "private"
    if gap.answer:
        # With a source it waits to be reviewed: these words were meant for one customer.
        front["source"] = "the desk"
        front["answer"] = gap.answer[:_ANSWER_MAX]
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # typed as None
    yaml.allow_unicode = True
    yaml.width = 10_000
    yaml.dump(front, stream)
    keys = f"---\n{stream.getvalue()}reviewed: # the day on which you read it\n"
    if gap.answer:
        return f"{keys}---\n" + "\n\n".join(asked) + "\n"
    comments = "".join(f"# asked: {each}\n" for each in asked)
    return f"{keys}{comments}---\n"
