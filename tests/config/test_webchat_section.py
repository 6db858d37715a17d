import pytest

from config.channels import WebchatChannel
from config.load import ConfigError, load

TEXT = """
brand: {{name: N}}
channels:
  chat: {{platform: webchat, stage: 'off', origins: [{origins}], secret: '{secret}'{more}}}
"""
GOOD = "a-secret-of-24-characters"


def read(origins: str, *, secret: str = GOOD, more: str = "") -> WebchatChannel:
    text = TEXT.format(origins=origins, secret=secret, more=more)
    section = load(text, env={}).channels["chat"]
    assert isinstance(section, WebchatChannel)
    return section


def test_origins_are_kept_as_browsers_send_them() -> None:
    section = read("'https://Shop.Example/', 'https://a.example:443', 'http://[::1]:8080'")
    assert section.origins == ("https://shop.example", "https://a.example", "http://[::1]:8080")


@pytest.mark.parametrize(
    "origins", ["", "'https://a.example/shop'", "'a.example'", "'*'", "'null'"]
)
def test_what_is_no_origin_is_an_error(origins: str) -> None:
    with pytest.raises(ConfigError):
        read(origins)


def test_a_short_secret_is_an_error_and_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        read("'https://a.example'", secret="short-secret")  # noqa: S106 - nobody uses it
    assert "24 characters" in str(caught.value)
    assert "short-secret" not in str(caught.value)


def test_proxies_are_networks() -> None:
    assert read("'https://a.example'", more=", proxies: ['10.0.0.0/8']").proxies == ("10.0.0.0/8",)
    with pytest.raises(ConfigError):
        read("'https://a.example'", more=", proxies: ['10.0.0.1/8']")
