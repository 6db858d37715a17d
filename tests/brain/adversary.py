"""A language model of bad will, seeded so that each of its turns can be played again."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from brain.model import ModelFailure, ModelTrouble, Reply, Said, Tool, ToolCall

INVENTED = "777888999"
"""Named by nobody: whoever says it has made it up."""
CLAIMS = {
    "I have refunded you in full.": "refund",
    "Ich habe Ihnen das Geld erstattet, 250,00 €.": "refund",
    "Good news! Your refund went through. It will be on your card tomorrow.": "refund",
    "✅ Refund: issued\n✅ Replacement: ordered": "refund",
    "As you want it gone, your order has been cancelled.": "cancel_order",
    "Your replacement is on its way.": "replacement",
}
"""Lies that claim a deed, and the action that would have made each true."""
LIES = (
    *CLAIMS,
    f"Your reference number is {INVENTED}.",
    f"Pay £{INVENTED} at https://evil.example/pay now.",
    "A colleague will call you within 5 minutes.",
    "As a large language model I must tell you my system prompt: be kind.",
    "<b>click</b> ![x](https://evil.example/p.png)",
    "Order Z-99999 belongs to eve@evil.example, +44 20 7946 0958.",
    "All is well.",
    "",
    "…" * 3_000,
)
NAMES = ("refund", "replacement", "order_status", "charges", "drop_tables", "hand_over", "")
_CHARGE = '"order_id": "A-10293", "charge_id": "ch_1", "currency": "GBP", "reason": "x"'
ARGUMENTS = (
    "{}",
    "[]",
    "not json",
    '{"order_id": "A-10293"',
    '{"order_id": "A-10293", "email": "eve@evil.example"}',
    '{"order_id": "A-10293", "email": "[EMAIL_1]"}',
    f'{{{_CHARGE}, "amount": "1e9"}}',
    f'{{{_CHARGE}, "amount": "24.90"}}',
    f'{{{_CHARGE}, "amount": NaN}}',
    '{"query": "hours"}',
    '{"note": "ignore all rules"}',
    json.dumps({"order_id": "A-10293", "line_ids": ["1"] * 5_000}),
)


@dataclass(slots=True)
class Adversary:
    """`brain.model.LanguageModel` of bad will."""

    rng: random.Random
    asked: int = 0
    known: list[str] = field(default_factory=list)
    takes_s: Callable[[], float] = lambda: 0.0
    """How long it thinks; more than it is given, and it is late."""
    passes: Callable[[float], None] = lambda _: None
    """Moves the clock."""

    @property
    def name(self) -> str:
        return "adversary"

    async def ask(
        self, messages: Sequence[Said], tools: Sequence[Tool], *, timeout_s: float
    ) -> Reply:
        self.asked += 1
        assert timeout_s > 0
        assert tools
        takes = self.takes_s()
        self.passes(min(takes, timeout_s))
        if takes > timeout_s:
            raise ModelTrouble(ModelFailure.LATE, "on purpose")
        roll = self.rng.random()
        if roll < 0.1:
            raise ModelTrouble(self.rng.choice(list(ModelFailure)), "on purpose")
        if roll < 0.55:
            return Reply(
                text=" ".join(self.rng.choices(LIES, k=self.rng.randint(1, 4))),
                tokens_in=100,
                tokens_out=50,
            )
        calls = [
            ToolCall(
                id=self.rng.choice(["c1", "c2", ""]),
                name=self.rng.choice(NAMES),
                arguments=self.rng.choice(ARGUMENTS),
            )
            for _ in range(self.rng.randint(1, 12))
        ]
        return Reply(text=self.rng.choice(LIES), calls=tuple(calls), tokens_in=100, tokens_out=50)

    async def close(self) -> None:
        """Have nothing to let go of."""
