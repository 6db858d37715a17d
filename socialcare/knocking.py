"""Finding out that a platform lets us in again where nothing waits to be sent.

A channel whose credentials are refused is tried by the messages that wait for it. Where none waits
any more (a colleague took over, a person was erased), nobody would learn that the token is good
again: `/readyz` would go on naming the channel, and whoever routes by it would never send another
message.
"""

from collections.abc import Mapping

import structlog

from channels.contract import Adapter
from channels.errors import SendError
from conversation.clock import Clock
from socialcare.channel_alarms import ChannelAlarms
from socialcare.deliveries import Deliveries
from socialcare.retrying import REVOKED_PAUSE_S

_log = structlog.get_logger(__name__)


async def knock(
    deliveries: Deliveries,
    *,
    adapters: Mapping[str, Adapter],
    alarms: ChannelAlarms,
    clock: Clock,
) -> None:
    """Ask platforms that refused us, and that no message asks, whether they still do; for ever."""
    while True:
        await clock.sleep(REVOKED_PAUSE_S)
        for channel in sorted(deliveries.forgotten() & adapters.keys()):
            try:
                await adapters[channel].open()
            except SendError as error:
                _log.info("still refused", channel=channel, failure=error.failure)
            else:
                deliveries.go_on(channel)
                await alarms.note(channel, None)
