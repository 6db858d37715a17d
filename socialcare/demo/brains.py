"""Which brain answers in the demo: the built-in one, or a scripted stand-in of a language model.

The choice is a section of the configuration, and the service starts anew with it, as it would for
anybody: what is under way is finished, what comes meanwhile waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from socialcare.demo.running import Keeper
from socialcare.demo.world import CONFIG, World


class BrainName(StrEnum):
    """Who proposes."""

    EMBEDDED = "embedded"
    MODEL = "model"


WORDS: Final = {
    BrainName.EMBEDDED: "The built-in brain answers: small, and on this machine.",
    BrainName.MODEL: "A language model's stand-in answers: no AI, a short script behind the same "
    "HTTP as a real one. Pull its plug, or try “A trick”.",
}
"""What the page says of each."""
_MODEL: Final = """
model:
  provider: openai
  name: {name}
  base_url: "${{DEMO_MODEL}}"
  api_key: "${{DEMO_MODEL_KEY}}"
  timeout: 4s
  prices: {{input: 0.25 USD, output: 2 USD}}
  budget: {{per_day: 1 USD}}
  fallback: embedded
"""
"""With a price such as others take: what a turn would cost is part of its trace."""


@dataclass(slots=True, kw_only=True)
class Brains:
    """The choice, and what it takes to put it into force."""

    world: World
    keeper: Keeper
    told: Callable[[], None]
    """Called when another brain was chosen."""
    chosen: BrainName = BrainName.EMBEDDED

    async def choose(self, brain: BrainName) -> None:
        """Have the service start anew with a brain; raises `NotReadyError`."""
        if brain is self.chosen:
            return
        text = files("socialcare.demo").joinpath(CONFIG).read_text("utf-8")
        if brain is BrainName.MODEL:
            text += _MODEL.format(name=self.world.model.model)
        self.world.config_file.write_text(text, "utf-8")
        self.chosen = brain
        self.told()
        await self.keeper.restart()
