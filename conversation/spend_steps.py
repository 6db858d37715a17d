"""The steps of `conversation.spending`, in a transaction of either store."""

from collections.abc import Sequence
from datetime import date

from conversation.spending import Spend, Spent, judge_spend
from conversation.writes import Writes


async def spend_all(writes: Writes, items: Sequence[Spend]) -> list[Spent]:
    """Count wishes, in a transaction of either store."""
    places = sorted({(one.scope, item.day) for item in items for one in item.budgets})
    if not places:
        return [Spent(full=None, micros=())] * len(items)
    rows = [{"scope": scope, "day": day.isoformat()} for scope, day in places]
    held = await writes.session.all("spend_hold", rows)
    before = {(row["scope"], date.fromisoformat(row["day"])): int(row["micros"]) for row in held}
    counted = dict(before)
    results = [judge_spend(item, counted) for item in items]
    changed = [
        {"scope": scope, "day": day.isoformat(), "micros": micros}
        for (scope, day), micros in counted.items()
        if micros != before[scope, day]
    ]
    if changed:
        await writes.session.all("spend_put", changed)
    return results
