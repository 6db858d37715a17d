"""Where a customer wants to go on: said in so many words, or not understood at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.moving import wished_platform
from config.channels import PLATFORMS


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("Can we continue on Telegram?", "telegram"),
        ("can i write to you on whatsapp instead", "whatsapp"),
        ("I'd rather chat on your website", "webchat"),
        ("Let's switch to WhatsApp please", "whatsapp"),
        ("Could we move this conversation to Messenger?", "messenger"),
        ("May I message you on Instagram?", "instagram"),
        ("Können wir auf Telegram weiterschreiben?", "telegram"),
        ("Ich möchte lieber über WhatsApp weitermachen", "whatsapp"),
        ("Kann ich euch auf Instagram schreiben?", "instagram"),
        ("Peut-on continuer sur Telegram ?", "telegram"),
        ("Puis-je vous écrire sur WhatsApp ?", "whatsapp"),
        ("¿Podemos seguir por Telegram?", "telegram"),
        ("¿Puedo escribirles por WhatsApp?", "whatsapp"),
        ("Can we carry on via Twitter", "x"),
    ],
)
def test_a_wish_to_go_on_elsewhere(text: str, platform: str) -> None:
    assert wished_platform(text, PLATFORMS) == platform


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order?",
        "I saw it on Instagram",
        "Why do you not answer on Telegram? I wrote there yesterday",
        "My friend uses WhatsApp. Can I write a review?",
        "Do you have Telegram?",
        "I want to switch my subscription to the large one",
        "Ich habe euch auf Instagram gesehen",
        "can we continue on telegram" + " please" * 40,
        "",
    ],
)
def test_who_only_speaks_of_a_platform_wants_nothing(text: str) -> None:
    assert wished_platform(text, PLATFORMS) is None


def test_only_what_the_brand_serves_counts() -> None:
    assert wished_platform("Can we continue on Telegram?", ("whatsapp", "slack")) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert wished_platform(text, PLATFORMS) in {None, *PLATFORMS}
