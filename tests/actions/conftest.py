"""What the engine's tests share."""

import pytest

from tests.actions.shop_counter import Counter


@pytest.fixture
def counter() -> Counter:
    return Counter()
