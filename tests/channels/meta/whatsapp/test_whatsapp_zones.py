"""A customer's day is read from their number where all of its country or area has one time."""

import pytest

from channels.meta.whatsapp.people import zone_of


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("4915112345678", "Europe/Berlin"),
        ("33612345678", "Europe/Paris"),
        ("905321234567", "Europe/Istanbul"),
        ("12125550123", "America/New_York"),
        ("61412345678", None),
        ("GB.13491208655302741918", None),
        ("", None),
        ("0", None),
        ("1" * 40, None),
    ],
)
def test_a_number_tells_its_zone_or_nothing(number: str, zone: str | None) -> None:
    assert zone_of(number) == zone


def test_islands_with_the_same_time_are_one_country() -> None:
    assert zone_of("447911123456") in {"Europe/London", "Europe/Jersey", "Europe/Guernsey", None}
