"""The steps of `conversation.notices`, in a transaction of either store."""

from collections.abc import Sequence
from typing import assert_never

from conversation.notices import AT_ONCE, TRIES_MAX, Notice, NoticeAsk, NoticeStep
from conversation.writes import Session, Writes


async def step_notices(writes: Writes, asks: Sequence[NoticeAsk]) -> list[tuple[Notice, ...]]:
    """Take each step; gives what is to be told, for TAKE."""
    return [await _step(writes.session, ask, lease_us=writes.lease_us) for ask in asks]


async def _step(session: Session, ask: NoticeAsk, *, lease_us: int) -> tuple[Notice, ...]:
    match ask.step:
        case NoticeStep.ADD:
            await session.all("notice_add", [notice_json(one) for one in ask.notices])
        case NoticeStep.TAKE:
            wish = {"count": AT_ONCE, "tries": TRIES_MAX, "lease_us": lease_us}
            rows = await session.all("notice_take", [wish])
            by_age = sorted(rows, key=lambda row: int(row["seq"]))
            return tuple(
                Notice(key=row["key"], text=row["words"], stands=bool(row["stands"]))
                for row in by_age
            )
        case NoticeStep.TOLD:
            await session.all("notice_told", list(ask.keys))
            await session.all("notice_gone", list(ask.keys))
        case NoticeStep.LIFT:
            await session.all("notice_lift", list(ask.keys))
        case _:
            assert_never(ask.step)
    return ()


def notice_json(notice: Notice) -> dict[str, object]:
    """Give a notice's row."""
    return {"key": notice.key, "words": notice.text, "stands": int(notice.stands)}
