from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import load
from config.rollout import Override, Rollout, bucket, stage_for
from config.schema import Settings
from config.stages import Stage, Surface

ANNA = 0.9394875171103781
"""Where the customer anna stands on the channel telegram, for good."""
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
MINIMAL = files("config").joinpath("examples", "minimal.yaml").read_text("utf-8")
ENV = dict.fromkeys(
    ("TELEGRAM_TOKEN", "TELEGRAM_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"), "x"
)
TOPICS = ("order_status", "refund_request", "praise")

BUILT = (Stage.OFF, Stage.MANUAL, Stage.COPILOT, Stage.AUTONOMOUS)
stages = st.sampled_from(BUILT)
shares = st.integers(0, 100).map(lambda percent: percent / 100)
customers = st.text(max_size=12)
surfaces = st.sampled_from(Surface)
chosen = st.sets(st.sampled_from(TOPICS))


def settings_with(**channel: object) -> Settings:
    """The minimal brand, its channel with these keys, desk hours on weekdays from 8 to 18."""
    base = load(MINIMAL, env=ENV)
    tree = {
        "brand": {"name": "Northwind"},
        "channels": {"telegram": {"token": "x", "webhook_secret": "x", **channel}},
        "desk": {
            "slack": {"channel": "C0123456789", "bot_token": "x", "signing_secret": "x"},
            "hours": {"weekly": {"mon-fri": ["08:00-18:00"]}},
            "out_of_hours": "manual",
        },
    }
    return type(base).model_validate(tree)


def judged(
    settings: Settings,
    *,
    overrides: Sequence[Override] = (),
    topics: Collection[str] = (),
    surface: Surface = Surface.PRIVATE,
    customer: str = "anna",
    at: datetime = NOON,
) -> Rollout:
    return stage_for(
        settings,
        channel="telegram",
        surface=surface,
        topics=topics,
        customer=customer,
        at=at,
        overrides=overrides,
    )


def test_the_channel_has_a_stage_for_everything() -> None:
    assert judged(settings_with(stage="autonomous")).stage is Stage.AUTONOMOUS
    assert judged(settings_with()).stage is Stage.COPILOT


def test_a_topic_overrides_the_channel_up_and_down() -> None:
    settings = settings_with(
        stage="copilot", topics={"order_status": "autonomous", "legal_threat": "manual"}
    )
    assert judged(settings, topics=["order_status"]).stage is Stage.AUTONOMOUS
    assert judged(settings, topics=["legal_threat"]).stage is Stage.MANUAL
    assert judged(settings, topics=["praise"]).stage is Stage.COPILOT


def test_of_several_topics_the_lowest_wins_even_one_without_its_own_stage() -> None:
    settings = settings_with(stage="copilot", topics={"order_status": "autonomous"})
    assert judged(settings, topics=["order_status", "praise"]).stage is Stage.COPILOT


def test_where_topic_and_surface_apply_the_lowest_wins() -> None:
    settings = settings_with(
        stage="manual",
        topics={"order_status": "autonomous"},
        surfaces={"public": "copilot", "private": "autonomous"},
    )
    assert judged(settings, topics=["order_status"]).stage is Stage.AUTONOMOUS
    assert judged(settings, topics=["order_status"], surface=Surface.PUBLIC).stage is Stage.COPILOT
    assert judged(settings, surface=Surface.PUBLIC).stage is Stage.COPILOT


@pytest.mark.parametrize(
    ("stage", "fallback", "given_stage"),
    [
        ("autonomous", None, Stage.COPILOT),
        ("copilot", None, Stage.MANUAL),
        ("manual", None, Stage.MANUAL),
        ("off", None, Stage.OFF),
        ("autonomous", "manual", Stage.MANUAL),
        ("manual", "copilot", Stage.MANUAL),
    ],
)
def test_outside_the_share_a_customer_gets_the_fallback(
    stage: Any, fallback: str | None, given_stage: Stage
) -> None:
    settings = settings_with(stage=stage, share="0%", fallback=fallback)
    assert judged(settings).stage is given_stage


