"""Which day of which week, month or year is meant, seen from today; pure."""

from datetime import date, timedelta
from typing import Final

from brain.days.tense import Way

NEAR: Final = timedelta(days=35)
"""What is so near is meant, rather than the same day a year before or after."""


def of_week(day: int, today: date, which: Way | None) -> date:
    """Give the next such day of the week, or the last; today is neither."""
    if which == "back":
        return today - timedelta(days=(today.weekday() - day) % 7 or 7)
    return today + timedelta(days=(day - today.weekday()) % 7 or 7)


def month_end(today: date, *, months: int = 0) -> date:
    """Give the last day of the month that is so many ahead."""
    first = today.replace(day=1)
    for _ in range(months + 1):
        first = (first + timedelta(days=32)).replace(day=1)
    for _ in range(-months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first - timedelta(days=1)


def of_month(day: int, today: date, which: Way | None, named: int | None = None) -> date | None:
    """Give the day of this or a next month, or of this or a last one.

    Args:
        day: 1 to 31, or it is none.
        today: The day of asking.
        which: "back": it is over.
        named: The day of the week it is said to be; it chooses between them.
    """
    ahead = [each for each in _months(day, today, 1) if each >= today]
    past = [each for each in _months(day, today, -1) if each < today]
    likely = past + ahead if which == "back" else ahead + past
    if named is not None:
        likely = [each for each in likely if each.weekday() == named] or likely
    return likely[0] if likely else None


def _months(day: int, today: date, step: int) -> list[date]:
    """Give that day of three months from this one on, or back."""
    found, first = [], today.replace(day=1)
    for _ in range(3):
        if (first + timedelta(days=day - 1)).month == first.month and day > 0:
            found.append(first.replace(day=day))
        first = (first + timedelta(days=32 * step if step > 0 else -1)).replace(day=1)
    return found


def of_year(today: date, month: int, day: int, which: Way | None) -> date:
    """Give the day of the year that is meant, but none that is nearly a year away."""
    past, ahead = over(today, month, day), coming(today, month, day)
    if which == "back" and ahead - today > NEAR:
        return past
    return ahead if which == "ahead" and today - past > NEAR else closest(today, month, day)


def coming(today: date, month: int, day: int) -> date:
    """Give the next one, today included."""
    meant = date(today.year, month, day)
    return meant if meant >= today else date(today.year + 1, month, day)


def over(today: date, month: int, day: int) -> date:
    """Give the last one, today included."""
    meant = date(today.year, month, day)
    return meant if meant <= today else date(today.year - 1, month, day)


def closest(today: date, month: int, day: int) -> date:
    """Give the coming one, unless the past one is much nearer: an order of last week."""
    past, ahead = over(today, month, day), coming(today, month, day)
    return past if (today - past) * 3 < ahead - today else ahead
