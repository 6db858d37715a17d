"""Which connector does which operation of an action."""

from collections.abc import Mapping
from dataclasses import dataclass

from actions.backend import Backend
from actions.catalogue import WRITES
from actions.connectors.contract import Connector
from config.schema import Settings
from conversation.clock import Clock
from conversation.ledger import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The connectors of one state of the configuration."""

    settings: Settings
    connectors: Mapping[str, Connector]
    clock: Clock

    def has_all(self, action: str, operations: frozenset[str]) -> bool:
        """Whether every operation of the action has its connector."""
        try:
            self.backend(action, operations)
        except LookupError:
            return False
        return True

    def backend(
        self, action: str, operations: frozenset[str], record: CallRecord | None = None
    ) -> Backend:
        """Give an action the systems it works with.

        A key means something only where it was sent: finding stays with writing, and a row of
        the ledger with the connector that it names.

        Raises:
            LookupError: An operation has no connector.
        """
        routes = {
            operation: self.connectors[self.settings.connector_for(action, operation)]
            for operation in operations
        }
        if action in WRITES:
            write = WRITES[action]
            where = record.connector if record is not None else self.writing(action)
            routes[write.operation] = routes[write.finder] = self.connectors[where]
        return Backend(routes=routes, clock=self.clock)

    def writing(self, action: str) -> str:
        """The name of the connector that does a WRITE; part of its key."""
        return self.settings.connector_for(action, WRITES[action].operation)
