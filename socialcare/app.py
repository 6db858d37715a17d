"""The composition root: everything is made, joined, started and stopped here, and nowhere else."""

# A little longer than 400 lines: what is made and joined is seen in one place, on purpose.

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from actions.connectors.contract import Connector
from actions.connectors.http import open_http_connector
from actions.engine import Engine
from brain.doubts import Backing, backing
from brain.embedded import Mind
from brain.knowledge.articles import Article, ArticleProblem
from brain.published import own_lines
from channels.contract import Adapter
from channels.errors import SendError
from channels.registry import build_adapter
from channels.webchat.lines import TYPING
from config.connectors import HttpConnector as HttpSettings
from config.schema import Settings
from conversation.clock import Clock
from conversation.store import News, Store, StoreUnavailable
from handoff.desk import Desk
from socialcare.announcing import Announcer
from socialcare.backlog import Backlog
from socialcare.brains import OpenBrain, ServiceBrain, open_brain
from socialcare.channel_alarms import ChannelAlarms
from socialcare.chat.downloads import address_maker
from socialcare.chat.followers import Followers
from socialcare.chat.limits import USUAL, Limits
from socialcare.chat.site import Chats
from socialcare.deliveries import Deliveries
from socialcare.fault_points import Passing, unheard
from socialcare.figures import Figures
from socialcare.following import Source, follow
from socialcare.intake import Intake
from socialcare.knocking import knock
from socialcare.learning import in_use, learn
from socialcare.lines import Lines, make_desk
from socialcare.names import Names
from socialcare.server import Front
from socialcare.shelf import Shelf, differences, left_out, look
from socialcare.shelf import follow as follow_articles
from socialcare.silence import Silence
from socialcare.store_alarm import StoreAlarm
from socialcare.stores import keep_leases, make_care, make_store
from socialcare.thinking import Thinker
from socialcare.timers import Timers
from socialcare.turns import Turns
from socialcare.upkeep import keep_up
from socialcare.waking import Wake

DRAIN_S = 10.0
"""Seconds that turns and deliveries under way get when the service is told to stop."""
CLOSE_S = 1.0
"""Seconds that requests under way get after that; whoever sends theirs slowly is left behind."""
CHANGES_MAX = 20
"""Changed articles that are named in the log."""
CALL_TIMEOUT_S = 20.0
"""Seconds of one call to a platform."""

Learn = Callable[[Settings, Sequence[Article]], Mind]
_log = structlog.get_logger(__name__)