def test_at_night_the_desk_sets_the_ceiling() -> None:
    settings = settings_with(stage="autonomous")
    night = judged(settings, at=MIDNIGHT)
    assert night.stage is Stage.MANUAL
    assert "outside the desk's hours" in night.why
    assert judged(settings_with(stage="off"), at=MIDNIGHT).stage is Stage.OFF


def test_a_pause_leaves_it_to_colleagues_and_never_raises() -> None:
    for row in (Override(channel=None, paused=True), Override(channel="telegram", paused=True)):
        assert judged(settings_with(stage="autonomous"), overrides=[row]).stage is Stage.MANUAL
        assert judged(settings_with(stage="off"), overrides=[row]).stage is Stage.OFF


def test_a_pause_of_a_topic_leaves_the_others() -> None:
    row = Override(channel="telegram", topic="refund_request", paused=True)
    settings = settings_with(stage="autonomous")
    assert judged(settings, overrides=[row], topics=["praise"]).stage is Stage.AUTONOMOUS
    both = ["praise", "refund_request"]
    assert judged(settings, overrides=[row], topics=both).stage is Stage.MANUAL


def test_another_channels_rows_change_nothing() -> None:
    row = Override(channel="other", stage=Stage.OFF)
    assert judged(settings_with(), overrides=[row]).stage is Stage.COPILOT


def test_an_override_stands_in_place_of_the_file_at_its_scope() -> None:
    settings = settings_with(stage="copilot", topics={"order_status": "manual"})
    row = Override(channel="telegram", topic="order_status", stage=Stage.AUTONOMOUS)
    assert judged(settings, overrides=[row], topics=["order_status"]).stage is Stage.AUTONOMOUS
    assert judged(settings, overrides=[row]).stage is Stage.COPILOT
    both = Override(
        channel="telegram", topic="order_status", surface=Surface.PUBLIC, stage=Stage.OFF
    )
    rows = [row, both]
    assert judged(settings, overrides=rows, topics=["order_status"]).stage is Stage.AUTONOMOUS
    public = judged(settings, overrides=rows, topics=["order_status"], surface=Surface.PUBLIC)
    assert public.stage is Stage.OFF


def test_lowering_a_channel_lowers_what_the_file_says_of_topics() -> None:
    settings = settings_with(
        stage="copilot", topics={"order_status": "autonomous", "praise": "manual"}
    )
    lowered = [Override(channel="telegram", stage=Stage.COPILOT)]
    raised = [Override(channel="telegram", stage=Stage.AUTONOMOUS)]
    assert judged(settings, overrides=lowered, topics=["order_status"]).stage is Stage.COPILOT
    assert judged(settings, overrides=raised, topics=["praise"]).stage is Stage.MANUAL


def test_off_for_the_channel_is_off_for_every_row() -> None:
    rows = [
        Override(channel="telegram", topic="order_status", stage=Stage.AUTONOMOUS),
        Override(channel="telegram", stage=Stage.OFF),
    ]
    assert judged(settings_with(), overrides=rows, topics=["order_status"]).stage is Stage.OFF


def test_the_later_row_of_one_scope_stands() -> None:
    rows = [
        Override(channel="telegram", stage=Stage.OFF),
        Override(channel="telegram", stage=Stage.AUTONOMOUS),
    ]
    assert judged(settings_with(), overrides=rows).stage is Stage.AUTONOMOUS


def test_a_row_may_set_the_share_alone() -> None:
    settings = settings_with(stage="autonomous", topics={"praise": "autonomous"})
    everywhere = [Override(channel="telegram", share=0.0)]
    assert judged(settings, overrides=everywhere).stage is Stage.COPILOT
    praise = [Override(channel="telegram", topic="praise", share=0.0)]
    assert judged(settings, overrides=praise, topics=["praise"]).stage is Stage.COPILOT
    assert judged(settings, overrides=praise).stage is Stage.AUTONOMOUS


