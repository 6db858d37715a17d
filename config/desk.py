"""The Slack channel where colleagues work, who may press what, and when somebody is there."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from config.hours import Hours
from config.section import (
    Amount,
    Duration,
    Language,
    Secret,
    Section,
    StageWord,
    Url,
    Word,
    shaped,
)
from config.stages import Surface

# Slack ids: C public channel, G private one, U and W people, S user groups, T and E workspaces.
SlackChannelId = Annotated[
    str,
    shaped(
        "[CG][A-Z0-9]{2,20}",
        "is not a Slack channel id; it starts with C or G (open the channel's details, at the end)",
    ),
]
MemberId = Annotated[
    str,
    shaped(
        "[UWS][A-Z0-9]{2,20}",
        "is not a Slack member id; people start with U or W, user groups with S",
    ),
]
TeamId = Annotated[
    str, shaped("[TE][A-Z0-9]{2,20}", "is not a Slack workspace id; it starts with T or E")
]


class DeskSlack(Section):
    """The Slack app of the desk."""

    channel: SlackChannelId
    """Where cases are posted."""
    bot_token: Secret
    signing_secret: Secret
    app_token: Secret | None = None
    """Switches to Socket Mode."""
    team_id: TeamId | None = None
    """Workspace whose events are ours; others are refused."""
    api_base: Url = "https://slack.com/api/"


class Role(Section):
    """People and user groups with one kind of permission."""

    members: tuple[MemberId, ...] = ()
    act_up_to: Amount | None = None
    """Largest action these colleagues may start themselves."""
    sign_up_to: Amount | None = None
    """Largest action these colleagues may approve."""


class Roles(Section):
    """Who may do what at the desk."""

    colleague: Role = Role()
    approver: Role = Role()
    admin: Role = Role()


class FourEyes(Section):
    """Above which amount two people must approve."""

    above: Amount


class RouteCondition(Section):
    """What a case must be like to take a route."""

    topic: Word | None = None
    channel: Word | None = None
    surface: Surface | None = None
    language: Language | None = None


class Route(Section):
    """Another Slack channel, or a more careful stage, for some cases."""

    when: RouteCondition
    channel: SlackChannelId | None = None
    stage: StageWord | None = None


class Desk(Section):
    """The desk as a whole."""

    slack: DeskSlack
    roles: Roles = Roles()
    four_eyes: FourEyes | None = None
    signoff_channel: SlackChannelId | None = None
    """Where sign-offs are asked; the desk's channel when left out."""
    fallback_webhook: Secret | None = None
    """Address that is told when Slack itself cannot be reached; its path is a credential."""
    language: Language = "en"
    """Of the cards."""
    thread_replies: Literal["confirm", "internal", "send_when_claimed"] = "confirm"
    """What a colleague's words in a case's thread become."""
    send_delay: Duration = timedelta(0)
    """Time to take public words back."""
    elsewhere_lapse: Duration = timedelta(hours=12)
    """Quiet after which the bot takes back what a colleague answered in the platform's app."""
    hours: Hours | None = None
    """When somebody is there; always, when left out."""
    out_of_hours: StageWord | None = None
    """Highest stage outside the hours; the day's when left out."""
    routes: tuple[Route, ...] = Field(default=(), max_length=200)
    metrics: Literal["team", "person"] = "team"

    @property
    def signoffs_to(self) -> str:
        """The Slack channel where sign-offs are asked."""
        return self.signoff_channel or self.slack.channel
