"""Languages the embedded brain understands, and what the bot says of itself in the shipped ones."""

import unicodedata
from typing import Final

LANGUAGES: Final = frozenset(
    ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"]
)
"""ISO 639-1 codes the embedded sentence encoder was trained on."""

DISCLOSURES: Final = {
    "en": "I'm {brand}'s AI assistant. Write “human” at any time to reach a person.",
    "de": (
        "Ich bin der KI-Assistent von {brand}. Schreiben Sie jederzeit „Mensch“, "
        "um mit einer Person zu sprechen."
    ),
    "fr": (
        "Je suis l'assistant IA de {brand}. Écrivez « humain » à tout moment "
        "pour parler à une personne."
    ),
    "es": (
        "Soy el asistente de IA de {brand}. Escriba «persona» en cualquier momento "
        "para hablar con alguien del equipo."
    ),
    "it": (
        "Sono l'assistente IA di {brand}. Scriva «umano» in qualsiasi momento "
        "per parlare con una persona."
    ),
    "nl": (
        "Ik ben de AI-assistent van {brand}. Schrijf op elk moment “medewerker” "
        "om een mens te spreken."
    ),
    "pt": (
        "Sou o assistente de IA de {brand}. Escreva «pessoa» a qualquer momento "
        "para falar com alguém da equipe."
    ),
}
"""Shipped disclosures; a brand may reword them, never leave them out."""

FORMS: Final = {
    "de": ("Sie", "du"),
    "es": ("usted", "tú"),
    "fr": ("vous", "tu"),
    "it": ("Lei", "tu"),
    "nl": ("u", "je"),
    "pt": ("você", "tu"),
}
"""Forms of address that the bot can keep to, the one it uses by itself first."""

FAMILIAR_DISCLOSURES: Final = {
    "de": (
        "Ich bin der KI-Assistent von {brand}. Schreib jederzeit „Mensch“, "
        "um mit einer Person zu sprechen."
    ),
    "fr": (
        "Je suis l'assistant IA de {brand}. Écris « humain » à tout moment "
        "pour parler à une personne."
    ),
    "es": (
        "Soy el asistente de IA de {brand}. Escribe «persona» en cualquier momento "
        "para hablar con alguien del equipo."
    ),
    "it": (
        "Sono l'assistente IA di {brand}. Scrivi «umano» in qualsiasi momento "
        "per parlare con una persona."
    ),
    "pt": (
        "Sou o assistente de IA de {brand}. Escreve «pessoa» a qualquer momento "
        "para falar com alguém da equipa."
    ),
}
"""Shipped disclosures in the second of the forms, where it makes a difference."""


def form_of(language: str, word: str) -> str | None:
    """Give a form of address as it is written in `FORMS`; None: there is no such form."""
    for form in FORMS.get(language, ()):
        if _bare(form) == _bare(word):
            return form
    return None


def _bare(word: str) -> str:
    spelled = unicodedata.normalize("NFKD", word.strip().casefold())
    return "".join(c for c in spelled if not unicodedata.combining(c))
