"""The brain that a configuration asks for, opened."""

import contextlib

from brain.embedded import EmbeddedBrain
from brain.model_brain import ModelBrain
from config.schema import Settings
from conversation.clock import Clock
from conversation.spending import SpendBook
from socialcare.offers import offers

ServiceBrain = EmbeddedBrain | ModelBrain


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
