import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from channels.signatures import header_value, same_secret


@given(st.text(min_size=1))
def test_a_secret_matches_itself_alone(secret: str) -> None:
    assert same_secret(expected=secret, given=secret)
    assert not same_secret(expected=secret, given=secret + "x")
    assert not same_secret(expected=secret, given=None)
    assert not same_secret(expected=secret, given="")


@given(st.text(alphabet=st.characters(), max_size=20))
def test_a_stranger_may_write_anything(given_value: str) -> None:
    assert same_secret(expected="s3cret", given=given_value) is (given_value == "s3cret")


@pytest.mark.parametrize("stray", ["\udcff", "é", "\x00"])
def test_stray_header_bytes_do_not_crash(stray: str) -> None:
    assert not same_secret(expected="s3cret", given=stray)


def test_without_a_secret_nobody_is_trusted() -> None:
    assert not same_secret(expected="", given="")


@pytest.mark.parametrize("name", ["X-Proof", "x-proof", "X-PROOF"])
def test_headers_are_found_whatever_their_case(name: str) -> None:
    assert header_value({name: "1"}, "X-Proof") == "1"
    assert header_value(CIMultiDict({name: "1"}), "X-Proof") == "1"


def test_a_header_that_is_not_there() -> None:
    assert header_value({"Other": "1"}, "X-Proof") is None
