"""Whether anything is still under way, and whether it moves."""

from tests.faults.store_eye import StoreEye

SOON_US = 6_000_000
"""Timers due within this are waited for; the others ask about unknown outcomes, minutes later."""


def quiet(eye: StoreEye, now_us: int) -> list[str]:
    """Name what is still under way."""
    asked = {
        "arrivals": "select count(*) from inbox where state = 'pending'",
        "turns": "select count(*) from conversation where lease_us is not null",
        "messages": "select count(*) from outbox where state in ('waiting', 'sending')",
        "calls": "select count(*) from action_call where state in ('executing', 'allowed')",
        "sign-offs": "select count(*) from approval where state = 'waiting'",
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
