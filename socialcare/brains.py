"""The brain that a configuration asks for, opened; another one is opened in its place the same way.

docs/howto/add-a-brain.md
"""

import contextlib
from typing import Protocol

from brain.decision import Brain
from brain.embedded import EmbeddedBrain, Mind
from brain.model_brain import ModelBrain
from config.schema import Settings
from conversation.clock import Clock
from conversation.spending import SpendBook
from socialcare.offers import offers


class ServiceBrain(Brain, Protocol):
    """A brain as a running service keeps it."""

    def learn(self, mind: Mind) -> None:
        """Take what was learnt of topics and articles; a brain that needs none leaves it."""
        ...

    def follow(self, settings: Settings) -> None:
        """Take a changed configuration."""
        ...


class OpenBrain(Protocol):
    """A way to open a brain."""

    async def __call__(
        self, settings: Settings, *, clock: Clock, stack: contextlib.AsyncExitStack, book: SpendBook
    ) -> ServiceBrain:
        """Open it.

        Args:
            settings: The configuration.
            clock: Time.
            stack: Closes what was opened.
            book: Where it is counted what a brain costs, for those that cost money.
        """
        ...


async def open_brain(
    settings: Settings, *, clock: Clock, stack: contextlib.AsyncExitStack, book: SpendBook
) -> ServiceBrain:
    """Make the embedded brain, and a model's around it where one is configured.

    Args:
        settings: The configuration.
        clock: Time.
        stack: Closes what was opened.
        book: Where it is counted what the model costs.
    """
    embedded = EmbeddedBrain(settings)
    stack.callback(embedded.close)
    section = settings.model
    if section.provider == "embedded":
        return embedded
    # Only here: who asks no model needs not wait for its client.
    from brain.openai_model import OpenAIModel  # noqa: PLC0415 - see above

    model = OpenAIModel(
        name=section.name or "",
        base_url=str(section.base_url),
        api_key=section.api_key.get_secret_value() if section.api_key else "none",
        clock=clock,
    )
    stack.push_async_callback(model.close)
    return ModelBrain(
        settings, model=model, embedded=embedded, offers=offers(), clock=clock, book=book
    )
