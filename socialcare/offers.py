"""The actions as a language model may be shown them: the brain itself knows none."""

from collections.abc import Mapping
from typing import Any

from actions.catalogue import CATALOGUE
from actions.kinds import Action
from actions.outcomes import MalformedError, checked
from brain.toolbox import Offer


def offers() -> Mapping[str, Offer]:
    """Describe every action of the catalogue."""
    return {name: _offer(action) for name, action in CATALOGUE.items()}


def _offer(action: type[Action]) -> Offer:
    def fault(args: Mapping[str, Any]) -> str | None:
        try:
            checked(action, args)
        except MalformedError as error:
            return str(error)
        return None

    return Offer(
        description=" ".join((action.__doc__ or "").split()),
        parameters=action.model_json_schema(),
        fault=fault,
    )
