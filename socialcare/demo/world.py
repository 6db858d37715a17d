"""A whole world on this machine: platforms, colleagues, a shop, and the service among them."""

import contextlib
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from config.load import load
from config.schema import Settings
from config.stages import Stage
from conversation.clock import Clock
from socialcare.app import Learn, Service
from socialcare.demo import model_script
from socialcare.learning import learn as learn_really
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.language_model import ModelStandIn
from socialcare.sandbox.shop import PretendShop
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.x import OUR_APP, XStandIn

CARE = "C0CARE"
"""The desk's channel."""
COMMUNITY = "C0SHOPPERS"
"""A channel of the customers' own workspace."""
CONFIG = "northwind.yaml"
PORTS = (15_000, 32_000)
PORT_TRIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everybody a story needs."""

    telegram: TelegramStandIn
    x: XStandIn
    whatsapp: WhatsappStandIn
    graph: GraphStandIn
    """Messenger and Instagram."""
    slack: SlackStandIn
    community: SlackStandIn
    """Another workspace, where customers write to another app."""
    shop: PretendShop
    model: ModelStandIn
    """A language model, for whoever is configured to ask it."""
    ben: Colleague
    """A colleague of the desk."""
    mira: Colleague
    """A colleague who may sign off."""
    settings: Settings
    folder: Path
    clock: Clock
    port: int
    learn: Learn
    environment: Mapping[str, str]
    """What the configuration takes from the environment, for a service in its own process."""

    @property
    def colleagues(self) -> tuple[Colleague, ...]:
        """Everybody who works at the desk."""
        return (self.ben, self.mira)

    @property
    def powers(self) -> Mapping[str, str]:
        """What a colleague may sign, by their id, in words."""
        desk = self.settings.desk
        if desk is None:
            return {}
        limit = desk.roles.approver.sign_up_to
        told = "may sign off" + ("" if limit is None else f" up to {limit}")
        return dict.fromkeys(desk.roles.approver.members, told)

    @property
    def config_file(self) -> Path:
        """The configuration, as `socialcare run` would read it."""
        return self.folder / CONFIG

    @property
    def store_file(self) -> Path:
        """The service's SQLite file."""
        return self.folder / self.settings.store.path

    @property
    def url(self) -> str:
        """Where the service listens."""
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def service(self) -> AsyncIterator[Service]:
        """Run the service for as long as the body lasts."""
        service = Service(self.settings, folder=self.folder, clock=self.clock, learn=self.learn)
        await service.start(port=self.port)
        try:
            yield service
        finally:
            await service.stop()


