"""The question before a change that the brand wants confirmed, of the ledger's own rows; pure."""

import json
from collections.abc import Sequence

from brain.wordbook import Value, has, say
from conversation.ledger import CallRecord


def confirmation(language: str, records: Sequence[CallRecord]) -> str:
    """Ask for a yes to calls, each by name, amount and order."""
    things = say(language, "and").join(_named(language, record) for record in records)
    return say(language, "confirm", things=things)


def _named(language: str, record: CallRecord) -> str:
    key = f"confirm_{record.action}"
    if not has(language, key):
        key = "confirm_other"
    values: dict[str, Value] = {"order": _order(record), "what": record.action.replace("_", " ")}
    values["amount"] = record.amount if record.amount is not None else say(language, "thing_money")
    return say(language, key, **values)


def _order(record: CallRecord) -> str:
    try:
        args = json.loads(record.args)
    except ValueError:
        return ""
    return str(args.get("order_id", "")) if isinstance(args, dict) else ""
