"""Who is who in what X sends, and when it was: ids tell the time. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from channels.x.payloads import User
from conversation.model import NAME_LIMIT, Peer

# https://docs.x.com/fundamentals/x-ids: 41 bits of milliseconds since this moment, 22 bits of rest.
_FIRST_MS: Final = 1_288_834_974_657
_REST_BITS: Final = 22
LANGUAGE_LIMIT: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """The brand's account."""

    account: str
    username: str | None = None
    """Unknown until X was first reached."""

    def named_by(self, name: str, user_id: str | None) -> bool:
        """Say whether a name in a text is ours."""
        if user_id is not None:
            return user_id == self.account
        return self.username is not None and name.casefold() == self.username.casefold()


def moment_of(snowflake: str) -> datetime:
    """Tell when something was made by its id; old ids, which are no snowflakes, say 2010."""
    return datetime.fromtimestamp(((int(snowflake) >> _REST_BITS) + _FIRST_MS) / 1000, tz=UTC)


def moment_at(milliseconds: int) -> datetime:
    """Read a moment in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def pair_key(one: str, other: str) -> str:
    """Name the conversation of two accounts as API v2 does: the smaller id, a dash, the other."""
    return "-".join(sorted((one, other), key=int))


def people_in(*given: object) -> Mapping[str, User]:
    """Find accounts by id: in `includes.users`, or in the `users` of the Account Activity API."""
    found: dict[str, User] = {}
    for each in _candidates(given):
        try:
            user = User.model_validate(each)
        except ValidationError:
            continue
        found[user.id] = user
    return found


def _candidates(given: Iterable[object]) -> Iterable[object]:
    for users in given:
        if isinstance(users, list | tuple):
            yield from users
        elif isinstance(users, Mapping):
            for user_id, user in users.items():
                if isinstance(user, Mapping):
                    # The Activity API wraps some of them once more.
                    inner: Mapping[str, Any] = user["data"] if _wrapped(user) else user
                    yield {"id": user_id, **inner}


def _wrapped(user: Mapping[str, Any]) -> bool:
    return isinstance(user.get("data"), Mapping)


def peer(user_id: str, people: Mapping[str, User], language: str | None = None) -> Peer:
    """Give the customer's own words about themselves, cut to a sane length."""
    user = people.get(user_id)
    # `und`, `zxx`, `qme` and the like are X's ways to say that it does not know.
    known = language if language and len(language.partition("-")[0]) == 2 else None
    return Peer(
        user_id=user_id,
        name=(user.name[:NAME_LIMIT] or None) if user else None,
        username=(user.username[:NAME_LIMIT] or None) if user else None,
        language=known[:LANGUAGE_LIMIT] if known else None,
        followers=user.followers if user else None,
    )
