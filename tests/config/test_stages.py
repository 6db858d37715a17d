from itertools import pairwise

from config.stages import Stage


def test_stages_rise_from_off_to_autonomous() -> None:
    assert [str(each) for each in Stage] == [
        "off",
        "manual",
        "scripted",
        "copilot",
        "autonomous",
    ]
    for lower, higher in pairwise(Stage):
        assert lower < higher
        assert lower <= higher
        assert higher > lower
        assert higher >= lower
        assert min(lower, higher) is lower
        assert max(lower, higher) is higher
