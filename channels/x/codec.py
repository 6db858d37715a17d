"""What X sends, turned into arrivals and those into events. Pure.

Three shapes arrive: the X Activity API's envelope (by webhook, or as a line of its stream), the
bodies of the deprecated Account Activity API, and the answers of API v2 that polling gives. The
same post or direct message has the same event id in all of them: a post that mentions us in an
answer to us comes twice, and webhooks may be repeated by a poll.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NoReturn

from channels.splitting import split_text
from channels.x.people import Us
from channels.x.reading import Unreadable, read
from channels.x.shapes import CLASSIC_REVOKE, LEFT_ALONE, UNDERSTOOD, Part, parts
from channels.x.weighing import POST_LIMIT, weighted_length
from config.stages import Surface
from conversation.events import Ignored, Inbound, Undecodable
from conversation.model import Address, Arrival

DM_LIMIT: Final = 10_000
"""Characters: https://docs.x.com/x-api/direct-messages/manage/introduction."""
BATCH_MAX: Final = 10_000
"""Events of one body; X sends one to a hundred."""

UNREADABLE: Final = "unreadable"
EMPTY: Final = "empty"
OTHER: Final = "other"
"""A kind that X added later: one word, so that counting stays bounded."""
REVOKES: Final = frozenset({"oauth.revoke", CLASSIC_REVOKE})
TAKEN_BACK: Final = "the account has taken the app's permission back"
ANOTHER: Final = "another_account"
"""An event of an account that is not ours."""
ELSEWHERE: Final = "answered_elsewhere"
"""A direct message of ours that another app than ours sent."""
NOT_SAYABLE: Final = "holds half of a character"
NOT_READ: Final = frozenset({EMPTY, OTHER, ANOTHER, *LEFT_ALONE})

_ESCAPED_HALF: Final = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)

Elsewhere = Callable[[str, str | None], bool]
"""Whether a message of ours (its id, and the app X names) surely comes from another app."""


def _never(_message_id: str, _app: str | None) -> bool:
    return False


class XCodec:
    """What X's webhook bodies, stream lines and answers mean for one account."""

    def __init__(
        self,
        *,
        channel: str,
        account: str,
        username: str | None = None,
        elsewhere: Elsewhere = _never,
    ) -> None:
        self._channel = channel
        self._us = Us(account=account, username=username)
        self._elsewhere = elsewhere

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the events of a webhook's body, of a polled answer, or of a list of such."""
        try:
            value = _json(body)
        except (ValueError, RecursionError) as error:
            return (self._unreadable(body, f"not JSON: {type(error).__name__}"),)
        values = value if isinstance(value, list) else [value]
        if len(values) > BATCH_MAX:
            return (self._unreadable(body, f"more than {BATCH_MAX} events"),)
        return tuple(arrival for each in values for arrival in self._of(each))

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one event; never raises."""
        if arrival.kind == UNREADABLE:
            return (Undecodable(why=arrival.why or UNREADABLE),)
        if arrival.kind in NOT_READ:
            return (Ignored(what=arrival.kind),)
        try:
            found = list(parts(_json(arrival.body)))
        except (ValueError, RecursionError) as error:
            return (Undecodable(why=f"not JSON: {type(error).__name__}"),)
        if len(found) != 1:
            return (Undecodable(why=f"{arrival.kind}: holds {len(found)} events"),)
        if not _sayable(arrival.body):
            return (Undecodable(why=NOT_SAYABLE),)
        try:
            return (read(found[0], self._us, elsewhere=arrival.kind == ELSEWHERE).event,)
        except Unreadable as unreadable:
            return (Undecodable(why=unreadable.why),)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages.

        In public one post answers one post, so there is one part at most: what does not fit ends
        in the mark of a cut.
        """
        if surface is Surface.PUBLIC:
            return split_text(text, limit=POST_LIMIT, measure=weighted_length, parts_max=1)
        return split_text(text, limit=DM_LIMIT, measure=len)

    def _of(self, value: object) -> Iterator[Arrival]:
        found = list(parts(value))
        for part in found:
            yield self._arrival(part)
        # An answer of nothing new is no event; a body that holds none is kept and counted.
        if not found and not (isinstance(value, dict) and isinstance(value.get("meta"), dict)):
            raw = json.dumps(value).encode()
            if isinstance(value, dict) and "for_user_id" in value:
                yield self._kept(EMPTY, None, raw)
            else:
                yield self._unreadable(raw, "neither an activity nor an answer of X")

    def _arrival(self, part: Part) -> Arrival:
        raw = json.dumps(part.body).encode()
        told = None if part.uuid is None else f"event:{part.uuid}"
        if part.account is not None and part.account != self._us.account:
            return self._kept(ANOTHER, told, raw)
        if part.kind not in UNDERSTOOD:
            kept = self._kept(part.kind if part.kind in LEFT_ALONE else OTHER, told, raw)
            return replace(kept, alarm=TAKEN_BACK) if part.kind in REVOKES else kept
        if not _sayable(raw):
            return self._unreadable(raw, NOT_SAYABLE)
        try:
            found = read(part, self._us)
            elsewhere = found.own is not None and self._elsewhere(found.own, found.app)
            if elsewhere:
                found = read(part, self._us, elsewhere=True)
        except Unreadable as unreadable:
            return self._unreadable(raw, unreadable.why)
        return Arrival(
            channel=self._channel,
            account=self._us.account,
            event_id=found.event_id,
            address=self._address(found.key, found.surface),
            kind=ELSEWHERE if elsewhere else part.kind,
            occurred_at=found.occurred_at,
            body=raw,
            elsewhere=elsewhere or found.answers is not None,
            answers=found.answers,
        )

    def _address(self, key: str | None, surface: Surface) -> Address | None:
        if key is None:
            return None
        return Address(channel=self._channel, account=self._us.account, key=key, surface=surface)

    def _kept(self, kind: str, event_id: str | None, raw: bytes) -> Arrival:
        """Keep what asks for nothing."""
        return Arrival(
            channel=self._channel,
            account=self._us.account,
            event_id=event_id or f"sha256:{_digest(raw)}",
            address=None,
            kind=kind,
            occurred_at=None,
            body=raw,
        )

    def _unreadable(self, raw: bytes, why: str) -> Arrival:
        return Arrival(
            channel=self._channel,
            account=self._us.account,
            event_id=f"sha256:{_digest(raw)}",
            address=None,
            kind=UNREADABLE,
            occurred_at=None,
            body=raw,
            why=why,
        )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _json(body: bytes) -> Any:
    """Parse JSON: UTF-8, no NaN.

    Raises:
        ValueError: it is none (numbers of thousands of digits included).
        RecursionError: it is nested deeper than any event.
    """
    return json.loads(body.decode("utf-8"), parse_constant=_no_number)


def _sayable(body: bytes) -> bool:
    """Say whether JSON that we wrote holds no half of a surrogate pair: no text takes it."""
    if _ESCAPED_HALF.search(body) is None:
        return True
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
