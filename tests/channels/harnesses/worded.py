"""A refusal in a platform's own words."""

import json
from collections.abc import Mapping

from socialcare.sandbox.faults import Fault


def worded(status: int, body: Mapping[str, object]) -> Fault:
    """Have a call answered with this."""
    said = json.dumps(body)
    return Fault(kind="status", status=status, body=said, content_type="application/json")
