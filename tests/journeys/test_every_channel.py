"""What must hold on every channel: what comes twice, in another order, forged; a dead token."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import pytest

from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.graph_rules import Place
from socialcare.sandbox.slack_reading import plain
from tests.journeys.house import HOURS, OPEN, House

SHIPPING: Final = "how much is shipping?"
COSTS: Final = "3.95"


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A customer on one channel, whatever it is."""

    write: Callable[[str], Awaitable[object]]
    read: Callable[[], list[str]]
    """What the brand said to them in private, oldest first."""
    faults: FaultPlan
    webhook: str
    """The stand-in's name of a delivery."""
    revoke: Callable[[], None]
    restore: Callable[[], None]


def _telegram(house: House) -> Phone:
    ana, there = house.customer("Ana"), house.world.telegram
    token = there.token

    def set_token(value: str) -> None:
        there.token = value

    return Phone(
        write=ana.write,
        read=lambda: [one.text for one in ana.chat],
        faults=there.faults,
        webhook="webhook",
        revoke=lambda: set_token("4200:another"),
        restore=lambda: set_token(token),
    )


def _x(house: House) -> Phone:
    there = house.world.x
    ana = there.customer(name="Ana")

    def restore() -> None:
        there.gate.revoked = False

    return Phone(
        write=ana.writes_dm,
        read=lambda: [one.text for one in ana.chat],
        faults=there.faults,
        webhook="webhook",
        revoke=there.revoke,
        restore=restore,
    )


def _of_graph(house: House, *, instagram: bool) -> Phone:
    there = house.world.graph
    ana = there.customer(place="instagram" if instagram else "page", name="Ana")

    def works(*, token: bool) -> None:
        there.token_works = token

    return Phone(
        write=ana.write,
        read=lambda: [one.text for one in ana.chat],
        faults=there.faults,
        webhook="webhook",
        revoke=lambda: works(token=False),
        restore=lambda: works(token=True),
    )


def _whatsapp(house: House) -> Phone:
    there = house.world.whatsapp
    ana = there.customer(name="Ana")
    token = there.token

    def set_token(value: str) -> None:
        there.token = value

    return Phone(
        write=ana.write,
        read=lambda: [one.text for one in ana.chat],
        faults=there.faults,
        webhook="webhook",
        revoke=lambda: set_token("EAAanother"),
        restore=lambda: set_token(token),
    )


def _slack(house: House) -> Phone:
    there = house.world.community
    there.channel("D0ANA", name="directmessage")
    ana = there.colleague("U0ANA", name="Ana")
    return Phone(
        write=lambda text: ana.write("D0ANA", text),
        read=lambda: [plain(one) for one in there.messages("D0ANA") if one.bot_id],
        faults=there.faults,
        webhook="event",
        revoke=there.revoke_token,
        restore=there.restore_token,
    )


PHONES: Final[dict[str, Callable[[House], Phone]]] = {
    "telegram": _telegram,
    "x": _x,
    "messenger": lambda house: _of_graph(house, instagram=False),
    "instagram": lambda house: _of_graph(house, instagram=True),
    "whatsapp": _whatsapp,
    "slack": _slack,
}


@pytest.fixture(params=PHONES)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def reads(house: House, phone: Phone, words: str) -> None:
    await house.until(
        lambda: any(words in text for text in phone.read()) or None, lambda: str(phone.read())
    )


async def test_what_comes_twice_is_answered_once(house: House, channel: str) -> None:
    phone = PHONES[channel](house)
    phone.faults.next(phone.webhook, Fault(kind="duplicate"))
    await phone.write(HOURS)
    await reads(house, phone, OPEN)
    await house.settled()
    assert len(phone.read()) == 1
    await house.counted(1, "duplicates_total", channel=channel)


async def test_what_comes_in_another_order_is_all_answered(house: House, channel: str) -> None:
    phone = PHONES[channel](house)
    phone.faults.next(phone.webhook, Fault(kind="reorder"))
    await phone.write(HOURS)
    await phone.write(SHIPPING)
    await reads(house, phone, OPEN)
    await reads(house, phone, COSTS)
    await house.settled()
    assert sum(text.count(COSTS) for text in phone.read()) == 1


async def test_what_is_forged_is_refused_and_the_next_is_heard(house: House, channel: str) -> None:
    phone = PHONES[channel](house)
    phone.faults.next(phone.webhook, Fault(kind="bad_signature"))
    await phone.write(HOURS)
    await house.counted(1, "rejected_total", channel=channel, why="signature")
    # Who comes again at once is answered first: time that leaps would end that turn.
    await house.settled()
    house.clock.leap(120)
    await reads(house, phone, OPEN)


FOREIGN: Final[dict[str, tuple[str, object]]] = {
    "x": (
        "another_account",
        {"for_user_id": "8000000009", "direct_message_events": [{"id": "18"}]},
    ),
    "messenger": (
        "foreign_account",
        {"object": "page", "entry": [{"id": "9", "messaging": [{"sender": {"id": "1"}}]}]},
    ),
    "instagram": (
        "foreign_account",
        {"object": "instagram", "entry": [{"id": "9", "messaging": [{"sender": {"id": "1"}}]}]},
    ),
    "whatsapp": (
        "other_account",
        {
            "entry": [
                {
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "metadata": {"phone_number_id": "999"},
                                "messages": [{"id": "wamid.X", "from": "447700900001"}],
                            },
                        }
                    ]
                }
            ]
        },
    ),
    "slack": (
        "other_account",
        {
            "type": "event_callback",
            "event_id": "Ev9",
            "team_id": "T0OTHER",
            "event": {"type": "message", "channel": "D9", "ts": "1.1", "user": "U9", "text": "hi"},
        },
    ),
}
"""Of accounts that are not ours; a Telegram bot has an address of its own."""


def _post(house: House, channel: str) -> Callable[[bytes], Awaitable[object]]:
    match channel:
        case "x":
            return house.world.x.post_raw
        case "whatsapp":
            return house.world.whatsapp.post_raw
        case "slack":
            return house.world.community.post_raw
        case _:
            place: Place = "instagram" if channel == "instagram" else "page"
            return lambda body: house.world.graph.post_raw(place, body)


@pytest.mark.parametrize("channel", FOREIGN)
async def test_another_accounts_event_is_stored_counted_and_not_answered(
    house: House, channel: str
) -> None:
    """Issue 5: one app may serve many accounts; this channel is one of them."""
    kind, value = FOREIGN[channel]
    await _post(house, channel)(json.dumps(value).encode())
    await house.counted(1, "accepted_total", channel=channel)
    await house.settled()
    assert house.rows("select channel, kind from inbox") == [(channel, kind)]
    assert house.one("select count(*) from conversation") == 0
    assert house.one("select count(*) from outbox") == 0


async def test_dead_credentials_stop_this_channel_alone(house: House, channel: str) -> None:
    """Issue 5: `readyz` and the desk say so, other channels go on, its words wait."""
    phone = PHONES[channel](house)
    other = PHONES["whatsapp" if channel == "telegram" else "telegram"](house)
    phone.revoke()
    await phone.write(HOURS)
    await house.until_missing(channel)
    await house.until(lambda: f"{channel} has stopped" in house.desk() or None, house.desk)
    await other.write(HOURS)
    await reads(house, other, OPEN)
    assert phone.read() == []
    waiting = "select count(*) from outbox where kind = 'reply' and state = 'waiting'"
    assert house.one(waiting) == 1
    phone.restore()
    house.clock.leap(1_200)
    await reads(house, phone, OPEN)
    await house.until_missing(None)
    assert len(phone.read()) == 1
