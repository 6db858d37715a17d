"""What Meta says of a whole account, made into a line for colleagues."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.meta.instagram.codec import InstagramCodec
from channels.meta.messenger.codec import MessengerCodec
from channels.meta.notices import WORDS_MAX, enforced, happened
from channels.meta.whatsapp.codec import WhatsappCodec
from channels.x.codec import XCodec
from tests.channels.damage import ODD, damaged, paths
from tests.channels.meta.golden import INSTAGRAM, PAGE, body, us

BLOCK = {"policy_enforcement": {"action": "block", "reason": "The bot violated our Policies"}}
PAUSED = {"event": "PAUSED", "message_template_name": "care_reopen", "reason": "LOW_QUALITY"}


def entry(account: str, **more: Any) -> dict[str, Any]:
    return {"id": account, "time": 1793869200123, **more}


def test_what_meta_does_about_a_page_is_an_alarm() -> None:
    event = {"recipient": {"id": PAGE}, "timestamp": 1793869200123, **BLOCK}
    codec = MessengerCodec(us("messenger", PAGE))
    said = {"object": "page", "entry": [entry(PAGE, messaging=[event])]}
    (arrival,) = codec.split(body(said))
    told = "Meta enforces its policies: block, The bot violated our Policies"
    assert (arrival.alarm, arrival.address) == (told, None)
    (other,) = codec.split(body({"object": "page", "entry": [entry("7", messaging=[event])]}))
    assert other.alarm is None


def test_instagram_has_the_same() -> None:
    event = {"recipient": {"id": INSTAGRAM}, "timestamp": 1793869200123, **BLOCK}
    codec = InstagramCodec(us("instagram", INSTAGRAM))
    said = {"object": "instagram", "entry": [entry(INSTAGRAM, messaging=[event])]}
    assert [one.alarm is not None for one in codec.split(body(said))] == [True]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        (
            "message_template_status_update",
            PAUSED,
            "WhatsApp says: PAUSED, care_reopen, LOW_QUALITY",
        ),
        ("message_template_status_update", {"event": "APPROVED"}, None),
        ("account_update", {"event": "DISABLED_UPDATE"}, "WhatsApp says: DISABLED_UPDATE"),
        ("account_update", {"event": "VERIFIED_ACCOUNT"}, None),
        ("phone_number_quality_update", {"event": "FLAGGED"}, "WhatsApp says: FLAGGED"),
        ("security", {"event": "FLAGGED"}, None),
        ("account_update", {"event": ["FLAGGED"]}, None),
    ],
)
def test_what_changes_what_may_be_sent_on_whatsapp(
    field: str, value: Any, told: str | None
) -> None:
    assert happened(field, value) == told
    changes = [{"field": field, "value": value}]
    said = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    (arrival,) = WhatsappCodec(channel="whatsapp", phone_id="42").split(body(said))
    assert arrival.alarm == told


def test_a_permission_that_is_taken_back_on_x() -> None:
    codec = XCodec(channel="x", account="7", username="n", elsewhere=lambda _id, _app: False)
    said = {"data": {"event_uuid": "1", "filter": {"user_id": "7"}, "event_type": "oauth.revoke",
                     "payload": {}}}  # fmt: skip
    (arrival,) = codec.split(body(said))
    assert arrival.alarm == "the account has taken the app's permission back"


@given(value=ODD, at=st.data())
def test_a_damaged_notice_is_a_line_or_nothing(value: Any, at: Any) -> None:
    for read, whole in (
        (enforced, BLOCK),
        (lambda one: happened("message_template_status_update", one), PAUSED),
    ):
        line = read(damaged(whole, at.draw(st.sampled_from(paths(whole))), value))
        assert line is None or (len(line) <= WORDS_MAX and line.encode() and "\n" not in line)
