"""How long a platform, or what stands before it, asks us to wait. Pure.

https://www.rfc-editor.org/rfc/rfc9110#field.retry-after; a date instead of seconds is no hint here:
no platform sends one.
"""

import re
from collections.abc import Mapping
from typing import Final

from channels.signatures import header_value

OUTAGE_WAIT_MAX_S: Final = 900.0
"""Of a platform that is down: one that asks for more is tried again after that."""
_SECONDS: Final = re.compile(r"\d{1,15}", re.ASCII)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Find the seconds that `Retry-After` asks for; None where it asks for none."""
    found = (header_value(headers, "Retry-After") or "").strip()
    return float(found) if _SECONDS.fullmatch(found) and int(found) else None


def outage_wait_s(headers: Mapping[str, str]) -> float | None:
    """Find how long whoever is down (503) asks us to wait."""
    asked = retry_after_s(headers)
    return None if asked is None else min(asked, OUTAGE_WAIT_MAX_S)
