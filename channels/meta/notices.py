"""What Meta tells of an account as a whole: what colleagues must hear of, in plain words. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from channels.meta.webhooks import Payload

WORDS_MAX: Final = 200
POLICY: Final = ("policy_enforcement", "policy-enforcement")

# https://developers.facebook.com/docs/graph-api/webhooks/reference/whatsapp-business-account
GRAVE: Final[Mapping[str, frozenset[str]]] = {
    "account_update": frozenset(
        {
            "ACCOUNT_DELETED",
            "ACCOUNT_OFFBOARDED",
            "ACCOUNT_RESTRICTION",
            "ACCOUNT_VIOLATION",
            "DISABLED_UPDATE",
            "PARTNER_REMOVED",
        }
    ),
    "message_template_status_update": frozenset({"DISABLED", "FLAGGED", "PAUSED", "REJECTED"}),
    "phone_number_quality_update": frozenset({"DOWNGRADE", "FLAGGED"}),
}
"""By the field, the events that change what may be sent."""
_UNSEEN: Final = re.compile(r"[^\w .,:'()/-]+")


class Enforcement(Payload):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/policy-enforcement."""

    action: str = ""
    reason: str = ""


class Notice(Payload):
    """What happened to a WhatsApp account, a template or a number."""

    event: str = ""
    message_template_name: str = ""
    reason: str = ""


def enforced(value: object) -> str | None:
    """Say what Meta does about a page or an account; None: nothing was said of that."""
    fields = value if isinstance(value, dict) else {}
    given = next((fields[name] for name in POLICY if name in fields), None)
    try:
        told = Enforcement.model_validate(given)
    except ValidationError:
        return None
    return _line("Meta enforces its policies", told.action or "something", told.reason)


def happened(field: str, value: object) -> str | None:
    """Say what happened to a WhatsApp account that colleagues must hear of; None: nothing."""
    try:
        told = Notice.model_validate(value)
    except ValidationError:
        return None
    if told.event not in GRAVE.get(field, frozenset()):
        return None
    return _line("WhatsApp says", told.event, told.message_template_name, told.reason)


def _line(begin: str, *more: str) -> str:
    said = [_UNSEEN.sub(" ", one).strip() for one in more]
    return f"{begin}: {', '.join(one for one in said if one)}"[:WORDS_MAX]
