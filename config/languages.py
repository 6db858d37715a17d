"""Languages the embedded brain understands, and what the bot says of itself in the shipped ones."""

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
}
"""Shipped disclosures; a brand may reword them, never leave them out."""
