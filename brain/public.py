"""What may be read by everybody: words on a public surface, after every brain and every colleague.

Pure. Facts of the brand's systems are labelled private at their source; and whatever looks like
somebody's own (an order number, an address, a telephone or card number) is private, wherever the
words have it from.
"""

import re
from collections.abc import Iterable, Sequence

from brain.entities import emails, order_numbers
from brain.masking import IBAN, SPOKEN_EMAIL, is_iban
from conversation.events import Fact

FACT_LEAST = 3
"""Characters of a private fact that can be told apart from any other word."""
WORDS_MAX = 10_000
"""Characters that are searched; no public message of a platform is longer."""

# Seven digits or more with what people write between them: telephones, cards, accounts, parcels.
_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ ()./\-]{0,2}\d){6,}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?(?!\w)")
_DATE = re.compile(r"\d{4}[-./]\d{2}[-./]\d{2}|\d{2}[-./]\d{2}[-./]\d{4}")


def private_in(
    words: str,
    *,
    facts: Iterable[Fact],
    order_ids: Sequence[re.Pattern[str]],
    domains: Sequence[str],
) -> tuple[str, ...]:
    """Name the kinds of what words give away; empty: everybody may read them.

    Args:
        words: What is to be said in public.
        facts: What was looked up in this conversation.
        order_ids: The brand's patterns of order numbers (`brain.entities.order_id_patterns`).
        domains: The brand's own; its addresses are no secret.
    """
    text = words[:WORDS_MAX]
    found = []
    if any(_tells(text, fact) for fact in facts if fact.private):
        found.append("a private fact")
    if order_numbers(text, order_ids):
        found.append("an order number")
    if SPOKEN_EMAIL.search(text) or any(not _of(one.value, domains) for one in emails(text)):
        found.append("an e-mail address")
    without_dates = _DATE.sub(" ", text)
    account = any(is_iban(one[0]) for one in IBAN.finditer(without_dates))
    if account or _NUMBER.search(without_dates) or _IBAN.search(without_dates):
        found.append("a number of somebody")
    return tuple(found)


def _tells(text: str, fact: Fact) -> bool:
    value = " ".join(fact.value.casefold().split())
    if len(value) < FACT_LEAST:
        return False
    return (
        re.search(rf"(?<!\w){re.escape(value)}(?!\w)", " ".join(text.casefold().split()))
        is not None
    )


def _of(address: str, domains: Sequence[str]) -> bool:
    host = address.rpartition("@")[2].casefold()
    return any(host == one.casefold() or host.endswith(f".{one.casefold()}") for one in domains)
