"""The desk hears once what stops a channel, and again when it stops anew."""

from channels.errors import SendError, SendFailure
from socialcare.channel_alarms import ChannelAlarms

REVOKED = SendError(SendFailure.REVOKED, "401 unauthorized")
SPENT = SendError(SendFailure.SPENT, "today's 20.00 USD for X are used up")


async def test_each_channel_is_told_once_until_it_goes_on() -> None:
    told: list[str] = []

    async def tell(text: str) -> None:
        told.append(text)

    alarms = ChannelAlarms(tell)
    for error in (REVOKED, REVOKED, SendError(SendFailure.RATE_LIMITED, "slowly"), REVOKED):
        await alarms.note("x", error)
    await alarms.note("telegram", REVOKED)
    await alarms.note("x", SPENT)
    assert [text.partition(" ")[0] for text in told] == ["x", "telegram", "x"]
    assert "20.00 USD" in told[-1]
    await alarms.note("x", None)
    await alarms.note("x", SPENT)
    assert len(told) == 4


async def test_a_desk_that_cannot_be_reached_is_told_the_next_time() -> None:
    told: list[str] = []
    down = [True]

    async def tell(text: str) -> None:
        if down[0]:
            raise SendError(SendFailure.UNAVAILABLE, "Slack is down")
        told.append(text)

    alarms = ChannelAlarms(tell)
    await alarms.note("x", REVOKED)
    down[0] = False
    await alarms.note("x", REVOKED)
    assert len(told) == 1
    await ChannelAlarms(None).note("x", REVOKED)
