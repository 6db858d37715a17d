"""Which language a message is in, given which ones the brand speaks and which one was spoken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from py3langid.langid import (  # type: ignore[import-untyped] # ships no types
    MODEL_FILE,
    LanguageIdentifier,
)

TEXT_MAX = 500
"""Characters that are looked at; a language shows in the first sentences."""

_BRAND_WEIGHT = 25.0
"""How much likelier a customer writes one of the brand's languages than any other one."""
_SPOKEN_WEIGHT = 12.0
"""How much likelier the language of the conversation so far."""
_SHORT_LETTERS = 12
"""Below it the words decide nothing against the conversation's language."""
_FEW_LETTERS = 22
"""Below it another of the brand's languages has to be much likelier than the assumed one."""
_CLEAR = 5.0
_FOREIGN_LETTERS = 15
"""Below it Latin letters do not make a language that the brand does not speak."""
_FOREIGN_CHANCE = 0.85

_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|\d+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
# Words too short for statistics, each of one language alone among the likely ones.
_TELLING = {
    "where": "en", "wo": "de", "wann": "de", "bestellung": "de",
    "où": "fr", "commande": "fr", "dónde": "es", "waar": "nl", "bestelling": "nl", "onde": "pt",
    "hello": "en", "hi": "en", "thanks": "en", "please": "en", "yes": "en", "the": "en",
    "hallo": "de", "danke": "de", "bitte": "de", "guten": "de", "ja": "de", "nein": "de",
    "bonjour": "fr", "merci": "fr", "oui": "fr", "salut": "fr", "svp": "fr", "bonsoir": "fr",
    "hola": "es", "gracias": "es", "s\u00ed": "es", "buenos": "es", "buenas": "es",
    "ciao": "it", "grazie": "it", "buongiorno": "it", "obrigado": "pt", "obrigada": "pt",
    "ol\u00e1": "pt", "bedankt": "nl", "dank": "nl", "cze\u015b\u0107": "pl", "merhaba": "tr",
    "te\u015fekk\u00fcrler": "tr", "moin": "de", "servus": "de", "coucou": "fr", "buonasera": "it",
    "remboursement": "fr", "colis": "fr", "statut": "fr", "livraison": "fr", "reembolso": "es",
    "pedido": "es", "erstattung": "de", "paket": "de", "lieferung": "de", "rimborso": "it",
    "ordine": "it", "pacco": "it", "terugbetaling": "nl", "pakket": "nl", "encomenda": "pt",
    "oi": "pt", "bom": "pt", "boa": "pt", "hoi": "nl", "goedemiddag": "nl", "goedemorgen": "nl",
    "goedenavond": "nl", "dzie\u0144": "pl", "selam": "tr",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageGuess:
    """The likeliest language of a message."""

    code: str
    """ISO 639-1."""
    p: float
    supported: bool
    """The brand speaks it."""


def packaged() -> LanguageIdentifier:
    """Load what tells languages apart from its package: half a second, and 70 MB."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


class LanguageEar:
    """Tells languages apart; half a second to load, then well under a millisecond."""

    def __init__(
        self, languages: Sequence[str], identifier: LanguageIdentifier | None = None
    ) -> None:
        """Prefer these languages; the first one is assumed where nothing tells.

        Args:
            languages: The brand's.
            identifier: What tells languages apart; loaded from its package where left out.

        Raises:
            ValueError: no language is given.
        """
        if not languages:
            raise ValueError("a brand speaks one language at least")
        self._brand = tuple(languages)
        self._identifier = identifier or packaged()

    @property
    def identifier(self) -> LanguageIdentifier:
        """What tells languages apart."""
        return self._identifier

    def hear(self, text: str, *, prior: str | None = None) -> LanguageGuess:
        """Guess the language of a message.

        Args:
            text: The message.
            prior: The language of the conversation so far.
        """
        words = _NOT_WORDS.sub(" ", text[:TEXT_MAX]).strip()
        letters = len(_LETTER.findall(words))
        latin = len(_LATIN.findall(words)) * 2 >= letters
        assumed = prior or self._brand[0]
        if not letters:
            return self._guess(assumed, 0.5)
        if latin and letters < _SHORT_LETTERS:
            return self._guess(self._told(words, assumed), 0.6)
        chances = {str(code): float(chance) for code, chance in self._identifier.rank(words)}
        foreign = max(chances, key=chances.__getitem__)
        if (
            foreign not in {*self._brand, prior}
            and chances[foreign] >= _FOREIGN_CHANCE
            and (letters >= _FOREIGN_LETTERS or not latin)
            and max(chances.get(each, 0.0) for each in self._brand) < 1 - _FOREIGN_CHANCE
        ):
            return LanguageGuess(code=foreign, p=chances[foreign], supported=False)
        weighed = {
            code: chances.get(code, 0.0)
            * (_BRAND_WEIGHT if code in self._brand else 1.0)
            * (_SPOKEN_WEIGHT if code == prior else 1.0)
            for code in chances
        }
        best = max(weighed, key=weighed.__getitem__)
        if latin and letters < _FEW_LETTERS and weighed[best] < _CLEAR * weighed.get(assumed, 0.0):
            best = self._told(words, assumed)  # "Refund status" is of any language's statistics.
        return self._guess(best, weighed[best] / sum(weighed.values()))

    def _told(self, words: str, assumed: str) -> str:
        for word in re.findall(r"\w+", words.casefold()):
            code = _TELLING.get(word)
            if code in self._brand:
                return str(code)
        return assumed

    def _guess(self, code: str, p: float) -> LanguageGuess:
        return LanguageGuess(code=code, p=round(p, 4), supported=code in self._brand)
