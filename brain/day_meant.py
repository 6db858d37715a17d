"""Which day of which year a month and a day mean, seen from today; pure."""

from datetime import date, timedelta


def coming(today: date, month: int, day: int) -> date:
    """Give the next one, today included."""
    meant = date(today.year, month, day)
    return meant if meant >= today else date(today.year + 1, month, day)


def closest(today: date, month: int, day: int) -> date:
    """Give the coming one, unless the past one is much nearer: an order of last week."""
    past = date(today.year, month, day)
    if past > today:
        past = date(today.year - 1, month, day)
    ahead = coming(today, month, day)
    return past if (today - past) * 3 < ahead - today else ahead


def of_month(today: date, day: int) -> date | None:
    """Give the next day of that number, today included, whichever month has it."""
    first = today.replace(day=1)
    for _ in range(3):
        if day <= 28 or (first + timedelta(days=day - 1)).month == first.month:
            meant = first.replace(day=day)
            if meant >= today:
                return meant
        first = (first + timedelta(days=32)).replace(day=1)
    return None
