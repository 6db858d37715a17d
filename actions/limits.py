"""How far the bot may go alone: pure, and closed wherever something is missing.

A limit that is left out, stands in another currency or is of a kind nobody judges yet never
lets money through: it makes a colleague sign. So does one over time that is used up; what a
colleague signed counts towards it.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from config.actions import Action
from config.money import Money
from config.stages import Stage, Surface
from conversation.ceilings import Ceiling, Used, fits


class Verdict(StrEnum):
    """What the limits say to a write."""

    WITHIN = "within"
    """The bot may do it alone."""
    NEEDS_SIGN_OFF = "needs_sign_off"
    ABOVE_LIMIT = "above_limit"
    """More than a colleague may sign: a case for people."""
    NOT_OFFERED = "not_offered"
    """Not at this stage, or not where everybody reads along."""


def is_offered(*, mutates: bool, stage: Stage, surface: Surface) -> bool:
    """Whether an action may be called at all; all of them touch a customer's private facts."""
    if surface is not Surface.PRIVATE:
        return False
    match stage:
        case Stage.OFF | Stage.MANUAL:
            return False
        case Stage.SCRIPTED:
            return not mutates
        case Stage.COPILOT | Stage.AUTONOMOUS:
            return True
        case _:
            assert_never(stage)


def ceilings_of(
    settings: Action, *, action: str, customer: str, channel: str, now: datetime
) -> tuple[Ceiling, ...]:
    """Name the limits over time that one more call of an action is held against."""
    limits = (
        ("per_customer", settings.per_customer, customer, None),
        ("per_channel", settings.per_channel, None, channel),
        ("per_brand", settings.per_brand, None, None),
    )
    return tuple(
        Ceiling(
            name=name,
            action=action,
            since=now - limit.window,
            customer=whose,
            channel=where,
            total=limit.total,
            count=limit.count,
        )
        for name, limit, whose, where in limits
        if limit is not None
    )


def passed(
    amount: Money | None, ceilings: Sequence[Ceiling], used: Sequence[Used]
) -> Ceiling | None:
    """Give the first limit over time that one more call of that amount would pass."""
    pairs = zip(ceilings, used, strict=True)
    return next((one for one, had in pairs if not fits(one, had, amount)), None)


def judge(amount: Money | None, *, settings: Action, stage: Stage, surface: Surface) -> Verdict:
    """Hold a write against its limits, those over time left out (`passed`).

    Args:
        amount: What it moves: the refund, or the worth of the goods sent again. None where it
            is not known, which a colleague must look at.
        settings: The action's section of the configuration.
        stage: The stage in force for this turn.
        surface: Where the conversation is read.
    """
    if not is_offered(mutates=True, stage=stage, surface=surface):
        return Verdict.NOT_OFFERED
    if amount is not None and amount.minor < 0:
        return Verdict.ABOVE_LIMIT
    if is_above(amount, settings.sign_off_up_to):
        return Verdict.ABOVE_LIMIT
    if stage is not Stage.AUTONOMOUS or settings.evidence != "none":
        return Verdict.NEEDS_SIGN_OFF
    limit = settings.autonomous_up_to
    if amount is None or limit is None or amount.currency != limit.currency or amount > limit:
        return Verdict.NEEDS_SIGN_OFF
    return Verdict.WITHIN


def is_above(amount: Money | None, limit: Money | None) -> bool:
    """Whether a colleague may not sign that much."""
    # Another currency cannot be compared; the approver sees the amount and decides.
    if amount is None or limit is None or amount.currency != limit.currency:
        return False
    return amount > limit
