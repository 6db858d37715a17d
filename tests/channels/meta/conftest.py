"""Time, and the Graph, for the tests of a page's inbox and of an Instagram account."""

from collections.abc import AsyncIterator

import pytest

from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.hand_clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def graph(clock: HandClock) -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=clock) as graph:
        yield graph
