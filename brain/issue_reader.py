"""Reads what a message asks for: clauses, the classifier and rejection put together.

Whatever it was taught, it reads alike: the shipped topics with the brand's own, or the intents of a
public data set that it is measured with.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brain.classifier import Classifier, Ranking, Seen
from brain.clauses import clauses
from brain.encoder import Encoder
from brain.entities import Mention
from brain.examples import Example, TopicTraits
from brain.issues import Issue, Run, issues, runs
from brain.masking import IBAN, is_iban
from brain.short_words import in_full
from brain.wording import masked, plain, sour

_ORDER_WORD = re.compile(
    r"(?<!\w)(?:(?:my|meine|ma|mi|il mio|mijn|o meu|a minha|moje)\s+)?"
    r"(?:l')?(?:(?:orders?|bestellung|commande|pedido|ordine|bestelling|bestel|encomenda|zamówienie|"
    r"sipariş(?:im)?|заказ)?\W{0,3}(?:number|nummer|numéro|número|numero|numer|no|nr|num|n[º°.])|"
    r"orders?|bestellung|commande|pedido|ordine|bestelling|encomenda|zamówienie|sipariş(?:im)?|заказ)"
    r"\W*$",
    re.IGNORECASE,
)
_NUMBER_SHORTENED = re.compile(r"(?<!\w)(?:no|nr|n|num)\.\s*$", re.IGNORECASE)
"""The point of "order no. 12" ends no sentence."""
_BREAK_BEFORE = re.compile(r"(?:^|[,;:.!?()\n-])\s*$")
_BREAK_AFTER = re.compile(r"\s*(?:$|[,;:.!?()\n-])")
"""What stands between two of these is said beside the sentence, and is no part of it."""
_MONEY = {
    "de": "geld", "fr": "argent", "es": "dinero", "it": "soldi", "nl": "geld", "pt": "dinheiro",
}  # fmt: skip
"""What stands for an amount: "I want my 40 quid back" is "I want my money back"."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_ALONE = TopicTraits(
    family={}, small_talk=frozenset(), outside=frozenset(), trouble=frozenset(),
    danger=frozenset(), rights=frozenset(), cheerful=frozenset(), context=frozenset(), either=(),
    implied={},
)  # fmt: skip
"""Topics that have nothing in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one message asks for."""

    issues: tuple[Issue, ...]
    """In the order they are said; none where nothing is known."""
    whole: Ranking | None
    """The topics of the message as a whole; None where it has no word."""
    seen: Seen
    """The texts that were to be seen in the same pass, then every run that was looked at."""
    ranked: tuple[tuple[Run, Ranking], ...]
    """Every run that has words, the message as a whole first."""


class IssueReader:
    """Reads messages; synchronous and CPU bound."""

    def __init__(
        self, classifier: Classifier, encoder: Encoder, traits: TopicTraits = _ALONE
    ) -> None:
        """Take a trained classifier, the encoder it was trained with, and its topics' traits."""
        self.classifier = classifier
        self._encoder = encoder
        self._traits = traits

    @classmethod
    def taught(cls, examples: Sequence[Example], encoder: Encoder) -> "IssueReader":
        """Learn topics that have nothing in common from their examples."""
        return cls(Classifier.train(examples, encoder), encoder)

    def read(
        self,
        text: str,
        *,
        named: Sequence[Mention] = (),
        language: str = "en",
        beside: Sequence[str] = (),
    ) -> Reading:
        """Read one message.

        Args:
            text: As the customer wrote it.
            named: Order numbers, addresses and the like in it, which stay whole.
            language: Whose joining words part clauses, besides the English ones; whose short
                words are read in full.
            beside: Further texts to see in the same pass.
        """
        pieces = clauses(text, [(each.start, each.end) for each in named], language=language)
        candidates = runs(text, pieces)
        words = {"url": "link", "order_id": "my order", "amount": _MONEY.get(language, "money")}
        spelled = [_spelled(each, named, words, language) for each in candidates]
        bare = [_spelled(each, named, {"url": "link"}, language) for each in candidates]
        texts = (*beside, *spelled)
        seen = Seen(texts, self._encoder.encode(texts))
        rankings = self.classifier.ranked(seen, slice(len(beside), None))
        ranked = [
            (run, ranking)
            for run, ranking, left in zip(candidates, rankings, bare, strict=True)
            if _WORD.search(left) or left == plain(run.clause.text)
        ]
        found = issues(
            ranked, traits=self._traits, threshold=self.classifier.threshold, sour=sour(text)
        )
        return Reading(
            issues=tuple(found),
            whole=ranked[0][1] if ranked else None,
            seen=seen,
            ranked=tuple(ranked),
        )


def _spelled(run: Run, named: Sequence[Mention], words: Mapping[str, str], language: str) -> str:
    """Spell a run plainly, without the numbers and addresses in it; ``words`` stand for them."""
    start, text = run.clause.start, run.clause.text
    spans = []
    for each in named:
        if start <= each.start and each.end <= run.clause.end:
            word = words.get(each.kind, "")
            begin, end = each.start - start, each.end - start
            if each.kind == "order_id":
                begin, word = _order_spelled(text, begin, end, word)
            spans.append((begin, end, word))
    spans += [(one.start(), one.end(), "") for one in IBAN.finditer(text) if is_iban(one[0])]
    return plain(in_full(masked(text, spans), language))


def _order_spelled(text: str, begin: int, end: int, word: str) -> tuple[int, str]:
    """Say where an order number begins to be left out, and what stands for it."""
    before, after = text[:begin], text[end:]
    called = _ORDER_WORD.search(before)  # First: "order no. A-1" has a stop, which ends nothing.
    if called is None:
        shortened = _NUMBER_SHORTENED.search(before)
        beside = _BREAK_BEFORE.search(before) and not shortened and _BREAK_AFTER.match(after)
        return begin, "" if beside else word
    # ", order A-1," names it; of the word alone any wish would be made.
    alone = _BREAK_BEFORE.search(before[: called.start()]) and _BREAK_AFTER.match(after)
    return called.start() if alone else begin, ""
