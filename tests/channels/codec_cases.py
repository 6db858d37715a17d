"""Every codec with its golden payloads: what `test_codecs.py` needs of each.

A channel joins with a line in `CASES`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from channels.contract import Codec
from channels.meta.instagram.codec import InstagramCodec
from channels.meta.messenger.codec import MessengerCodec
from channels.meta.whatsapp.codec import WhatsappCodec
from channels.slack.codec import SlackCodec, Us
from channels.telegram.codec import TelegramCodec
from channels.webchat.codec import WebchatCodec
from channels.x.codec import XCodec
from channels.x.own import OwnWords
from tests.channels.meta.golden import INSTAGRAM, PAGE, body, us

HERE: Final = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class CodecCase:
    """One platform's codec, each way that it may be made."""

    codecs: Callable[[], tuple[Codec, ...]]
    """Made anew each time: some learn."""
    account: str
    golden: Mapping[str, Any]
    """Golden files by name."""
    payload: Callable[[Any], Any]
    """The JSON of a golden file that is damaged."""
    written: Callable[[Any, Any], bytes]
    """A body as the platform writes it, of a golden file and the JSON in place of its own."""


def _golden(folder: str) -> dict[str, Any]:
    files = sorted((HERE / folder / "payloads").glob("*.json"))
    assert files
    return {path.stem: json.loads(path.read_text("utf-8")) for path in files}


def _plain(_golden: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


def _as_meta_does(_golden: Any, value: Any) -> bytes:
    return body(value)


def _as_slack_does(golden: Any, value: Any) -> bytes:
    told = json.dumps(value)
    return (urlencode({"payload": told}) if golden["form"] else told).encode()


def _told(golden: Any) -> Any:
    return golden["body"]


CASES: Final = {
    "telegram": CodecCase(
        codecs=lambda: (
            TelegramCodec(channel="telegram", account="7000000001", bot_username="CareBot"),
            TelegramCodec(channel="telegram", account="7000000001"),
        ),
        account="7000000001",
        golden=_golden("telegram"),
        payload=lambda golden: golden["update"],
        written=_plain,
    ),
    "x": CodecCase(
        codecs=lambda: (
            XCodec(
                channel="x",
                account="7000000001",
                username="northwind",
                elsewhere=OwnWords("27000001").elsewhere,
            ),
        ),
        account="7000000001",
        golden=_golden("x"),
        payload=_told,
        written=_plain,
    ),
    "slack": CodecCase(
        codecs=lambda: (
            SlackCodec(
                channel="slack", us=Us(team_id="T0NORTH", user_id="U0CARE", bot_id="B0CARE")
            ),
            SlackCodec(channel="slack"),
        ),
        account="T0NORTH",
        golden=_golden("slack"),
        payload=_told,
        written=_as_slack_does,
    ),
    "messenger": CodecCase(
        codecs=lambda: (MessengerCodec(us("messenger", PAGE)),),
        account=PAGE,
        golden=_golden("meta/messenger"),
        payload=_told,
        written=_as_meta_does,
    ),
    "instagram": CodecCase(
        codecs=lambda: (InstagramCodec(us("instagram", INSTAGRAM)),),
        account=INSTAGRAM,
        golden=_golden("meta/instagram"),
        payload=_told,
        written=_as_meta_does,
    ),
    "whatsapp": CodecCase(
        codecs=lambda: (WhatsappCodec(channel="whatsapp", phone_id="106000000000001"),),
        account="106000000000001",
        golden=_golden("meta/whatsapp"),
        payload=_told,
        written=_as_meta_does,
    ),
    "webchat": CodecCase(
        codecs=lambda: (WebchatCodec(channel="webchat"),),
        account="site",
        golden=_golden("webchat"),
        payload=_told,
        written=_plain,
    ),
}
