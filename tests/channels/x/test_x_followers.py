"""How many follow a customer is read wherever X tells it, and never costs us the customer."""

import pytest

from channels.x.people import peer, people_in


@pytest.mark.parametrize(
    ("more", "followers"),
    [
        ({"public_metrics": {"followers_count": 12_000}}, 12_000),
        ({"followers_count": 7}, 7),
        ({"public_metrics": {"followers_count": 5}, "followers_count": 7}, 5),
        ({}, None),
        ({"public_metrics": "many"}, None),
        ({"public_metrics": {"followers_count": -1}}, None),
        ({"followers_count": True}, None),
        ({"followers_count": "7"}, None),
    ],
)
def test_followers(more: dict[str, object], followers: int | None) -> None:
    people = people_in([{"id": "42", "username": "star", **more}])
    assert peer("42", people).followers == followers
    assert peer("42", people).username == "star"
    assert peer("43", people).followers is None
