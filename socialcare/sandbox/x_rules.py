"""What X refuses, and in which words; how it signs and weighs.

https://docs.x.com/x-api/fundamentals/rate-limits, …/response-codes-and-errors and
https://docs.x.com/x-api/webhooks/introduction. Nothing is shared with what is tested here.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

import regex

from conversation.clock import Clock

Json = dict[str, Any]

SIGNED_FOR: Final = "https://api.twitter.com"
"""The base of every signature, whatever host serves it."""
POST_MAX: Final = 280
DM_MAX: Final = 10_000
LINK_WEIGHT: Final = 23
_FIRST_MS: Final = 1_288_834_974_657
_LINK: Final = re.compile(
    r"https?://\S+|\b(?:[\w-]+\.)+(?:com|net|org|co|io|de|uk)(?:/\S*)?", re.IGNORECASE
)
_LEADING: Final = re.compile(r"\A(?:@\w{1,15}\s+)+", re.ASCII)
_EMOJI: Final = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}")
_HEADER_PART: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """So many calls in so many seconds."""

    count: int
    seconds: float = 900.0
    header: str = "x-rate-limit"


# By the call's name, for the account (the app for what it asks alone).
LIMITS: Final[Mapping[str, tuple[Window, ...]]] = {
    "tweets": (
        Window(count=100),
        Window(count=10_000, seconds=86_400, header="x-app-limit-24hour"),
    ),
    "dm": (
        Window(count=15),
        Window(count=1_440, seconds=86_400, header="x-user-limit-24hour"),
    ),
    "mentions": (Window(count=300),),
    "dm_events": (Window(count=15),),
    "me": (Window(count=75),),
    "tweet": (Window(count=900),),
}


class XRefusalError(Exception):
    """X says no: `{"title", "detail", "type", "status"}`."""

    def __init__(self, status: int, title: str, detail: str, kind: str = "about:blank") -> None:
        super().__init__(detail)
        self.status = status
        self.body: Json = {"title": title, "detail": detail, "type": kind, "status": status}


def forbidden(detail: str) -> XRefusalError:
    """Word a 403."""
    return XRefusalError(403, "Forbidden", detail)


def invalid(detail: str) -> XRefusalError:
    """Word a 400."""
    return XRefusalError(
        400, "Invalid Request", detail, "https://api.x.com/2/problems/invalid-request"
    )


UNAUTHORIZED: Final = (401, "Unauthorized", "Unauthorized")
NOT_SUMMONED: Final = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
    "engaged by the author of the post you are replying to."
)
ANSWERED: Final = "You have already replied to this interaction."
DUPLICATE: Final = "You are not allowed to create a Tweet with duplicate content."
GONE: Final = "You attempted to reply to a Tweet that is deleted or not visible to you."
NO_DM: Final = "You do not have permission to DM one or more participants."


class Allowance:
    """How often each call was made in its windows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used: dict[tuple[str, float], tuple[float, int]] = {}

    def spend(self, name: str) -> None:
        """Count a call; raises `XRefusalError` where a window is full."""
        now = self._clock.monotonic()
        for window in LIMITS.get(name, ()):
            began, used = self._of(name, window, now)
            if used >= window.count:
                raise XRefusalError(429, "Too Many Requests", "Too Many Requests")
            self._used[name, window.seconds] = (began, used + 1)

    def headers(self, name: str) -> dict[str, str]:
        """Tell of the windows."""
        now, told = self._clock.monotonic(), dict[str, str]()
        for window in LIMITS.get(name, ()):
            began, used = self._of(name, window, now)
            reset = self._clock.now().timestamp() + began + window.seconds - now
            told |= {
                f"{window.header}-limit": str(window.count),
                f"{window.header}-remaining": str(window.count - used),
                f"{window.header}-reset": str(int(reset)),
            }
        return told

    def _of(self, name: str, window: Window, now: float) -> tuple[float, int]:
        began, used = self._used.get((name, window.seconds), (now, 0))
        return (now, 0) if now - began >= window.seconds else (began, used)


def snowflake(moment: datetime, number: int) -> str:
    """Make an id of a moment."""
    return str((int(moment.timestamp() * 1000) - _FIRST_MS) << 22 | number & 0x3FFFFF)


def weighed(text: str) -> int:
    """Weigh a post: https://docs.x.com/resources/fundamentals/counting-characters."""
    text = unicodedata.normalize("NFC", text)
    links = len(_LINK.findall(text))
    rest = _LINK.sub("", text)
    weight = links * LINK_WEIGHT
    for cluster in regex.findall(r"\X", rest):
        if len(cluster) > 1 and _EMOJI.search(cluster):
            weight += 2
        else:
            weight += sum(1 if _light(ord(one)) else 2 for one in cluster)
    return weight


def _light(point: int) -> bool:
    return point <= 4351 or 8192 <= point <= 8205 or 8208 <= point <= 8223 or 8242 <= point <= 8247


def hmac_b64(secret: str, body: bytes) -> str:
    """Sign a challenge or an event as X does."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The app's and the account's secrets."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str


def check_oauth1(
    method: str, path: str, query: str, header: str, keys: Keys, *, seen: set[str]
) -> None:
    """Verify a signature by RFC 5849, section 3.4.

    Raises:
        XRefusalError: 401, as X words it.
    """
    given = {name: unquote(value) for name, value in _HEADER_PART.findall(header)}
    signature = given.pop("oauth_signature", "")
    nonce = given.get("oauth_nonce", "")
    known = (given.get("oauth_consumer_key"), given.get("oauth_token"))
    right = known == (keys.consumer_key, keys.access_token)
    pairs = [*parse_qsl(query, keep_blank_values=True), *given.items()]
    joined = "&".join(f"{name}={value}" for name, value in sorted(_encoded(pairs)))
    base = "&".join(_percent(part) for part in (method, SIGNED_FOR + path, joined))
    key = f"{_percent(keys.consumer_secret)}&{_percent(keys.access_token_secret)}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    expected = base64.b64encode(digest).decode()
    if not right or nonce in seen or not hmac.compare_digest(signature, expected):
        raise XRefusalError(*UNAUTHORIZED)
    seen.add(nonce)


def _encoded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_percent(name), _percent(value)) for name, value in pairs]


def _percent(text: str) -> str:
    return quote(text, safe="-._~")


def checked_reply(body: Json) -> str | None:
    """Find what a new post answers; None: nothing."""
    known = {"text", "reply", "quote_tweet_id", "direct_message_deep_link", "reply_settings"}
    if unknown := set(body) - known:
        raise invalid(f"$.{min(unknown)}: is not defined in the schema")
    if not isinstance(body.get("text"), str) or not body["text"].strip():
        raise invalid("$.text: must not be empty")
    reply = body.get("reply")
    # The names an answer begins with do not count.
    text = _LEADING.sub("", body["text"], count=1) if isinstance(reply, dict) else body["text"]
    if weighed(text) > POST_MAX:
        raise forbidden("Your Tweet text is too long.")
    return str(reply["in_reply_to_tweet_id"]) if isinstance(reply, dict) else None


def checked_url(url: object) -> str:
    """Check where a webhook is to be: plain http with a port for 127.0.0.1 alone."""
    text = str(url or "")
    if text.startswith(("http://127.0.0.1:", "http://localhost:")):
        return text
    if not re.fullmatch(r"https://[^/:]+/\S*", text):
        raise invalid("url: must be https and name no port")
    return text
