import pytest

from socialcare.chat.limits import Gate, Places, Rate
from socialcare.chat.whereabouts import UNKNOWN, address_of, origin_allowed
from socialcare.sandbox.hand_clock import HandClock

LOCAL = ("127.0.0.0/8", "10.0.0.0/8", "::1/128")


def test_a_burst_is_granted_and_given_back_with_time() -> None:
    clock = HandClock()
    gate = Gate(Rate(burst=3, per_minute=6), clock=clock)
    assert [gate.take("ada") for _ in range(4)] == [0, 0, 0, 10]
    assert gate.take("bob") == 0
    clock.advance(9.9)
    assert gate.take("ada") == pytest.approx(0.1)
    clock.advance(0.2)
    assert gate.take("ada") == 0
    clock.advance(3_600)
    assert [gate.take("ada") for _ in range(4)] == [0, 0, 0, 10], "no more than a burst is saved"


def test_what_is_refused_costs_nothing() -> None:
    gate = Gate(Rate(burst=10, per_minute=60), clock=HandClock())
    assert gate.take("ada", 11) == 1
    assert gate.take("ada", 10) == 0


def test_no_more_than_so_many_are_remembered() -> None:
    gate = Gate(Rate(burst=1, per_minute=1), clock=HandClock(), keys_max=2)
    assert [gate.take(key) for key in ("a", "b", "b", "c", "a")] == [0, 0, 60, 0, 0]
    assert gate.take("c") == 60


def test_places_are_given_back() -> None:
    places = Places(1)
    with places.take("ada") as one, places.take("ada") as two, places.take("bob") as three:
        assert (one, two, three) == (True, False, True)
        assert places.total == 2
    assert places.total == 0
    with places.take("ada") as again:
        assert again


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("203.0.113.5", (), "203.0.113.5"),
        ("203.0.113.5", ("198.51.100.1",), "203.0.113.5"),
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6", "198.51.100.1, 10.1.1.1"), "198.51.100.1"),
        ("127.0.0.1", ("nonsense",), "127.0.0.1"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("::ffff:203.0.113.5", (), "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        (None, ("198.51.100.1",), UNKNOWN),
    ],
)
def test_a_visitor_comes_from_the_last_hop_that_is_not_ours(
    remote: str | None, forwarded: tuple[str, ...], found: str
) -> None:
    assert address_of(remote, forwarded, proxies=LOCAL) == found


def test_only_named_origins_are_allowed() -> None:
    allowed = {"https://shop.example"}
    assert origin_allowed("https://shop.example", allowed=allowed)
    others = (None, "", "null", "http://shop.example", "https://shop.example.evil.example")
    assert not any(origin_allowed(other, allowed=allowed) for other in others)
