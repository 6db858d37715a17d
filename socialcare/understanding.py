"""What `socialcare understand` prints of a message."""

import time
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, ValidationError

from brain.embedded import Mind
from brain.parts import understand
from brain.triage import Understanding
from config.money import Money
from config.stages import Surface

FOUND_MAX = 3


class Asked(BaseModel):
    """One line of input."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    channel: str | None = None
    surface: Surface = Surface.PRIVATE
    at: datetime | None = None
    timezone: str | None = None


def told(line: bytes, *, mind: Mind, now: datetime, timezone: tzinfo) -> Mapping[str, Any]:
    """Understand one line; raises `ValueError` saying what is wrong with it."""
    try:
        asked = Asked.model_validate_json(line)
        zone = ZoneInfo(asked.timezone) if asked.timezone else timezone
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the line"
        raise ValueError(f"{where}: {fault['msg']}") from None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("timezone: there is no such time zone") from None
    at = asked.at or now
    if not MINYEAR < at.year < MAXYEAR:
        raise ValueError("at: is outside of the calendar")
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    began = time.perf_counter()
    found = understand(mind.triage, asked.text, now=at, timezone=zone)
    articles = mind.knowledge.search(
        asked.text,
        language=found.language.code,
        surface=asked.surface,
        at=at.astimezone(timezone),
        topics=[issue.topic for issue in found.issues],
        limit=FOUND_MAX,
    )
    ms = (time.perf_counter() - began) * 1_000
    return {
        "language": found.language.code,
        "language_p": found.language.p,
        "topics": [{"id": topic, "p": round(p, 4)} for topic, p in found.topics],
        "issues": [
            {"start": one.start, "end": one.end, "topic": one.topic, "p": round(one.p, 4)}
            for one in found.issues
        ],
        "entities": {
            "order_ids": list(found.order_ids),
            "amounts": [_amount(money) for money in found.amounts],
            "emails": list(found.emails),
            "phones": list(found.phones),
            "dates": [day.isoformat() for day in found.dates],
            "deadline": found.deadline.isoformat() if found.deadline else None,
            "deadline_strict": found.deadline_strict,
            "postcodes": list(found.postcodes),
        },
        "mood": found.mood,
        "moods": [{"id": mood, "p": p} for mood, p in found.moods],
        "urgency": found.urgency,
        "risks": [{"id": one.kind, "p": one.p, "sure": one.sure} for one in found.risks],
        "wants_human": found.wants_human
        or any(one.topic == "human_request" for one in found.issues),
        "opts_out": found.opts_out,
        "unwanted": list(found.unwanted),
        "asks_if_bot": found.doubts is not None,
        "answer": _answer(found),
        "in_scope": found.in_scope,
        "out_of_scope": found.out_of_scope,
        "articles": [{"id": one.article.id, "score": round(one.score, 4)} for one in articles],
        "ms": round(ms, 2),
    }


def _answer(found: Understanding) -> dict[str, Any] | None:
    """Say which answer to a yes/no question it is, and how sure; None: none."""
    chances = dict(found.topics)
    topics = {issue.topic for issue in found.issues}
    for topic, yes in (("confirmation_yes", True), ("confirmation_no", False)):
        if topic in topics:
            return {"yes": yes, "p": round(chances.get(topic, 0.0), 4)}
    return None


def _amount(money: Money) -> dict[str, str]:
    return {"amount": f"{money.major:f}", "currency": money.currency}
