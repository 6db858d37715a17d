"""The cases that every platform is asked for, and where each stands, or why a platform has none.

A golden file may serve several cases. What comes twice, out of order or forged is no payload of its
own: `test_codecs.py` and `tests/journeys/test_every_channel.py` try it on all of them.
"""

from typing import Final

import pytest

from tests.channels.codec_cases import CASES

ASKED: Final = (
    "hello",
    "long text",
    "emoji, right to left",
    "attachment without text",
    "caption",
    "sticker",
    "location",
    "contact",
    "reply",
    "quote or forward",
    "edit",
    "delete",
    "reaction",
    "button press",
    "referral",
    "read",
    "delivery",
    "failed after acceptance",
    "echo of ours",
    "echo of a colleague",
    "standby",
    "group",
    "batch",
    "unsupported kind",
    "no entries",
    "other account",
    "missing field",
    "wrong type",
)
NO_APP: Final = "only Meta's threads have other apps"
NOT_TOLD: Final = "the platform tells of none"
NO_SUCH_FRAME: Final = "a page has no such frame"
REFUSED: Final = "refused at the socket, as test_webchat_protocol.py tries, and never kept"
ONE: Final = "one request holds one event"

HELD: Final[dict[str, tuple[str, ...]]] = {
    "telegram": (
        *("hello", "long_text", "emoji_zwj_rtl", "photo_without_text", "caption", "sticker"),
        *("location", "contact", "reply", "quote", "edit"),
        *(f"- {NOT_TOLD}: private chats have no such update", "reaction", "press"),
        *("start_referral", f"- {NOT_TOLD}", f"- {NOT_TOLD}", f"- {NOT_TOLD}", "own_echo"),
        *("business_message", f"- {NO_APP}", "group_mention"),
        *("- a webhook holds one; a polled list is tried in test_telegram_codec.py",),
        *("unknown_content", "no_entries", "- the address is the bot's own", "missing_field"),
        "wrong_type",
    ),
    "x": (
        *("hello", "long_text", "emoji_zwj_rtl", "photo_without_text", "caption", "gif_and_poll"),
        *("location", "- X has none", "reply", "quote", "edit", "delete", "like", "quick_reply"),
        *("referral", "read", f"- {NOT_TOLD}", f"- {NOT_TOLD}", "own_echo", "elsewhere_echo"),
        *(f"- {NO_APP}", "group_dm", "- lists are tried in test_x_codec.py", "later_kind"),
        *("no_entries", "other_account", "missing_field", "wrong_type"),
    ),
    "slack": (
        *("hello", "long_text", "emoji_and_rtl", "attachment_without_text", "caption"),
        *("- an emoji is text", "- Slack has none", "- Slack has none"),
        *("reply_in_a_direct_message", "forward", "edit", "delete", "reaction", "button_press"),
        *("- Slack has none", f"- {NOT_TOLD}", f"- {NOT_TOLD}", f"- {NOT_TOLD}"),
        *("echo_of_our_own_message", "a_colleague_answers_in_slack", f"- {NO_APP}"),
        *("mention_in_a_channel", f"- {ONE}", "app_home_opened", "nothing_in_it"),
        *("another_workspace", "missing_time_stamp", "- tried in test_codecs.py, node by node"),
    ),
    "messenger": (
        *("hello", "long_text", "emoji", "image", "- words travel apart from media", "sticker"),
        *("location", "- Messenger has none", "reply", "shared_link", "edit", "deleted"),
        *("reaction", "postback", "referral", "read", "delivery", f"- {NOT_TOLD}"),
        *("echo_of_ours", "echo_of_a_colleague", "standby", "- pages are in no groups", "batch"),
        *("unsupported", "no_entries", "another_page", "without_sender", "text_is_a_number"),
    ),
    "instagram": (
        *("hello", "long_text", "emoji", "image", "- words travel apart from media", "sticker"),
        *("- Instagram has none", "- Instagram has none", "reply", "shared_reel", "edit"),
        *("deleted", "reaction", "postback", "referral", "read", f"- {NOT_TOLD}"),
        *(f"- {NOT_TOLD}", "echo_of_ours", "echo_of_a_colleague", "standby"),
        *("- accounts are in no groups", "batch", "unsupported", "no_entries"),
        *("another_account", "without_sender", "text_is_a_number"),
    ),
    "whatsapp": (
        *("hello", "long_text", "emoji_zwj_rtl", "image_without_text", "caption", "sticker"),
        *("location", "contacts", "reply", "forward", "edit", "revoke", "reaction", "press"),
        *("referral", "read", "delivered", "failed", "- Meta echoes the Business app alone"),
        *("echo_of_a_colleague", f"- {NO_APP}", "group_message", "batch", "unsupported"),
        *("no_entries", "other_account", "missing_field", "wrong_type"),
    ),
    "webchat": (
        *("hello", "long_text", "emoji_zwj_rtl", "file", "- words travel apart from files"),
        *(f"- {NO_SUCH_FRAME}",) * 9,
        *("referral", "read", "delivered", "- what is accepted stands in the log"),
        *("- we are the platform", "- we are the platform", f"- {NO_APP}"),
        *("- a visitor is alone", f"- {ONE}", f"- {REFUSED}", f"- {REFUSED}"),
        *("- the token says whose frame it is", f"- {REFUSED}", f"- {REFUSED}"),
    ),
}
"""In the order of `ASKED`: the golden file, or `- ` and the reason why there is none."""


@pytest.mark.parametrize("channel", HELD)
def test_every_case_that_is_asked_for_stands_there(channel: str) -> None:
    held = dict(zip(ASKED, HELD[channel], strict=True))
    golden = CASES[channel].golden
    missing = {
        case: name
        for case, name in held.items()
        if not name.startswith("- ") and name not in golden
    }
    assert missing == {}


def test_every_platform_is_asked() -> None:
    assert CASES.keys() == HELD.keys()
