"""The service's figures, under the names that others rely on."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)


class Figures:
    """Counters and histograms of one running service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"socialcare_{name}", what, labels, registry=self._registry)

        def histogram(name: str, what: str, *labels: str) -> Histogram:
            return Histogram(
                f"socialcare_{name}", what, labels, registry=self._registry, buckets=_SECONDS
            )

        self.accepted = counter("accepted", "Platform events stored.", "channel")
        self.duplicates = counter("duplicates", "Platform events seen before.", "channel")
        self.rejected = counter("rejected", "Requests refused.", "channel", "why")
        self.turns = counter("turns", "Turns taken.", "channel", "outcome")
        self.actions = counter("actions", "Action calls.", "action", "outcome")
        self.handoffs = counter("handoffs", "Conversations passed to colleagues.", "reason")
        self.deliveries = counter("deliveries", "Messages sent.", "channel", "outcome")
        self.quarantined = counter("quarantined", "Arrivals put aside.", "channel")
        self.target_missed = counter(
            "target_missed", "Response targets missed.", "channel", "target"
        )
        self.invitations = counter(
            "invitations", "Customers who came with an invitation.", "channel", "outcome"
        )
        self.private_kept = counter("private_kept", "Private words kept from a public surface.")
        self.unproved_claims = counter("unproved_claims", "Claims of the bot that were stopped.")
        self.warnings_overridden = counter(
            "warnings_overridden", "Colleagues' replies that were sent after a warning."
        )
        self.ack_seconds = histogram("ack_seconds", "Request to stored.")
        self.first_reply_seconds = histogram(
            "first_reply_seconds", "Customer's message to the first reply sent.", "channel"
        )
        self.turn_seconds = histogram("turn_seconds", "A turn, claimed to committed.")
        self.delivery_seconds = histogram(
            "delivery_seconds", "A message, committed to sent.", "channel"
        )

    def text(self) -> bytes:
        """Give the Prometheus text form."""
        return generate_latest(self._registry)
