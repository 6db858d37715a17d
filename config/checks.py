"""What must agree across the file: each check names the key that has to change."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from config.actions import NEEDS, WITHOUT_AMOUNT, Action, WindowLimit
from config.channels import TelegramChannel, XChannel
from config.connectors import PORTS, HttpConnector
from config.languages import DISCLOSURES
from config.problems import KeyPath
from config.schema import Settings
from config.stages import Stage, Surface
from config.topics import SHIPPED_TOPICS

_BOT = re.compile(r"\d+:.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One disagreement."""

    path: KeyPath
    message: str
    cure: str = ""


def disagreements(settings: Settings) -> Iterator[Finding]:
    """Everything in valid sections that does not fit together."""
    yield from _brand(settings)
    yield from _topics(settings)
    yield from _channels(settings)
    yield from _desk(settings)
    yield from _connectors(settings)
    yield from _model(settings)
    for name, action in settings.actions.items():
        yield from _action(settings, name, action)


def unfit(settings: Settings) -> Iterator[Finding]:
    """Credentials that cannot be the platform's: enough for a check, too little for a start."""
    for name, channel in settings.channels.items():
        match channel:
            case TelegramChannel(token=token) if not _BOT.match(token.get_secret_value()):
                yield Finding(
                    path=("channels", name, "token"),
                    message="is no Telegram token, which is a number, a colon and letters",
                    cure="ask @BotFather for it",
                )
            case XChannel(user_id=number) if not (number.isascii() and number.isdecimal()):
                yield Finding(
                    path=("channels", name, "user_id"),
                    message="is not the number of an X account",
                    cure="write the account's id, not its @name",
                )
            case _:
                pass


def unsaid(settings: Settings) -> Iterator[Finding]:
    """What a brand should have chosen in so many words; nothing is wrong with it."""
    for name, channel in settings.channels.items():
        public = channel.surfaces.get(Surface.PUBLIC)
        if isinstance(channel, XChannel) and channel.stage is Stage.AUTONOMOUS and public is None:
            # docs.x.com/developer-guidelines: AI-generated replies need prior written approval.
            yield Finding(
                path=("channels", name, "stage"),
                message="lets the bot answer posts in public by itself, for which X asks its "
                "written approval",
                cure="set `surfaces: {public: copilot}`, or `{public: autonomous}` with it",
            )


