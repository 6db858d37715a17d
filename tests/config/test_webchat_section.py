import pytest

from config.channels import WebchatChannel
from config.load import ConfigError, load

TEXT = """
brand: {{name: N}}
channels:
  chat: {{platform: webchat, stage: 'off', origins: [{origins}], secret: by-chance{more}}}
"""


def read(origins: str, *, more: str = "") -> WebchatChannel:
    text = TEXT.format(origins=origins, more=more)
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


def test_proxies_are_networks() -> None:
    assert read("'https://a.example'", more=", proxies: ['10.0.0.0/8']").proxies == ("10.0.0.0/8",)
    with pytest.raises(ConfigError):
        read("'https://a.example'", more=", proxies: ['10.0.0.1/8']")
