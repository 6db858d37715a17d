"""What a message says, before anybody decides what to do: the understanding half of the brain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from brain.always import (
    doubts,
    mentions_person,
    opts_out,
    reports,
    wants_human,
    without_doubts,
)
from brain.asides import without_asides
from brain.classifier import Ranking
from brain.entities import Mention, mentions, order_id_patterns, postcodes
from brain.examples import TopicTraits, shipped_traits
from brain.feasts import month_first
from brain.heads import Heads
from brain.issue_reader import IssueReader
from brain.issues import Issue, Run, wanted
from brain.language import LanguageEar, LanguageGuess
from brain.mood import About, Mood, MoodEar
from brain.risk import Risk, RiskEar
from brain.scope import asks_for_else
from brain.unwanted import unwanted, without_unwanted
from brain.urgency import Haste, Situation, Urgency
from brain.weighing import strength
from brain.when import DayMention, days, deadline, warm
from brain.wording import TEXT_MAX, plain, unshouted
from config.money import Money

HUMAN_STRENGTH = 0.6
"""From here on the classifier alone is believed that a person is wanted."""
HUMAN_HEARD = 0.3
"""Below it the classifier's wish for a person is not even told."""
TOPICS_MAX = 5
"""Topics that are told of one message."""

_REGION_OF = {"GBP": "GB", "USD": "US", "CAD": "CA", "AUD": "AU", "CHF": "CH", "PLN": "PL"}
_REGION_OF_LANGUAGE = {
    "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pl": "PL", "pt": "PT"
}  # fmt: skip
_REGIONS_MAX = 3
_DANGER = frozenset({"self_harm", "safety_issue"})
"""Risks that cannot wait."""
_RAISED = frozenset({"safety_issue", "legal_threat"})
"""Risks that are topics as well: who is heard by the one ear is heard."""
_ANSWERS = frozenset({"confirmation_yes", "confirmation_no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """All that one message says."""

    language: LanguageGuess
    topics: tuple[tuple[str, float], ...]
    """Topics and how sure each is, likeliest first; `out_of_scope` where nothing is known."""
    issues: tuple[Issue, ...]
    """What the customer wants, in the order it is said."""
    order_ids: tuple[str, ...] = ()
    amounts: tuple[Money, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    """Whatever may be one; runs of digits count, for the case that one was asked for."""
    dates: tuple[date, ...] = ()
    deadline: date | None = None
    """The day named: "by Sunday" and "before Sunday" give the same Sunday."""
    deadline_strict: bool = False
    """That day itself is too late ("before")."""
    mood: Mood = "neutral"
    moods: tuple[tuple[Mood, float], ...] = ()
    """How likely each mood is, the likeliest first."""
    urgency: Urgency = "normal"
    risks: tuple[Risk, ...] = ()
    """What a person must look at, those that are sure first; others are only told."""
    wants_human: bool = False
    doubts: str | None = None
    """They ask whether a person or a machine answers: the question's language, where it tells."""
    opts_out: bool = False
    unwanted: tuple[str, ...] = ()
    """Topics that are named only to say that they are not wanted."""
    in_scope: float = 0.0
    """How surely the message is about something the brand answers, 0 to 1."""
    out_of_scope: bool = False
    """It wants something, and nothing of what it says is known."""


class Triage:
    """Understands messages; synchronous and CPU bound, so it runs in one worker thread."""

    def __init__(
        self,
        *,
        heads: Heads,
        order_id_patterns: Sequence[str],
        languages: Sequence[str],
        currency: str,
        traits: TopicTraits | None = None,
        language: LanguageEar | None = None,
    ) -> None:
        """Get ready to understand; takes a second for the language and mood models.

        Args:
            heads: What it knows of topics, moods and risks.
            order_id_patterns: Regular expressions of the brand's order numbers.
            languages: What the brand speaks, the first one where nothing tells.
            currency: The brand's own, ISO 4217.
            traits: What topics have in common; the shipped ones where left out.
            language: Hears the brand's languages; loaded here where left out.
        """
        self._sure = heads.topics.threshold
        self._moods = heads.moods
        self._risks = RiskEar(heads.risks)
        self._traits = traits or shipped_traits()
        self._reader = IssueReader(heads.topics, heads.encoder, self._traits)
        self._order_ids = _compiled(order_id_patterns)
        self._languages = tuple(languages)
        self._currency = currency
        regions = [_REGION_OF_LANGUAGE.get(each) for each in languages]
        self._regions = tuple(
            dict.fromkeys(each for each in (_REGION_OF.get(currency), *regions) if each)
        )
        self._language = language or LanguageEar(languages)
        # The others' words are got ready when somebody writes in them.
        self._mood = MoodEar(languages[:1])
        self._haste = Haste(languages[:1])
        warm()

    @property
    def traits(self) -> TopicTraits:
        """What its topics have in common."""
        return self._traits

    def language_of(self, text: str, *, prior: str) -> str:
        """Tell which language a text is in."""
        return self._language.hear(text, prior=prior).code

    def ranked(self, text: str) -> Sequence[tuple[Run, Ranking]]:
        """Rank the topics of every part of a message: what `understand` chooses from."""
        said = without_unwanted(without_doubts(text[:TEXT_MAX]))
        named = mentions(
            said, order_ids=self._order_ids, currency=self._currency, regions=self._regions
        )
        language = self._language.hear(said, prior=None).code
        return self._reader.read(said, named=named, language=language).ranked

    def wanted(self, found: Sequence[Issue]) -> tuple[Issue, ...]:
        """Leave what is to be done of all that is raised: a right that is named has its reason."""
        return wanted(found, self._traits)

    def understand(
        self, text: str, *, now: datetime, timezone: tzinfo, prior_language: str | None = None
    ) -> Understanding:
        """Understand one message.

        Args:
            text: As the customer wrote it; what is beyond 2,000 characters is not read.
            now: When it was written, aware.
            timezone: The customer's, or the brand's.
            prior_language: The language of the conversation so far.
        """
        shown = text[:TEXT_MAX]
        language = self._language.hear(shown, prior=prior_language)
        home = _REGION_OF_LANGUAGE.get(language.code)
        regions = dict.fromkeys([*filter(None, [home]), *self._regions])
        named = mentions(
            shown,
            order_ids=self._order_ids,
            currency=self._currency,
            regions=tuple(regions)[:_REGIONS_MAX],
        )
        calendar = days(
            shown,
            now=now,
            timezone=timezone,
            languages=(language.code, *self._languages),
            month_first=language.code == "en" and month_first(timezone),
        )
        due = deadline(calendar, now.astimezone(timezone).date())
        # Whoever asks what answers them has not yet said what they want, nor how they feel.
        said = unshouted(without_doubts(shown))
        # What is asked for, and mood and risks of the whole, in one pass of the encoder.
        read = self._reader.read(
            without_unwanted(said), named=named, language=language.code, beside=[plain(said)]
        )
        anchors = self._moods.ranked(read.seen, slice(1))[0]
        found = [replace(one, text=shown[one.start : one.end]) for one in read.issues]
        denied = tuple(dict.fromkeys(each.topic for each in unwanted(shown)))
        if denied:
            # "Don't change it, it is right" is no yes to anything.
            found = [one for one in found if one.topic not in _ANSWERS]
        risks = self._risks.hear(said, read.seen)
        heard = frozenset(one.topic for one in found)
        found, risks = without_asides(said, found, risks)
        partial = _Exact(
            text=shown,
            language=language,
            named=named,
            calendar=calendar,
            due=due,
            risks=risks,
            unwanted=denied,
            asides=heard - {one.topic for one in found},
        )
        return self._told(partial, found, read.whole, anchors, now.astimezone(timezone).date())

    def _told(
        self,
        exact: "_Exact",
        found: list[Issue],
        whole: Ranking | None,
        anchors: Ranking,
        today: date,
    ) -> Understanding:
        text, traits = exact.text, self._traits
        alone = {each.topic for each in found} == {"opt_out"}
        tells = alone and reports(text)
        wished = without_unwanted(text)
        silence = opts_out(wished) or (alone and not tells)
        human = wants_human(wished)
        if not human and mentions_person(text):  # Heard in other words than the phrases.
            found = [each for each in found if each.topic != "human_request"]
        if tells and not silence:  # Who tells of messages is asked what they want.
            found = []
        named = {"opt_out": silence, "human_request": human}
        named |= {one.kind: True for one in exact.risks if one.sure and one.kind in _RAISED}
        for topic, sure in named.items():
            found = _with(found, topic, text) if sure else found
        # "No driver, no call" only sounds like it; a false alarm costs more than to ask again.
        found = [
            each for each in found if each.topic != "human_request" or each.strength >= HUMAN_HEARD
        ]
        human = human or any(
            each.topic == "human_request" and each.strength >= HUMAN_STRENGTH for each in found
        )
        wishes = {each.topic for each in found}
        in_scope = max(
            (each.strength for each in found),
            default=0.0 if whole is None else _inside(whole, traits),
        )
        beside = traits.context | traits.cheerful
        aside = whole is not None and whole.best in beside and in_scope >= self._sure
        elsewhere = whole is not None and whole.best in traits.outside
        aside = aside or (_identifies(exact.named) and not elsewhere)
        denies = bool(exact.unwanted) or tells
        known = bool(found) or denies or whole is None or (aside and not asks_for_else(text))
        due = exact.due
        danger = any(one.sure and one.kind in _DANGER for one in exact.risks)
        text = without_doubts(text)
        language = exact.language.code
        mood = self._mood.hear(
            text,
            anchors,
            About(
                language=language,
                trouble=bool(wishes & traits.trouble),
                praise="praise" in wishes,
                threat="legal_threat" in wishes,
                greets=wishes == {"greeting"},
                outside=not known,
            ),
        )
        situation = Situation(
            language=language,
            mood=mood.mood,
            # Who is delighted reports no problem, whatever was heard.
            topics=frozenset(wishes - traits.trouble if mood.mood == "happy" else wishes),
            days=exact.calendar,
            due=due,
            today=today,
            # Who is delighted is in no danger: "this lipstick is fire".
            danger=danger or bool(wishes & traits.danger and mood.mood != "happy"),
            hinted=bool(exact.risks),
            wants=human or silence,
            given=_identifies(exact.named) or bool(exact.unwanted),
            calm=sum(p for each, p in mood.chances if each in {"neutral", "happy"}),
            # What is like nothing known may still be for the brand.
            outside=not known and elsewhere,
        )
        return Understanding(
            language=exact.language,
            topics=_topics(
                found, whole, in_scope, known=known, context=traits.context | exact.asides
            ),
            issues=tuple(found),
            order_ids=_values(exact.named, "order_id"),
            amounts=tuple(dict.fromkeys(each.money for each in exact.named if each.money)),
            emails=_values(exact.named, "email"),
            phones=_values(exact.named, "phone"),
            postcodes=_postcodes(text, exact.named),
            dates=tuple(
                dict.fromkeys(one.day for one in exact.calendar if one.named or one.deadline)
            ),
            deadline=None if due is None else due.day,
            deadline_strict=due is not None and due.strict,
            mood=mood.mood,
            moods=mood.chances,
            risks=exact.risks,
            doubts=doubts(exact.text),
            urgency=self._haste.hear(text, situation),
            wants_human=human,
            opts_out=silence,
            unwanted=exact.unwanted,
            in_scope=round(in_scope, 4),
            out_of_scope=not known,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exact:
    """What plain rules read out of a message."""

    text: str
    language: LanguageGuess
    named: list[Mention]
    calendar: list[DayMention]
    due: DayMention | None
    risks: tuple[Risk, ...]
    unwanted: tuple[str, ...]
    asides: frozenset[str]
    """Topics that are only named."""


def _compiled(patterns: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return order_id_patterns(patterns)


def _with(found: list[Issue], topic: str, text: str) -> list[Issue]:
    if any(each.topic == topic for each in found):
        return [
            replace(each, p=1.0, strength=1.0) if each.topic == topic else each for each in found
        ]
    return [
        *found, Issue(start=0, end=len(text), topic=topic, p=1.0, strength=1.0, text=text)
    ]  # fmt: skip


def _inside(whole: Ranking, traits: TopicTraits) -> float:
    if whole.best in traits.outside:
        return max(0.0, 1 - whole.topics[0][1]) * whole.score
    return strength(whole, traits)


def _identifies(named: Sequence[Mention]) -> bool:
    """An order number or an address alone answers a question; it is not out of scope."""
    return any(each.kind in {"order_id", "email", "phone", "postcode"} for each in named)


def _topics(
    found: Sequence[Issue],
    whole: Ranking | None,
    in_scope: float,
    *,
    known: bool,
    context: frozenset[str],
) -> tuple[tuple[str, float], ...]:
    sure = {each.topic: each.p for each in found}
    if not known:
        outside = whole.best if whole is not None and whole.best == "spam" else "out_of_scope"
        sure[outside] = 1 - in_scope
    # What the message as a whole might be about as well counts less than what was read in it.
    left = 1 - max(sure.values(), default=0.0)
    for topic, p in whole.topics[:TOPICS_MAX] if whole is not None else ():
        if topic not in sure and topic not in context and p >= 0.05:
            sure[topic] = min(p, left) if sure else p
    ordered = sorted(sure.items(), key=lambda each: -each[1])
    return tuple((topic, round(p, 4)) for topic, p in ordered[:TOPICS_MAX] if p > 0)


def _values(named: Sequence[Mention], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.value for each in named if each.kind == kind))


def _postcodes(text: str, named: Sequence[Mention]) -> tuple[str, ...]:
    others = [each for each in named if each.kind != "postcode"]
    return tuple(
        dict.fromkeys(
            each.value
            for each in postcodes(text)
            if not any(each.start < other.end and other.start < each.end for other in others)
        )
    )
