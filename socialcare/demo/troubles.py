"""What a visitor may let go wrong, and how far it has: nothing is lost by it, nothing doubled."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from socialcare.demo.running import Keeper
from socialcare.demo.world import World
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.watching import NotSeenError

PATIENCE_S = 3_600.0
"""Seconds that an armed trouble waits for its moment; a visitor may take a break."""
PAID_S = 5.0
HINT_S = 3
"""Seconds that a platform asks to wait with its 429."""
NO_MODEL = "No model to lose: choose it above “What the turn did” first."
SLOW_S = 1.5
"""Below the connector's timeout of 2 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that can go wrong."""

    name: str
    title: str
    what: str
    """What happens, and what to look for."""
    needs_model: bool = False
    """Only where a language model answers; it lasts until it is pressed again."""


TROUBLES = (
    Trouble(
        name="too_many",
        title="Telegram says 429",
        what=f"The next reply is refused (“retry after {HINT_S}”): it waits, then goes out once.",
    ),
    Trouble(
        name="duplicate",
        title="Telegram delivers twice",
        what="The next message comes twice: it is stored once and answered once.",
    ),
    Trouble(
        name="answer_lost",
        title="Telegram's answer is lost",
        what="The next reply arrives, but nobody is told. Telegram cannot be asked, so it is sent "
        "again: the one case in which a customer may read something twice.",
    ),
    Trouble(
        name="shop_times_out",
        title="Shop times out after paying",
        what="The next refund is paid, but the answer never comes. The shop is asked by key before "
        "anything is tried again: one refund.",
    ),
    Trouble(
        name="shop_slow",
        title="Shop is slow",
        what="The next look-up of an order takes its time: the customer sees typing.",
    ),
    Trouble(
        name="desk_429",
        title="Slack says 429",
        what="The next post at the desk has to wait: the customer does not notice.",
    ),
    Trouble(
        name="model_down",
        title="Model is down",
        what="Every call to it is cut off until you press again: the built-in brain takes over, "
        "and customers notice nothing. Afterwards the model is asked again within half a minute.",
        needs_model=True,
    ),
    Trouble(
        name="kill",
        title="Kill the service",
        what="kill -9, now. Write meanwhile: Telegram keeps it, the next process answers.",
    ),
    Trouble(
        name="kill_in_refund",
        title="Kill it in mid-refund",
        what="kill -9 at the moment the shop has paid the next refund and before anybody could "
        "write that down. The next process asks the shop by key: one refund.",
    ),
)


_FAULTS: Mapping[str, tuple[str, str, Fault]] = {
    "too_many": ("telegram", "sendMessage", Fault(kind="too_many", retry_after=HINT_S)),
    "answer_lost": ("telegram", "sendMessage", Fault(kind="answer_lost")),
    "duplicate": ("telegram", "webhook", Fault(kind="duplicate")),
    "desk_429": ("slack", "chat.postMessage", Fault(kind="too_many", retry_after=HINT_S)),
    "shop_slow": ("shop", "order", Fault(kind="slow", seconds=SLOW_S)),
    "shop_times_out": ("shop", "refund", Fault(kind="hang", after_effect=True)),
    "kill_in_refund": ("shop", "refund", Fault(kind="hang", after_effect=True)),
}
"""By trouble: whose call is spoiled, which, and how."""


class Troubles:
    """Arms troubles and watches them strike."""

    def __init__(
        self,
        world: World,
        keeper: Keeper,
        *,
        has_model: Callable[[], bool],
        told: Callable[[], None],
    ) -> None:
        """Take the stage.

        Args:
            world: The stand-ins.
            keeper: The service.
            has_model: Whether a language model answers now.
            told: Called when one was armed or has struck.
        """
        self.armed: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self._world = world
        self._keeper = keeper
        self._has_model = has_model
        self._told = told
        self._plans = {
            "telegram": world.telegram.faults,
            "slack": world.slack.faults,
            "shop": world.shop.faults,
            "model": world.model.faults,
        }
        self._queues: dict[tuple[str, str], deque[str]] = {}
        self._watching: set[asyncio.Task[None]] = set()

    def arm(self, name: str) -> None:
        """Let something go wrong at its next occasion; raises `LookupError`."""
        if missing := self.missing(name):
            raise LookupError(missing)
        if name in _FAULTS:
            who, where, fault = _FAULTS[name]
            self._plan(name, who, where, fault)
        elif name == "model_down":
            self._cut_model(name)
        elif self._keeper.kill():
            self.struck[name] += 1
        self._told()

    def missing(self, name: str) -> str:
        """Say why a trouble cannot be tried now; empty: it can. Raises `LookupError`."""
        known = {one.name: one for one in TROUBLES}
        if known[name].needs_model and not self._has_model():
            return NO_MODEL
        return ""

    def _cut_model(self, name: str) -> None:
        """Take the model away, or give it back."""
        plan = self._plans["model"]
        if self.armed[name]:
            self.armed[name] = 0
            plan.clear()
            return
        self.armed[name] = 1
        plan.until_cleared("completions", Fault(kind="reset"))
        task = asyncio.create_task(self._watch_model(name, plan.spoiled("completions")))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch_model(self, name: str, before: int) -> None:
        """Count the calls that are cut off."""
        plan = self._plans["model"]
        with contextlib.suppress(NotSeenError):
            while self.armed[name]:
                await plan.met("completions", times=before + 1, patience_s=PATIENCE_S)
                before = plan.spoiled("completions")
                self.struck[name] += 1
                self._told()

    def clear(self) -> None:
        """Take back what is armed, and let what hangs go on."""
        for plan in self._plans.values():
            plan.clear()
        self._queues.clear()
        self.armed.clear()
        for task in self._watching:
            task.cancel()
        self._told()

    async def stop(self) -> None:
        """Watch no longer."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    def _plan(self, name: str, who: str, where: str, fault: Fault) -> None:
        plan = self._plans[who]
        plan.next(where, fault)
        self.armed[name] += 1
        queue = self._queues.setdefault((who, where), deque())
        queue.append(name)
        strikes = _Strike(
            plan=plan,
            where=where,
            times=plan.spoiled(where) + len(queue),
            paid=self._paid() + len(queue),
            queue=queue,
        )
        task = asyncio.create_task(self._watch(strikes))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch(self, strike: "_Strike") -> None:
        """Wait until a call has met this fault, and do what belongs to it."""
        try:
            await strike.plan.met(strike.where, times=strike.times, patience_s=PATIENCE_S)
        except NotSeenError:
            return
        name = strike.queue.popleft()
        self.armed[name] -= 1
        self.struck[name] += 1
        self._told()
        if name == "kill_in_refund":
            with contextlib.suppress(NotSeenError):
                await self._world.shop.changes.until(
                    lambda: self._paid() >= strike.paid or None,
                    patience_s=PAID_S,
                    expected=lambda: "the refund in the books",
                )
            self._keeper.kill()
            strike.plan.release()

    def _paid(self) -> int:
        """Count the refunds that the shop was asked for."""
        return sum(call.route == "refund" for call in self._world.shop.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strike:
    """A fault on its way to the call that meets it."""

    plan: FaultPlan
    where: str
    times: int
    """Faults met there when it has struck."""
    paid: int
    """Refunds asked for when it has struck one of them."""
    queue: deque[str]
    """Names of the troubles that wait there, in order."""
