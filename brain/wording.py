"""A message as the classifier reads it: one spelling for what people write in many ways."""

import re
import unicodedata
from collections.abc import Iterable

TEXT_MAX = 2_000
"""Characters that are understood; the rest of a longer message is not read."""

_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u00b4": "'", "`": "'", "“": '"', "”": '"', "„": '"'}
)
_HANDLE = re.compile(r"(?<![\w.])@\w+")
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_ELONGATED = re.compile(r"(\w)\1{2,}")
_SHOUTED = re.compile(r"([!?.])\1{2,}")
_SPACE = re.compile(r"\s+")
_SOUR = re.compile("[🙄😒😑🤡👎😡🤬😤🖕🤮🤦👿💢]")
_SWEET = re.compile("[😍🥰😊🤩💕💖🙏]|❤")
_HOLLOW_WORDS = 6
"""Who says more names somebody or something that was good."""
_HOLLOW = re.compile(
    r"(?:great|nice|good|amazing|fantastic|excellent|brilliant|wonderful|lovely|superb|stellar"
    r"|top|cracking|impressive|outstanding|fab|classy) "
    r"(?:job|work|service|stuff|going|one|effort|show|customer (?:service|care))"
    r"|well (?:done|played)"
    r"|(?:slow )?clap|congrat\w*|bravo|hats off|10/10|ten out of ten|keep it up"
    r"|(?:tolle?r?|super|klasse|großartige?r?|spitzen?) ?(?:service|leistung|arbeit|job)|respekt"
    r"|(?:quel|super|beau|bon) (?:service|travail)|chapeau|félicitations"
    r"|(?:gran|vaya|qué|buen) (?:servicio|trabajo)|enhorabuena|felicidades"
    r"|(?:gran|bel|ottimo|complimenti per il) (?:servizio|lavoro)|complimenti"
    r"|(?:geweldige?|goede|top|lekkere?) ?(?:service|werk)|petje af|goed gedaan"
    r"|(?:belo|ótimo|bom|grande) (?:serviço|trabalho)|parabéns"
)


_WORD_BY_WORD = re.compile(
    r"(?:\A|(?<=[.!?…,;:]\s)|(?<=\n))(?:[^\W\d_]+\.\s+){2,}[^\W\d_]+(?:[.!?]+(?!\S)|\s*\Z)"
)
"""Words with a full stop after each, from where a sentence begins: "it fell off. Nice. I want" is
none."""


def plain(text: str) -> str:
    """Spell a message plainly: lower case, straight quotes, no handles, "sooooo" as "soo"."""
    spelled = unicodedata.normalize("NFKC", text[:TEXT_MAX]).translate(_QUOTES)
    spelled = _URL.sub("link", _HANDLE.sub(" ", spelled)).casefold()
    spelled = _SHOUTED.sub(r"\1\1", _ELONGATED.sub(r"\1\1", spelled))
    return _SPACE.sub(" ", spelled).strip(" .,;:-\u2013—\n")


def masked(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Put a word in the place of each span (start, end, word): numbers lead meaning astray."""
    out: list[str] = []
    at = 0
    for start, end, word in sorted(spans):
        if start < at:
            continue
        out += [text[at:start], word]
        at = end
    return "".join([*out, text[at:]])


def unshouted(text: str) -> str:
    """Read "WHERE. IS. MY. REFUND." as one sentence; every word keeps its place."""
    return _WORD_BY_WORD.sub(lambda found: found[0][:-1].replace(".", " ") + found[0][-1], text)


def sour(text: str) -> bool:
    """Say whether the faces in a message unsay its kind words: "thanks a lot 🙄"."""
    return bool(_SOUR.search(text)) and not _SWEET.search(text)


def hollow(text: str) -> bool:
    """Say whether kind words name nothing that was good: beside trouble, "great job" is irony."""
    spelled = plain(text)
    return len(spelled.split()) <= _HOLLOW_WORDS and bool(_HOLLOW.search(spelled))
