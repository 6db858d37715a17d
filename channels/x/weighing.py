"""How long a post is to X, which weighs characters instead of counting them. Pure.

https://docs.x.com/resources/fundamentals/counting-characters: of the text in NFC, Latin and its
neighbours weigh 1, everything else 2; an emoji weighs 2, however many code points it is made of; a
link weighs 23, however long it is. X finds links with a list of all top-level domains, which
changes. Here a word that surely is a link weighs 23; one that may hold a link weighs as much as it
can at most: a post that fits here fits there.
"""

import unicodedata
from typing import Final

import regex

LINK_WEIGHT: Final = 23
POST_LIMIT: Final = 280

_LIGHT: Final = ((0, 4_351), (8_192, 8_205), (8_208, 8_223), (8_242, 8_247))
"""Ranges of code points that weigh 1."""

_COUNTRIES: Final = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs "
    "bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec "
    "ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
    "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz "
    "la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx "
    "my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re "
    "ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj "
    "tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_GENERIC: Final = (
    "com net org edu gov mil int info biz name pro aero coop museum travel jobs mobi tel asia cat "
    "app dev shop store online site tech xyz club blog cloud agency company email support help"
)
_TOP: Final = "|".join([*_COUNTRIES.split(), *_GENERIC.split()])

_PATH: Final = r"[a-z0-9!*';:=+,.$/%\#\[\]_~@|&()-]"

_WORD: Final = regex.compile(r"\S+")
_DOT: Final = regex.compile(r"[\w\-]\.[^\W\d]{2,}")
"""Every link has a dot with a top-level domain of two letters or more behind it."""
_SURE: Final = regex.compile(
    rf"""
      (?P<before> [("'“\u2018\[]* )
      (?P<link>
        (?: https?:// )?
        (?: t\.co (?: / [a-z0-9]{{1,40}} )?
          | (?! t\.co[/?:\#] )
            (?: [a-z0-9] (?: [a-z0-9_-]{{0,61}} [a-z0-9] )? \. ){{0,8}}
            [a-z0-9] (?: [a-z0-9-]{{0,61}} [a-z0-9] )? \. (?: {_TOP} )
            (?: : \d{{1,5}} )?
            (?: / (?: {_PATH}{{0,2000}} (?: [a-z0-9+=_\#/-] | \( {_PATH}{{1,200}} \) ) )? )?
        )
        (?: \? [a-z0-9!?*'@();:&=+$/%\#\[\]_.,~|-]{{0,2000}} [a-z0-9_&=\#/-] )?
      )
      (?P<after> [)\]"'”\u2019.,;:!?…]* )
    """,
    regex.VERBOSE | regex.IGNORECASE | regex.ASCII,
)
_CLUSTER: Final = regex.compile(r"\X")
_EMOJI: Final = regex.compile(
    r"\p{Extended_Pictographic} | \p{RI}\p{RI} | [0-9\#*]\uFE0F?\u20E3", regex.VERBOSE
)
_OF_EMOJI: Final = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{RI}\u200D\uFE0F\u20E3\U000E0020-\U000E007F]"
)


def weighted_length(text: str) -> int:
    """Weigh a text as X does, at most a little more."""
    text = unicodedata.normalize("NFC", text)
    return _weight(_WORD.sub("", text)) + sum(map(_of_word, _WORD.findall(text)))


def has_link(text: str) -> bool:
    """Say whether X may find a link in it: such a post costs more."""
    return _DOT.search(text) is not None


def _of_word(word: str) -> int:
    """Weigh text without spaces: a link, or something that may hold some."""
    dots = len(_DOT.findall(word, overlapped=True))
    if not dots:
        return _weight(word)
    sure = _SURE.fullmatch(word)
    if sure is not None:
        return _weight(sure["before"]) + LINK_WEIGHT + _weight(sure["after"])
    return _weight(word) + LINK_WEIGHT * dots


def _weight(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_of_cluster(cluster) for cluster in _CLUSTER.findall(text))


def _of_cluster(cluster: str) -> int:
    if not cluster.isascii() and _EMOJI.search(cluster):
        rest = _OF_EMOJI.sub("", cluster)
        return 2 + sum(map(_of_character, rest)) - (cluster[0] in "0123456789#*")
    return sum(map(_of_character, cluster))


def _of_character(character: str) -> int:
    point = ord(character)
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2
