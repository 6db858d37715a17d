"""Which stage a turn runs at: the file, the overrides above it, the share, the hours, the brake.

A turn is judged topic by topic, and the lowest stage wins:

1. The channel has a stage; a topic's or a surface's own stage stands in its place, the lower one
   where both apply. A topic without one keeps the surface's or the channel's.
2. An override stands in place of the file's value at its scope. One for the whole channel also
   caps what the file says for topics and surfaces, so that lowering a channel lowers all of it;
   one for a topic on a surface stands in place of both. `off` for the whole channel caps all.
3. Customers outside the share get the fallback, but never more than the stage itself. Without a
   fallback they get `copilot` where the stage is `autonomous`, else `manual`.
4. Outside the desk's hours `out_of_hours` caps the result.
5. A pause caps it at `manual`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from config.channels import Channel
from config.hours import is_open
from config.schema import Settings
from config.stages import Stage, Surface

_BUCKET_BITS: Final = 53  # what a float holds exactly, so that a bucket is below 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A row above the file: who set it and why are kept with it in the store."""

    channel: str | None
    """The channel's name; None is every channel."""
    surface: Surface | None = None
    topic: str | None = None
    stage: Stage | None = None
    """None leaves the stage as the file has it."""
    share: float | None = None
    """From 0 to 1; None leaves the share as it is."""
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far the bot may go in one turn."""

    stage: Stage
    shadow: bool
    """Whether the decision is only recorded and nothing sent."""
    why: str
    """The reasons in plain words, for the log and the desk."""


def stage_for(
    settings: Settings,
    *,
    channel: str,
    surface: Surface,
    topics: Collection[str],
    customer: str,
    at: datetime,
    overrides: Sequence[Override] = (),
) -> Rollout:
    """Judge how far the bot may go.

    Args:
        settings: The file in force.
        channel: A channel's name; `KeyError` if the file has none of that name.
        surface: Where the customer wrote.
        topics: What the turn is about; may be empty.
        customer: Whatever names the customer for good; decides the share.
        at: The instant (aware).
        overrides: The rows in force, oldest first; the later of two at one scope stands.
    """
    section = settings.channels[channel]
    rows = [row for row in overrides if row.channel in (None, channel)]
    scopes = _Scopes(section=section, rows=rows, surface=surface)
    position = bucket(channel, customer)
    reasons: list[str] = []
    stage = Stage.AUTONOMOUS
    about: list[str | None] = [*sorted(set(topics))]
    for topic in about or [None]:
        for grade in scopes.grades(topic):
            given = _given(grade, section, inside=position < grade.share)
            if not reasons or given < stage:
                outside = "" if given == grade.stage else f", outside the share: {given}"
                reasons = [f"{grade.scope}: {grade.stage}{outside}"]
                stage = given
    for cap, reason in _caps(settings, rows, surface=surface, topics=topics, at=at):
        if cap < stage:
            stage = cap
            reasons.append(f"{reason}: {cap}")
    if section.shadow:
        reasons.append("shadow: nothing is sent")
    return Rollout(stage=stage, shadow=section.shadow, why="; ".join(reasons))


def bucket(channel: str, customer: str) -> float:
    """A customer's fixed place in [0, 1) on a channel; a share above it takes the customer in."""
    digest = sha256(f"{channel}\0{customer}".encode(errors="surrogatepass")).digest()
    high = int.from_bytes(digest[:8]) >> (64 - _BUCKET_BITS)
    return float(high / (1 << _BUCKET_BITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grade:
    """A stage that applies, for which share, and where it was set."""

    stage: Stage
    share: float
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scopes:
    section: Channel
    rows: Sequence[Override]
    surface: Surface

    def grades(self, topic: str | None) -> Iterator[_Grade]:
        """The stages that apply to one topic; the lowest of them counts."""
        whole = self.row(surface=None, topic=None)
        stage = whole.stage if whole and whole.stage is not None else self.section.stage
        share = whole.share if whole and whole.share is not None else self.section.share
        channel = _Grade(stage=stage, share=share, scope="channel")
        cap = whole.stage if whole else None
        narrow = self.narrow(topic, channel=channel, cap=cap)
        if cap is Stage.OFF or not narrow:
            yield channel
        yield from narrow

    def narrow(self, topic: str | None, *, channel: _Grade, cap: Stage | None) -> list[_Grade]:
        found: list[_Grade] = []
        if topic is not None:
            both = self.row(surface=self.surface, topic=topic)
            if both is not None and both.stage is not None:
                return [_graded(both, both.stage, channel, scope=f"{topic} in {self.surface}")]
            filed = self.section.topics.get(topic)
            row = self.row(surface=None, topic=topic)
            found += _scope(filed, row, channel, cap=cap, scope=f"topic {topic}")
        filed = self.section.surfaces.get(self.surface)
        row = self.row(surface=self.surface, topic=None)
        found += _scope(filed, row, channel, cap=cap, scope=f"surface {self.surface}")
        return found

    def row(self, *, surface: Surface | None, topic: str | None) -> Override | None:
        """The last row that sets something at exactly this scope."""
        if not self.rows:
            return None
        setting = (
            row for row in reversed(self.rows) if row.stage is not None or row.share is not None
        )
        return next((r for r in setting if r.surface == surface and r.topic == topic), None)


def _scope(
    filed: Stage | None, row: Override | None, channel: _Grade, *, cap: Stage | None, scope: str
) -> list[_Grade]:
    if row is not None and row.stage is not None:
        return [_graded(row, row.stage, channel, scope=scope)]
    if filed is None and row is None:
        return []
    stage = channel.stage if filed is None else filed
    return [_graded(row, stage if cap is None else min(stage, cap), channel, scope=scope)]


def _graded(row: Override | None, stage: Stage, channel: _Grade, *, scope: str) -> _Grade:
    share = channel.share if row is None or row.share is None else row.share
    return _Grade(stage=stage, share=share, scope=scope)


def _given(grade: _Grade, section: Channel, *, inside: bool) -> Stage:
    if inside:
        return grade.stage
    usual = Stage.COPILOT if grade.stage is Stage.AUTONOMOUS else Stage.MANUAL
    return min(grade.stage, usual if section.fallback is None else section.fallback)


def _caps(
    settings: Settings,
    rows: Sequence[Override],
    *,
    surface: Surface,
    topics: Collection[str],
    at: datetime,
) -> Iterator[tuple[Stage, str]]:
    desk = settings.desk
    if desk and desk.hours and desk.out_of_hours is not None and not is_open(desk.hours, at):
        yield desk.out_of_hours, "outside the desk's hours"
    for row in rows:
        here = row.surface in (None, surface) and (row.topic is None or row.topic in topics)
        if row.paused and here:
            yield Stage.MANUAL, "paused"
