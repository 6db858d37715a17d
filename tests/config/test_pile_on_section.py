"""`pile_on`: where there is a public, and nowhere else."""

from datetime import timedelta

import pytest

from config.channels import PileOnSection, XChannel
from config.load import ConfigError, load

META = "app_secret: b, verify_token: c, app_id: '4'"
SECTIONS = {
    "x": "consumer_key: a, consumer_secret: b, access_token: c, access_token_secret: d, "
    "user_id: '7'",
    "messenger": f"page_id: '1', page_token: a, {META}",
    "instagram": f"account_id: '1', page_token: a, {META}",
}


def of(channel: str, section: str, pile_on: str) -> str:
    whole = f"{section}, stage: off, pile_on: {pile_on}"
    return f"brand: {{name: N}}\nchannels: {{{channel}: {{{whole}}}}}"


@pytest.mark.parametrize("channel", SECTIONS)
def test_it_is_read_where_people_read_along(channel: str) -> None:
    text = of(channel, SECTIONS[channel], "{complaints: 20, within: 30m}")
    section = getattr(load(text, env={}, source="t.yaml").channels[channel], "pile_on", None)
    assert isinstance(section, PileOnSection)
    assert (section.complaints, section.within) == (20, timedelta(minutes=30))


@pytest.mark.parametrize(("complaints", "calm"), [(1, 1), (2, 1), (3, 2), (20, 10)])
def test_half_of_it_is_no_calm_yet(complaints: int, calm: int) -> None:
    section = PileOnSection(complaints=complaints, within=timedelta(minutes=1))
    assert section.enough_for_calm == calm


def test_without_it_there_is_no_brake() -> None:
    settings = load(
        f"brand: {{name: N}}\nchannels: {{x: {{{SECTIONS['x']}, stage: off}}}}",
        env={},
        source="t.yaml",
    )
    (section,) = settings.channels.values()
    assert isinstance(section, XChannel)
    assert section.pile_on is None


@pytest.mark.parametrize(
    ("channel", "section", "pile_on", "said"),
    [
        ("telegram", "token: t, webhook_secret: s", "{complaints: 2, within: 1m}", "pile_on"),
        ("x", SECTIONS["x"], "{complaints: 0, within: 1m}", "complaints"),
        ("x", SECTIONS["x"], "{complaints: 20}", "within"),
        ("x", SECTIONS["x"], "{complaints: 20, within: 0s}", "within"),
    ],
)
def test_what_makes_no_sense_is_named(channel: str, section: str, pile_on: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(of(channel, section, pile_on), env={}, source="t.yaml")
    assert said in str(caught.value)
