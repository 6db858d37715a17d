from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from channels.webchat.tokens import (
    LASTS,
    LINK_LASTS,
    RENEW_AFTER,
    TokenFault,
    TokenKind,
    Visitor,
    mint,
    read_token,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECRET = "a secret of enough characters"  # noqa: S105 - nobody uses it
VISITOR = "visitor-0123456789"


def token(**changes: object) -> str:
    given: dict[str, object] = {
        "secret": SECRET, "channel": "webchat", "visitor": VISITOR, "now": NOW,
    }  # fmt: skip
    return mint(**(given | changes))  # type: ignore[arg-type] # a test's short hand


def read(
    text: str, *, now: datetime = NOW, channel: str = "webchat", secret: str = SECRET
) -> object:
    return read_token(text, secret=secret, channel=channel, now=now)


def test_a_token_says_whose_it_is() -> None:
    assert read(token()) == Visitor(id=VISITOR, kind=TokenKind.VISITOR, expires_at=NOW + LASTS)


def test_it_is_bound_to_its_channel_and_its_secret() -> None:
    assert read(token(), channel="webchat2") is TokenFault.FORGED
    assert read(token(), secret=SECRET + "!") is TokenFault.FORGED
    assert read(token(channel="webchat2")) is TokenFault.FORGED


def test_it_ends() -> None:
    assert read(token(), now=NOW + LASTS) is TokenFault.EXPIRED
    assert isinstance(read(token(), now=NOW + LASTS - timedelta(seconds=1)), Visitor)
    link = token(kind=TokenKind.LINK)
    assert read(link, now=NOW + LINK_LASTS) is TokenFault.EXPIRED


def test_it_is_renewed_while_it_is_used() -> None:
    found = read(token())
    assert isinstance(found, Visitor)
    assert not found.is_due(NOW + RENEW_AFTER)
    assert found.is_due(NOW + RENEW_AFTER + timedelta(seconds=1))
    link = read(token(kind=TokenKind.LINK))
    assert isinstance(link, Visitor)
    assert link.is_due(NOW), "a link is exchanged at once"


@given(st.data())
def test_one_changed_sign_makes_it_a_forgery(data: st.DataObject) -> None:
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    sign = data.draw(st.characters(codec="utf-8"))
    if sign != good[place]:
        found = read(good[:place] + sign + good[place + 1 :])
        # The last sign of base64 holds two bits that say nothing.
        assert found is TokenFault.FORGED or place == len(good) - 1


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert read(text) is TokenFault.FORGED