@contextlib.asynccontextmanager
async def stand_ins(
    folder: Path,
    *,
    clock: Clock,
    stage: Stage = Stage.AUTONOMOUS,
    learn: Learn = learn_really,
) -> AsyncIterator[World]:
    """Start everybody but the service.

    Args:
        folder: An empty folder for configuration, articles and databases.
        clock: Everybody's time.
        stage: The stage of the channels.
        learn: How the brain learns.
    """
    with as_file(files("socialcare.demo").joinpath("knowledge")) as articles:
        shutil.copytree(articles, folder / "knowledge")
    async with (
        TelegramStandIn(clock=clock) as telegram,
        XStandIn(clock=clock) as x,
        WhatsappStandIn(clock=clock) as whatsapp,
        GraphStandIn(clock=clock) as graph,
        SlackStandIn(clock=clock, enforce_rates=False) as slack,
        SlackStandIn(
            clock=clock,
            bot_token="xoxb-community",  # noqa: S106 - opens nothing but this stand-in
            signing_secret="community-signing-secret",  # noqa: S106 - signs nothing else
            app_token="xapp-community",  # noqa: S106 - opens nothing else
            team_id="T0SHOPPERS",
            channel=COMMUNITY,
            enforce_rates=False,
        ) as community,
        PretendShop(clock=clock, path=folder / "shop.db") as shop,
        ModelStandIn(model_script.script, clock=clock, model=model_script.NAME) as model,
    ):
        shop.promise_days = (1, 3)
        await shop.seed()
        port = free_port()
        environment = {
            "DEMO_URL": f"http://127.0.0.1:{port}",
            "DEMO_STAGE": stage,
            "DEMO_TELEGRAM": telegram.base_url,
            "DEMO_TELEGRAM_TOKEN": telegram.token,
            "DEMO_TELEGRAM_SECRET": "demo-webhook-secret",
            "DEMO_X": x.base_url,
            "DEMO_X_USER": x.us.user_id,
            "DEMO_X_APP": OUR_APP,
            "DEMO_X_KEY": x.keys.consumer_key,
            "DEMO_X_SECRET": x.keys.consumer_secret,
            "DEMO_X_TOKEN": x.keys.access_token,
            "DEMO_X_TOKEN_SECRET": x.keys.access_token_secret,
            "DEMO_WEBCHAT_SECRET": secrets.token_urlsafe(32),
            "DEMO_WHATSAPP": whatsapp.base_url,
            "DEMO_WHATSAPP_TOKEN": whatsapp.token,
            "DEMO_WHATSAPP_SECRET": whatsapp.app_secret,
            "DEMO_WHATSAPP_VERIFY": "demo-verify-token",
            "DEMO_GRAPH": graph.base_url,
            "DEMO_GRAPH_APP": graph.app_id,
            "DEMO_GRAPH_SECRET": graph.app_secret,
            "DEMO_GRAPH_VERIFY": graph.verify_token,
            "DEMO_GRAPH_TOKEN": graph.page_token,
            "DEMO_PAGE": graph.page_id,
            "DEMO_INSTAGRAM": graph.instagram_id,
            "DEMO_SLACK": slack.base_url,
            "DEMO_SLACK_TOKEN": slack.bot_token,
            "DEMO_SLACK_SECRET": slack.signing_secret,
            "DEMO_SLACK_TEAM": slack.workspace.team_id,
            "DEMO_COMMUNITY": community.base_url,
            "DEMO_COMMUNITY_TOKEN": community.bot_token,
            "DEMO_COMMUNITY_SECRET": community.signing_secret,
            "DEMO_SHOP": shop.base_url,
            "DEMO_SHOP_TOKEN": shop.token,
            "DEMO_MODEL": model.base_url,
            "DEMO_MODEL_KEY": model.key,
        }
        text = files("socialcare.demo").joinpath(CONFIG).read_text("utf-8")
        (folder / CONFIG).write_text(text, "utf-8")
        settings = load(text, env=environment, source=CONFIG)
        slack.connect(f"http://127.0.0.1:{port}/webhooks/desk")
        community.connect(f"http://127.0.0.1:{port}/webhooks/slack")
        graph.connect(
            page=f"http://127.0.0.1:{port}/webhooks/messenger",
            instagram=f"http://127.0.0.1:{port}/webhooks/instagram",
        )
        yield World(
            telegram=telegram,
            x=x,
            whatsapp=whatsapp,
            graph=graph,
            slack=slack,
            community=community,
            shop=shop,
            model=model,
            ben=slack.colleague("U0BEN", name="Ben"),
            mira=slack.colleague("U0MIRA", name="Mira"),
            settings=settings,
            folder=folder,
            clock=clock,
            port=port,
            learn=learn,
            environment=environment,
        )


def free_port() -> int:
    """Find a port of 127.0.0.1 that nobody listens on.

    Below the range that the system deals out by itself, so that nobody is dealt it meanwhile.
    """
    for _ in range(PORT_TRIES):
        port = PORTS[0] + secrets.randbelow(PORTS[1] - PORTS[0])
        if is_free(port):
            return port
    raise OSError("no free port")


def is_free(port: int) -> bool:
    """Tell whether nobody listens on that port of 127.0.0.1."""
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
