"""Whether words keep the form of address that the brand has chosen, as far as single words tell.

Pure. No grammar: what is found is another form for certain, what is not found may be one still.
"""

import re
from collections.abc import Mapping
from typing import Final

from brain.shipped import shipped_words, table
from config.languages import FORMS

WORDS_MAX: Final = 20_000
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_QUOTED = re.compile(r"„[^“”\n]{0,200}[“”]|«[^»\n]{0,200}»|“[^”\n]{0,200}”")


def other_form(words: str, language: str, form: str) -> tuple[str, ...]:
    """Find the sentences that address the customer in another form.

    Args:
        words: What is to be said.
        language: Its language, ISO 639-1.
        form: One of `config.languages.FORMS`; empty: any will do.

    Returns:
        The sentences, in their order; what stands in quotation marks is not looked at.
    """
    breaks = _tables().get((language, form))
    if breaks is None:
        return ()
    shown = _QUOTED.sub("…", words[:WORDS_MAX])
    return tuple(
        sentence.strip() for sentence in _SENTENCE.findall(shown) if breaks.search(sentence.strip())
    )


@table
def _tables() -> Mapping[tuple[str, str], re.Pattern[str]]:
    loaded = shipped_words("address")
    return {
        (language, form): re.compile(
            "|".join(f"(?:{line})" for line in loaded[language][form].strip().splitlines())
        )
        for language, forms in FORMS.items()
        for form in forms
    }