def test_shadow_is_said() -> None:
    rollout = judged(settings_with(stage="autonomous", shadow=True))
    assert rollout.shadow
    assert "shadow" in rollout.why


def test_an_unknown_channel_is_an_error() -> None:
    with pytest.raises(KeyError):
        stage_for(
            settings_with(),
            channel="fax",
            surface=Surface.PUBLIC,
            topics=(),
            customer="anna",
            at=NOON,
        )


def test_the_share_of_customers_is_about_the_share() -> None:
    inside = sum(bucket("telegram", f"customer-{number}") < 0.25 for number in range(4_000))
    assert 900 < inside < 1_100


def test_a_customers_place_never_moves_between_versions() -> None:
    assert bucket("telegram", "anna") == ANNA
    assert bucket("telegram", "anna") != bucket("whatsapp", "anna")


@given(customers, shares, shares)
def test_raising_the_share_never_takes_a_customer_out(
    customer: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    before = judged(settings_with(stage="autonomous", share=f"{low:.0%}"), customer=customer)
    after = judged(settings_with(stage="autonomous", share=f"{high:.0%}"), customer=customer)
    assert after.stage >= before.stage


@given(customers)
def test_the_whole_share_takes_everybody_and_none_takes_nobody(customer: str) -> None:
    assert 0 <= bucket("telegram", customer) < 1


@given(
    stage=stages,
    topic_stages=st.dictionaries(st.sampled_from(TOPICS), stages),
    surface_stages=st.dictionaries(surfaces, stages),
    topics=chosen,
    more=chosen,
    surface=surfaces,
    share=shares,
    customer=customers,
)
def test_the_lowest_stage_wins(
    *,
    stage: Stage,
    topic_stages: dict[str, Stage],
    surface_stages: dict[Surface, Stage],
    topics: set[str],
    more: set[str],
    surface: Surface,
    share: float,
    customer: str,
) -> None:
    settings = settings_with(
        stage=str(stage), topics=topic_stages, surfaces=surface_stages, share=f"{share:.0%}"
    )
    alone = [
        judged(settings, topics=[each], surface=surface, customer=customer).stage
        for each in topics | more
    ]
    together = judged(settings, topics=topics | more, surface=surface, customer=customer)
    assert together == judged(
        settings, topics=sorted(topics | more), surface=surface, customer=customer
    )
    if alone:
        assert together.stage is min(alone)
    for each in topics:
        if each in topic_stages:
            assert together.stage <= topic_stages[each]


@given(
    rows=st.lists(
        st.builds(
            Override,
            channel=st.sampled_from([None, "telegram"]),
            surface=st.none() | surfaces,
            topic=st.none() | st.sampled_from(TOPICS),
            stage=st.none() | stages,
            share=st.none() | shares,
            paused=st.booleans(),
        ),
        max_size=6,
    ),
    topics=chosen,
    surface=surfaces,
    customer=customers,
)
def test_no_rows_get_past_a_pause_or_the_night(
    rows: list[Override], topics: set[str], surface: Surface, customer: str
) -> None:
    settings = settings_with(stage="autonomous", topics={"praise": "copilot"})
    paused = [*rows, Override(channel="telegram", paused=True)]
    day = judged(settings, overrides=paused, topics=topics, surface=surface, customer=customer)
    assert day.stage <= Stage.MANUAL
    night = judged(
        settings, overrides=rows, topics=topics, surface=surface, customer=customer, at=MIDNIGHT
    )
    assert night.stage <= Stage.MANUAL
    off = [*rows, Override(channel="telegram", stage=Stage.OFF)]
    assert judged(settings, overrides=off, topics=topics, surface=surface).stage is Stage.OFF