class Service:
    """One running process."""

    def __init__(
        self,
        settings: Settings,
        *,
        folder: Path,
        clock: Clock,
        source: Source | None = None,
        learn: Learn = learn,
        passing: Passing = unheard,
        chat_limits: Limits = USUAL,
        open_brain: OpenBrain = open_brain,
    ) -> None:
        """Take a configuration.

        Args:
            settings: The configuration in force.
            folder: Where its relative paths begin: the folder of the file.
            clock: Time.
            source: The configuration file, to follow its changes.
            learn: How the brain learns; takes seconds, is called in a thread.
            passing: Hears of every fault point, for tests.
            chat_limits: What visitors of web chats are granted.
            open_brain: How the brain is opened; another one is plugged in here.
        """
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._learn_from = learn
        self._source = source
        self._passing = passing
        self._chat_limits = chat_limits
        self._open_brain = open_brain
        self._figures = Figures()
        self._stack = contextlib.AsyncExitStack()
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._adapters: dict[str, Adapter] = {}
        self._desk: Desk | None = None
        self._brain: ServiceBrain | None = None
        self._shelf = self._shelf_of(settings)
        self._backing = Backing(domains=settings.brand.links)
        self._learning = asyncio.Lock()
        self._store: Store | None = None
        self._ending = False
        self._connectors: dict[str, Connector] = {}
        self._thinker: Thinker | None = None
        self._turns: Turns | None = None
        self._deliveries: Deliveries | None = None
        self._lines: Lines | None = None
        self.backlog: Backlog | None = None
        """Whether more may be accepted, once it listens."""
        self.url = ""
        """Where it listens."""

    # --- starting

    async def start(self, *, host: str | None = None, port: int | None = None) -> None:
        """Open the store, listen, and begin to work.

        Accepting begins at once; turns begin when the brain has learnt.

        Raises:
            StoreUnusable: the store cannot be opened.
            OSError: the address is taken.
        """
        try:
            await self._start(host=host, port=port)
        except BaseException:
            await self.stop()
            raise

    async def _start(self, *, host: str | None, port: int | None) -> None:
        settings, clock = self._settings, self._clock
        store = make_store(settings, folder=self._folder, clock=clock)
        await store.open()
        self._store = store
        self._stack.push_async_callback(store.close)
        wakes = [Wake(clock=clock, next_due=store.next_due) for _ in range(3)]
        await self._open_channels(store)
        self._connectors = await self._open_connectors()
        self._open_desk(store, wakes[0])
        self._brain = await self._open_brain(settings, clock=clock, stack=self._stack, book=store)
        self._thinker = self._thinking(store, self._brain)
        followers = Followers(store=store, clock=clock)
        announcer = Announcer(store=store, tell=self._tell, clock=clock)
        alarms = ChannelAlarms(store, ring=announcer.ring)
        self._start_workers(store, self._brain, followers, *wakes, alarms=alarms)
        self._begin("announcements", announcer.run())
        intake = Intake(
            store=store,
            clock=clock,
            figures=self._figures,
            turns=wakes[0],
            announce=announcer.ring,
            passing=self._passing,
        )
        self.backlog = Backlog(store=store, clock=clock)
        self._begin("backlog", self.backlog.run())
        self._lines = Lines(
            settings=settings,
            store=store,
            intake=intake,
            backlog=self.backlog,
            deliveries=wakes[1],
            alarms=alarms,
            clock=clock,
            rng=random.Random(),  # noqa: S311 - jitter between retries is no secret
        )
        await self._listen(intake, followers, self.backlog, wakes[1], host=host, port=port)
        self._begin("learn", self._follow_articles(self._brain))
        if self._source is not None:
            self._begin("follow", self._follow(self._source, store, self._brain))
        for name, adapter in self._adapters.items():
            self._begin(f"line {name}", self._lines.channel(adapter))
        if self._desk is not None:
            self._begin("line desk", self._lines.desk(self._desk))
        _log.info("started", url=self.url, channels=sorted(self._adapters))

    async def _open_channels(self, store: Store) -> None:
        session = await self._stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S))
        )
        for name, section in self._settings.channels.items():
            adapter = build_adapter(
                name,
                section,
                session=session,
                clock=self._clock,
                public_url=self._settings.server.public_url,
                book=store,
            )
            self._adapters[name] = adapter
            self._stack.push_async_callback(adapter.close)

    async def _open_connectors(self) -> dict[str, Connector]:
        connectors: dict[str, Connector] = {}
        for name, section in self._settings.connectors.items():
            if isinstance(section, HttpSettings):
                connectors[name] = await self._stack.enter_async_context(
                    open_http_connector(section, clock=self._clock)
                )
        return connectors

    def _open_desk(self, store: Store, turns: Wake) -> None:
        if self._settings.desk is not None:
            names = Names(store=store, adapters=self._adapters, clock=self._clock, turns=turns)
            self._desk = make_desk(
                self._settings.desk,
                store=store,
                clock=self._clock,
                address_of=address_maker(
                    self._adapters, own_url=lambda: self._own_urls()[-1], clock=self._clock
                ),
                named=names.named,
                backing=lambda: self._backing,
            )
            self._stack.push_async_callback(self._desk.close)

    def _thinking(self, store: Store, brain: ServiceBrain) -> Thinker:
        """Make what takes turns, for the configuration in force."""
        engine = Engine(
            settings=self._settings,
            connectors=self._connectors,
            clock=self._clock,
            ledger=store.calls,
            used=store.used,
        )
        return Thinker(
            store=store,
            brain=brain,
            engine=engine,
            settings=self._settings,
            adapters=self._adapters,
            clock=self._clock,
            figures=self._figures,
            passing=self._passing,
            published=lambda: self._backing.published,
            written=lambda: self._backing.written,
        )

    def _thinker_in_force(self) -> Thinker:
        if self._thinker is None:
            raise RuntimeError("the service has not started")
        return self._thinker

    def _start_workers(
        self,
        store: Store,
        brain: ServiceBrain,
        followers: Followers,
        *wakes: Wake,
        alarms: ChannelAlarms,
    ) -> None:
        for_turns, for_deliveries, for_timers = wakes
        self._turns = Turns(
            store=store,
            brain=brain,
            thinker=self._thinker_in_force,
            clock=self._clock,
            figures=self._figures,
            wake=for_turns,
            deliveries=for_deliveries,
            written=followers.ring,
            passing=self._passing,
        )
        self._deliveries = Deliveries(
            store=store,
            settings=lambda: self._settings,
            adapters=self._adapters,
            desk=None if self._desk is None else self._desk.deliver,
            clock=self._clock,
            figures=self._figures,
            wake=for_deliveries,
            turns=for_turns,
            rng=random.Random(),  # noqa: S311 - jitter between retries is no secret
            alarms=alarms,
            written=followers.ring,
            passing=self._passing,
        )
        timers = Timers(
            store=store,
            clock=self._clock,
            wake=for_timers,
            turns=for_turns,
            passing=self._passing,
        )
        self._begin("turns", self._turns.run())
        self._begin("deliveries", self._deliveries.run())
        self._begin("timers", timers.run())
        knocking = knock(
            self._deliveries, adapters=self._adapters, alarms=alarms, clock=self._clock
        )
        self._begin("knocking", knocking)
        leases = keep_leases(
            store,
            works=self._turns.works,
            deliveries=self._deliveries.under_way,
            clock=self._clock,
        )
        self._begin("leases", leases)
        upkeep = keep_up(
            make_care=lambda: make_care(self._settings, folder=self._folder),
            settings=lambda: self._settings,
            clock=self._clock,
        )
        self._begin("upkeep", upkeep)
        self._begin("followers", followers.run())
        heard = {
            News.TURNS: for_turns.set,
            News.DELIVERIES: for_deliveries.set,
            News.LOG: followers.ring_all,
        }
        store.on_news(lambda news: heard[news]())
        store.on_hint(lambda conversation: followers.hint(conversation, TYPING))

    async def _listen(
        self,
        intake: Intake,
        followers: Followers,
        backlog: Backlog,
        deliveries: Wake,
        *,
        host: str | None,
        port: int | None,
    ) -> None:
        alarm = StoreAlarm(store=intake.store, tell=self._tell, clock=self._clock)
        self._begin("alarm", alarm.run())
        silence = Silence(
            channels=lambda: tuple(self._adapters),
            figures=self._figures,
            make_care=lambda: make_care(self._settings, folder=self._folder),
            tell=self._tell,
            clock=self._clock,
        )
        self._begin("silence", silence.run())
        front = Front(
            intake=intake,
            backlog=backlog,
            adapters=self._adapters,
            desk=self._desk,
            clock=self._clock,
            figures=self._figures,
            turns=intake.turns,
            deliveries=deliveries,
            readiness=self.missing,
            refused=alarm.set,
            chats=Chats(
                followers=followers,
                settings=lambda: self._settings,
                own_urls=self._own_urls,
                limits=self._chat_limits,
            ),
            passing=self._passing,
        )
        runner = web.AppRunner(
            front.application(), access_log=None, handle_signals=False, shutdown_timeout=CLOSE_S
        )
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        address = host or self._settings.server.host
        site = web.TCPSite(runner, address, self._settings.server.port if port is None else port)
        await site.start()
        bound = runner.addresses[0]
        self.url = f"http://{bound[0]}:{bound[1]}"

    def _own_urls(self) -> tuple[str, ...]:
        public = self._settings.server.public_url
        return (self.url,) if public is None else (self.url, public)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._workers[name] = asyncio.create_task(work, name=name)
        self._workers[name].add_done_callback(_tell_of_end)

    # --- what happens in the background

    async def _learn(self, brain: ServiceBrain) -> tuple[ArticleProblem, ...]:
        """Take the articles that are on disk; gives those that were refused."""
        async with self._learning:
            shelf = self._shelf_in_force()
            before = shelf.articles
            problems = await asyncio.to_thread(shelf.read)
            for one in problems:
                _log.warning("article left out", file=one.file, key=one.key, why=one.why)
            articles = shelf.articles
            brand = self._settings.brand
            learnt, self._backing = await asyncio.gather(
                asyncio.to_thread(self._learn_from, self._settings, articles),
                asyncio.to_thread(
                    backing,
                    brand.links,
                    in_use(articles, self._settings),
                    brand.order_ids,
                    own_lines(brand),
                ),
            )
            brain.learn(learnt)
            changed = differences(before, articles) if before else ()
            _log.info("brain ready", articles=len(articles), changed=changed[:CHANGES_MAX])
        return problems

    async def _follow_articles(self, brain: ServiceBrain) -> None:
        """Learn now, and again whenever the articles change."""
        seen = await asyncio.to_thread(look, self._shelf_in_force().folder)
        problems = await self._learn(brain)
        if problems:
            await self._tell(left_out(problems))
        await follow_articles(
            folder=lambda: self._shelf_in_force().folder,
            read=lambda: self._learn(brain),
            tell=self._tell,
            clock=self._clock,
            seen=seen,
            told=problems,
        )

    def _shelf_in_force(self) -> Shelf:
        wanted = self._shelf_of(self._settings)
        if self._shelf.folder != wanted.folder:
            self._shelf = wanted
        return self._shelf

    def _shelf_of(self, settings: Settings) -> Shelf:
        section = settings.knowledge
        return Shelf(self._folder / section.folder, named="folder" in section.model_fields_set)

    async def _follow(self, source: Source, store: Store, brain: ServiceBrain) -> None:
        """Put changes of the configuration file into force."""

        async def apply(settings: Settings) -> None:
            old, self._settings = self._settings, settings
            brain.follow(settings)
            self._thinker = self._thinking(store, brain)
            if self._desk is not None and settings.desk is not None:
                self._desk.follow(settings.desk)
            if (old.brand, old.topics, old.knowledge) != (
                settings.brand,
                settings.topics,
                settings.knowledge,
            ):
                try:
                    await self._learn(brain)
                except Exception:
                    # The stages stay in force; what is to be understood is tried with the next
                    # change again.
                    learnt = {each: getattr(old, each) for each in ("brand", "topics", "knowledge")}
                    self._settings = settings.model_copy(update=learnt)
                    brain.follow(self._settings)
                    self._thinker = self._thinking(store, brain)
                    raise

        await follow(
            source, running=lambda: self._settings, apply=apply, tell=self._tell, clock=self._clock
        )

    async def _tell(self, text: str) -> bool:
        """Say something at the desk, if there is one; False where it could not be said."""
        if self._desk is None:
            return True
        try:
            await self._desk.tell(text)
        except SendError as error:
            _log.warning("desk not told", failure=error.failure)
            return False
        return True

    async def missing(self) -> Mapping[str, str]:
        """Name what is not ready, and why."""
        missing = {} if self._lines is None else dict(self._lines.missing())
        if self._ending:
            missing["service"] = "it is ending"
        if self._deliveries is not None:
            missing |= dict.fromkeys(self._deliveries.resting(), "its platform is down")
            missing |= dict.fromkeys(self._deliveries.stopped, "its credentials are refused")
        if self._brain is None or not self._brain.ready:
            missing["brain"] = "still learning"
        for name, task in self._workers.items():
            if task.done() and not task.cancelled() and task.exception() is not None:
                missing[name] = f"ended: {type(task.exception()).__name__}"
        try:
            if self._store is not None:
                await self._store.counts()
                await self._store.probe()
        except StoreUnavailable as error:
            missing["store"] = str(error)
        return missing

    async def ready(self) -> None:
        """Wait until nothing is missing."""
        while await self.missing():
            await self._clock.sleep(0.05)

    # --- stopping

    async def stop(self) -> None:
        """Take nothing new, finish what is under way (at most `DRAIN_S`), let go of everything."""
        # Whoever balances sends no more; what comes nevertheless is kept, for the others to answer.
        self._ending = True
        lines = [name for name in self._workers if name.startswith("line ")]
        for name in (*lines, "turns", "timers"):
            await self._end(name)
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(DRAIN_S):
                if self._turns is not None:
                    await self._turns.drain()
                if self._deliveries is not None:
                    self._deliveries.finish()
                    await asyncio.gather(self._workers.pop("deliveries"), return_exceptions=True)
                    await self._deliveries.drain()
        for name in list(self._workers):
            await self._end(name)
        await self._stack.aclose()
        _log.info("stopped")

    async def _end(self, name: str) -> None:
        task = self._workers.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _tell_of_end(worker: asyncio.Task[None]) -> None:
    """Log a fault that ended a worker: nobody waits for it, and the others go on."""
    fault = None if worker.cancelled() else worker.exception()
    if fault is not None:
        _log.error("worker ended", worker=worker.get_name(), exc_info=fault)
