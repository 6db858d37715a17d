"""The question before a change that the brand wants confirmed, of the ledger's own rows; pure."""

import json
from collections.abc import Sequence

from brain.wordbook import Speech, Value, has
from conversation.ledger import CallRecord


def confirmation(speech: Speech, language: str, records: Sequence[CallRecord]) -> str:
    """Ask for a yes to calls, each by name, amount and order."""
    things = speech.say(language, "and").join(
        _named(speech, language, record) for record in records
    )
    return speech.say(language, "confirm", things=things)


def _named(speech: Speech, language: str, record: CallRecord) -> str:
    key = f"confirm_{record.action}"
    if not has(speech.language(language), key):
        key = "confirm_other"
    values: dict[str, Value] = {"order": _order(record), "what": record.action.replace("_", " ")}
    values["amount"] = (
        record.amount if record.amount is not None else speech.say(language, "thing_money")
    )
    return speech.say(language, key, **values)


def _order(record: CallRecord) -> str:
    try:
        args = json.loads(record.args)
    except ValueError:
        return ""
    return str(args.get("order_id", "")) if isinstance(args, dict) else ""
