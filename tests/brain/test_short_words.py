"""Words that phones shorten are read as their full words, and what only looks short stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.short_words import in_full


@pytest.mark.parametrize(
    ("language", "text", "full"),
    [
        ("de", "is jmd da? hab vllt a Frage", "ist jemand da? hab vielleicht a Frage"),
        ("de", "geht ned, mag nimmer", "geht nicht, mag nicht mehr"),
        ("fr", "Pk g tjrs rien reçu", "pourquoi j'ai toujours rien reçu"),
        ("fr", "c pas ma cmd, jv être remboursé", "c'est pas ma commande, je veux être remboursé"),
        (
            "es",
            "xq no llega, kiero q me paguen tmb",
            "porque no llega, quiero que me paguen también",
        ),
        ("it", "nn va, cmq c'è qlcn?", "non va, comunque c'è qualcuno?"),
        ("nl", "bel me ff, mn doos is nie gekomen", "bel me even, mijn doos is niet gekomen"),
        ("pt", "vc n manda pq?", "você não manda porque?"),
        ("pt", "quero falar c alguém pfv", "quero falar com alguém por favor"),
    ],
)
def test_what_is_shortened_is_read_in_full(language: str, text: str, full: str) -> None:
    assert in_full(text, language) == full


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "is it q or n"),
        ("pl", "nn q x"),
        ("fr", "le paquet pesait 500 g"),
        ("fr", "un sérum à la vitamine C"),
        ("es", "mide 20 x 30, talla M"),
        ("es", "10 k de puntos"),
        ("it", "misura 2 x 4"),
        ("pt", "vitamina C"),
        ("de", "mail an is@jmd.example"),
        ("pt", "www.vc.example/q"),
    ],
)
def test_what_only_looks_short_stays(language: str, text: str) -> None:
    assert in_full(text, language) == text


@given(st.text(max_size=200), st.sampled_from(["de", "fr", "es", "it", "nl", "pt", "xx"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    assert isinstance(in_full(text, language), str)
