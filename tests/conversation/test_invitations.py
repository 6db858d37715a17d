"""Tokens of invitations: signed, for one channel, for a while; whatever else it is, it is none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.invitations import (
    LASTS,
    InvitationFault,
    mint,
    new_nonce,
    read_invitation,
    tokens_in,
    without_tokens,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY, NONCE = "k" * 64, "AAAAAAAAAAAAAAAA"
ENDS = NOW + LASTS
TOKEN = mint(key=KEY, channel="telegram", nonce=NONCE, expires_at=ENDS)

moments = st.integers(0, 2**32 - 1).map(lambda s: datetime.fromtimestamp(s, tz=UTC))
channels = st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True)


def read(token: str, *, key: str = KEY, channel: str = "telegram", now: datetime = NOW) -> str:
    return read_invitation(token, key=key, channel=channel, now=now)


@given(channel=channels, ends=moments, key=st.text(min_size=1, max_size=64).filter(str.isascii))
def test_what_is_minted_is_read_until_it_ends(channel: str, ends: datetime, key: str) -> None:
    nonce = new_nonce()
    token = mint(key=key, channel=channel, nonce=nonce, expires_at=ends)
    second = ends.replace(microsecond=0)
    before = second - timedelta(microseconds=1)
    assert read(token, key=key, channel=channel, now=before) == nonce
    assert read(token, key=key, channel=channel, now=second) is InvitationFault.EXPIRED
    assert tokens_in(f"https://t.me/northwind_bot?start={token}") == (token,)
    assert len(token) <= 64, "Telegram takes no more"


@given(st.data())
def test_one_character_changed_is_forged(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TOKEN) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=0x2FF))
    changed = TOKEN[:place] + other + TOKEN[place + 1 :]
    expected = NONCE if changed == TOKEN else InvitationFault.FORGED
    assert read(changed) == expected


@given(st.text(max_size=80))
def test_anything_else_is_forged(text: str) -> None:
    assert read(text) is InvitationFault.FORGED
    assert read(f"sc1-{text}") is InvitationFault.FORGED
    assert isinstance(tokens_in(text), tuple)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"channel": "whatsapp"}, InvitationFault.FORGED),
        ({"key": "another"}, InvitationFault.FORGED),
        ({"now": ENDS}, InvitationFault.EXPIRED),
        ({"now": ENDS + timedelta(days=400)}, InvitationFault.EXPIRED),
        ({"channel": "whatsapp", "now": ENDS}, InvitationFault.FORGED),
    ],
)
def test_it_is_worth_nothing_elsewhere_or_later(
    fields: dict[str, Any], why: InvitationFault
) -> None:
    assert read(TOKEN, **fields) is why


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"/start {TOKEN}", ""),
        (TOKEN, ""),
        (f"Hello! {TOKEN} where is A-10293?", "Hello!   where is A-10293?"),
        ("/start", "/start"),
        ("about sc1 and sc1-", "about sc1 and sc1-"),
        (f"x{TOKEN}", f"x{TOKEN}"),
    ],
)
def test_what_is_left_of_a_message(text: str, left: str) -> None:
    assert without_tokens(text) == left


def test_a_damaged_one_is_found_so_that_its_bearer_is_told() -> None:
    assert tokens_in(f"my code: {TOKEN[:-9]}.") == (TOKEN[:-9],)
    assert len(tokens_in(" ".join(f"sc1-{n}" for n in range(50)))) == 3


@pytest.mark.parametrize("nonce", ["", "short", "AAAAAAAAAAAAAAA!", "A" * 40])
def test_none_is_made_of_no_nonce(nonce: str) -> None:
    with pytest.raises(ValueError, match="no such invitation"):
        mint(key=KEY, channel="telegram", nonce=nonce, expires_at=ENDS)
