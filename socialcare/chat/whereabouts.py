"""Where a visitor comes from, and whether their page may talk to us; pure."""

from collections.abc import Collection, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "unknown"
IPV6_PREFIX: Final = 64
"""One household has as many addresses as it likes below this."""


def origin_allowed(origin: str | None, *, allowed: Collection[str]) -> bool:
    """Say whether a page of that origin may open a socket; who names none may not.

    A browser always sends `Origin` with a WebSocket and no page can change it (RFC 6455, 10.2).
    """
    return origin is not None and origin in allowed


def address_of(remote: str | None, forwarded: Sequence[str], *, proxies: Collection[str]) -> str:
    """Name where a request comes from: the last hop that is no proxy of ours.

    Args:
        remote: Who opened the connection.
        forwarded: The values of `X-Forwarded-For`, in order; believed as far as proxies wrote it.
        proxies: Networks of our own proxies.
    """
    networks = [ip_network(one) for one in proxies]
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    found = UNKNOWN
    for hop in (remote or "", *reversed(hops)):
        try:
            address = ip_address(hop)
        except ValueError:
            break
        found = _shown(address)
        if not any(address in network for network in networks):
            break
    return found


def _shown(address: object) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), IPV6_PREFIX), strict=False))
    return str(address)
