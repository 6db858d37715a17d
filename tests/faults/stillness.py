"""Whether anything is still under way, and whether it moves."""

from tests.faults.store_eye import StoreEye

SOON_US = 6_000_000
"""Timers due within this are waited for; the others ask about unknown outcomes, minutes later."""
ASIDE = (
    "select 1 from inbox i where i.channel = 'timer' and i.state = 'quarantined'"
    " and i.kind = 'signoff:' || a.id"
)
"""A sign-off (`a`) whose end was put aside, because turns over it died too often: a person's."""


def quiet(eye: StoreEye, now_us: int) -> list[str]:
    """Name what is still under way."""
    asked = {
        "arrivals": "select count(*) from inbox where state = 'pending'",
        "turns": "select count(*) from conversation where lease_us is not null",
        "messages": "select count(*) from outbox where state in ('waiting', 'sending')",
        "calls": "select count(*) from action_call where state in ('executing', 'allowed')",
        "sign-offs": (
            f"select count(*) from approval a where state = 'waiting' and not exists ({ASIDE})"  # noqa: S608 - our own words
        ),
    }
    counted = {what: int(eye.rows(question)[0][0]) for what, question in asked.items()}
    dues = eye.rows("select due_us from timer")
    counted["timers"] = sum(due_us <= now_us + SOON_US for (due_us,) in dues)
    return [f"{count} {what}" for what, count in counted.items() if count]


def moved(eye: StoreEye) -> list[object]:
    """Say what differs while work goes on: how much stands in which state."""
    tables = ("inbox", "outbox", "action_call", "approval")
    asked = [f"select state, count(*) from {table} group by state" for table in tables]  # noqa: S608 - our own tables
    return [sorted(eye.rows(question)) for question in (*asked, "select count(*) from log")]
