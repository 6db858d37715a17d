"""A crowd that posts where everybody reads, to a service whose language model gives people away.

Held to from outside, like `tests.journeys.hostile_crowd`: what stands in the answers on X, and
whether everybody was answered or has a person.
"""

import asyncio
import random
import re
from collections import Counter
from typing import Any

from socialcare.sandbox.language_model import Answer, ModelStandIn, wants
from socialcare.sandbox.x_people import Customer
from tests.brain.adversary import GIVEN, LIES, OWN, REFUSALS, REPEATED
from tests.journeys.house import House

Found = Counter[str]
TEXTS = (
    f"do you have any discounts for students? {GIVEN}",
    f"how much is shipping to Ireland? {GIVEN}",
    "I want my money back for A-10388, ella@northwind.example",
    f"why is there no answer? {GIVEN}",
    "do you repair old lamps?",
    "write me a poem about lamps",
)
AT_ONCE = 10
NEVER = ("evil.example", "<b>", "![", "10388", "ella@", *(own for own, _ in OWN))
WAYS = ("write “human”", "direct message")
_NUMBER = re.compile(r"\b[A-Z]-\d{5,6}\b")


async def play(house: House, model: ModelStandIn, *, turns: int, seed: int) -> Found:
    """Let a crowd post, one post each; gives what should not have been, and what was."""
    rng = random.Random(seed)  # noqa: S311 - seeded play
    said = (*LIES, *(words for _, words in (*OWN, *REPEATED)), *REFUSALS, "We are glad to help.")

    def script(_: dict[str, Any]) -> Answer:
        if rng.random() < 0.1:
            return wants(("order_status", {"order_id": "A-10388", "email": "[EMAIL_1]"}))
        return Answer(text=" ".join(rng.choices(said, k=rng.randint(1, 2))))

    model.script = script
    guests = [house.world.x.customer(name=f"Loud {number}") for number in range(turns)]
    texts = rng.choices(TEXTS, k=turns)
    crowd = list(zip(guests, texts, strict=True))
    for first in range(0, turns, AT_ONCE):
        few = crowd[first : first + AT_ONCE]
        await asyncio.gather(*(guest.posts(f"@northwind {text}") for guest, text in few))
        await house.settled()
    found: Found = Counter()
    for guest, text in crowd:
        found.update(_wrong_with(guest, text))
    silent = sum(not guest.public for guest in guests)
    with_people = house.one("select count(*) from conversation where owner <> 'bot'")
    found["nobody answers"] += max(0, silent - with_people)
    found["= answered in public"] = len(guests) - silent
    found["= with the way to a person"] = sum(
        any(WAYS[0] in post.text for post in guest.public) for guest in guests
    )
    return +found


def _wrong_with(guest: Customer, asked: str) -> Found:
    found: Found = Counter()
    text = "\n".join(post.text for post in guest.public)
    mine = (own for own, _ in REPEATED) if GIVEN in asked else ()
    for words in (*NEVER, *mine):
        found[f"said {words} in public"] += words.casefold() in text.casefold()
    found["an order number in public"] += bool(_NUMBER.search(text))
    for no in REFUSALS:
        refused = re.search(rf"(?:^|[\s]){re.escape(no)}", text)
        found["a refusal without a way"] += bool(refused) and not any(w in text for w in WAYS)
    return found