def nearest(word: str, known: list[str] | tuple[str, ...] | frozenset[str]) -> str:
    """A cure that names the nearest known word, or all of them where they are few."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    if found:
        return f"did you mean '{found[0]}'?"
    return f"known: {', '.join(sorted(known))}" if 0 < len(known) <= 15 else ""


def _brand(settings: Settings) -> Iterator[Finding]:
    brand = settings.brand
    for index, language in enumerate(brand.languages):
        if language not in brand.disclosure and language not in DISCLOSURES:
            yield Finding(
                path=("brand", "languages", index),
                message=f"there are no shipped words that say in '{language}' that a bot answers",
                cure=f"add them as brand.disclosure.{language}",
            )


def _topics(settings: Settings) -> Iterator[Finding]:
    for name, topic in settings.topics.items():
        if topic.off and name not in SHIPPED_TOPICS:
            yield Finding(
                path=("topics", name),
                message="only a shipped topic can be switched off",
                cure=nearest(name, SHIPPED_TOPICS) or "remove it",
            )
        elif not topic.off and not topic.examples:
            yield Finding(
                path=("topics", name),
                message="a topic needs examples to be recognised",
                cure="add `examples:` with a few sentences customers write",
            )
    known = frozenset({*SHIPPED_TOPICS, *settings.topics})
    for name, channel in settings.channels.items():
        for topic_id in channel.topics:
            path = ("channels", name, "topics", topic_id)
            if topic_id not in known:
                cure = nearest(topic_id, known) or "add it under topics with examples"
                yield Finding(path=path, message="unknown topic", cure=cure)
            elif topic_id not in settings.topic_ids:
                yield Finding(path=path, message="the topic is switched off under topics")


def _channels(settings: Settings) -> Iterator[Finding]:
    for name, channel in settings.channels.items():
        if name == "desk":
            yield Finding(
                path=("channels", name),
                message="the name desk belongs to the colleagues' own channel",
                cure="give the channel another name",
            )
        stages = (channel.stage, *channel.topics.values(), *channel.surfaces.values())
        if channel.fallback is not None and channel.fallback > max(stages):
            yield Finding(
                path=("channels", name, "fallback"),
                message="is higher than every stage of the channel",
                cure=f"choose {max(stages)} or a more careful one",
            )
        targets = settings.targets_for(name)
        if targets.acknowledge > targets.answer:
            yield Finding(
                path=("channels", name, "targets"),
                message="acknowledge is longer than answer",
                cure="acknowledge first: make it the shorter one",
            )


def _desk(settings: Settings) -> Iterator[Finding]:
    desk = settings.desk
    if desk is None:
        for name, channel in settings.channels.items():
            stages = {channel.stage, *channel.topics.values(), *channel.surfaces.values()}
            if stages != {Stage.OFF}:
                yield Finding(
                    path=("channels", name),
                    message="every stage but off hands cases to colleagues, and there is no desk",
                    cure="add `desk:` with its Slack channel, or set the stage to off",
                )
    elif desk.out_of_hours is not None and desk.hours is None:
        yield Finding(
            path=("desk", "out_of_hours"),
            message="has no hours to be out of",
            cure="add `desk.hours`",
        )


def _falling(section: str, limits: Mapping[str, int | None]) -> Iterator[Finding]:
    """Name limits that are never reached, because one of a wider scope is lower."""
    set_ones = [(name, limit) for name, limit in limits.items() if limit is not None]
    for (name, limit), (wider, most) in pairwise(set_ones):
        if limit > most:
            yield Finding(
                path=("model", section, name),
                message=f"is more than {wider}, so it would never be reached",
                cure=f"lower it, or raise {wider}",
            )


def _model(settings: Settings) -> Iterator[Finding]:
    model = settings.model
    if model.provider == "openai" and model.name is None:
        yield Finding(
            path=("model", "name"), message="is missing", cure="name the model, like gpt-5-mini"
        )
    budgets = {
        "per_turn": model.budget.per_turn,
        "per_customer_day": model.budget.per_customer_day,
        "per_day": model.budget.per_day,
    }
    for name, budget in budgets.items():
        path = ("model", "budget", name)
        if budget is None:
            continue
        if model.prices is None:
            cure = "add `model.prices`"
            yield Finding(path=path, message="cannot be held without prices", cure=cure)
        elif budget.currency != model.prices.input.currency:
            cure = f"use {model.prices.input.currency}"
            yield Finding(path=path, message="is in another currency than the prices", cure=cure)
    yield from _falling(
        "budget", {name: None if each is None else each.minor for name, each in budgets.items()}
    )
    yield from _falling("tokens", model.tokens.model_dump(exclude_unset=True))
    if model.prices and model.prices.input.currency != model.prices.output.currency:
        cure = f"use {model.prices.input.currency}"
        path = ("model", "prices", "output")
        yield Finding(path=path, message="is in another currency than the input", cure=cure)


def _connectors(settings: Settings) -> Iterator[Finding]:
    for name, connector in settings.connectors.items():
        if isinstance(connector, HttpConnector):
            yield from _operations(("connectors", name, "operations"), connector)


def _operations(path: KeyPath, connector: HttpConnector) -> Iterator[Finding]:
    for name, operation in connector.operations.items():
        here = (*path, name)
        port = PORTS.get(name)
        if port is None:
            cure = nearest(name, frozenset(PORTS))
            yield Finding(path=here, message="unknown operation", cure=cure)
            continue
        if operation.placeholders - port.takes:
            yield Finding(
                path=here,
                message="holds a name in braces that nothing fills in",
                cure=f"it takes {', '.join(f'{{{name}}}' for name in sorted(port.takes))}",
            )
        if (port.found_by or port.by_key) and not operation.sends_key:
            yield Finding(
                path=here,
                message="our key is not sent, so a lost answer could not be looked up",
                cure="send {key} in path, query or body, or name an idempotency_header",
            )
        if port.found_by and port.found_by not in connector.operations:
            yield Finding(
                path=here,
                message=f"writes, and {port.found_by} is missing",
                cure=f"add {port.found_by}, which finds an outcome by our key",
            )


def _action(settings: Settings, name: str, action: Action) -> Iterator[Finding]:
    path = ("actions", name)
    if name not in NEEDS:
        yield Finding(path=path, message="unknown action", cure=nearest(name, frozenset(NEEDS)))
        return
    yield from _amounts(path, name, action)
    yield from _windows(path, action)
    if action.connector is not None and action.connector not in settings.connectors:
        yield Finding(
            path=(*path, "connector"),
            message="no connector has this name",
            cure=nearest(action.connector, frozenset(settings.connectors)) or "add it",
        )
        return
    for operation in NEEDS[name]:
        offering = settings.offering(operation)
        if not offering:
            yield Finding(
                path=path,
                message=f"needs the operation {operation}, which no connector offers",
                cure="add it under a connector's operations",
            )
        elif len(offering) > 1 and action.connector not in offering:
            yield Finding(
                path=path,
                message=f"{' and '.join(offering)} both offer {operation}",
                cure="say which with `connector`",
            )


def _amounts(path: KeyPath, name: str, action: Action) -> Iterator[Finding]:
    alone, signed = action.autonomous_up_to, action.sign_off_up_to
    if name in WITHOUT_AMOUNT:
        for key in ("autonomous_up_to", "sign_off_up_to"):
            if getattr(action, key) is not None:
                message = "this action moves no money and has no amount to limit"
                yield Finding(path=(*path, key), message=message, cure="remove it")
    elif alone is not None and signed is not None:
        if alone.currency != signed.currency:
            yield Finding(
                path=(*path, "sign_off_up_to"),
                message="is in another currency than autonomous_up_to",
                cure=f"write it in {alone.currency}",
            )
        elif signed < alone:
            yield Finding(
                path=(*path, "sign_off_up_to"),
                message="is below autonomous_up_to, so nothing could be signed off",
                cure=f"raise it to at least {alone}",
            )


def _windows(path: KeyPath, action: Action) -> Iterator[Finding]:
    for name in ("per_customer", "per_channel", "per_brand"):
        limit: WindowLimit | None = getattr(action, name)
        if limit is None:
            continue
        alone, total = action.autonomous_up_to, limit.total
        if total is None and limit.count is None:
            yield Finding(
                path=(*path, name), message="limits nothing", cure="add `total`, `count` or both"
            )
        elif total is not None and alone is not None and total.currency != alone.currency:
            yield Finding(
                path=(*path, name, "total"),
                message="is in another currency than autonomous_up_to",
                cure=f"write it in {alone.currency}",
            )
