"""What a visitor of the sandbox page may do: each wish is read strictly, then done by stand-ins.

Presses and modals go through Slack's stand-in, which signs them as Slack would; messages through
the platforms' stand-ins, which deliver them as the platforms would. The page has no other way in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from socialcare.demo.brains import BrainName, Brains
from socialcare.demo.phones import Phone, Platform
from socialcare.demo.running import NotReadyError
from socialcare.demo.troubles import Troubles
from socialcare.demo.visitors import Visitors
from socialcare.demo.world import World
from socialcare.sandbox.slack_delivery import Answer
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message

Json = dict[str, Any]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
INPUTS_MAX = 20


class Unfit(Exception):
    """A wish that cannot be done; its words are shown to the visitor."""


class Wish(BaseModel):
    """What the page sends along."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Enter(Wish):
    """Bring a customer in."""

    channel: Id
    name: Name


class Write(Wish):
    """Write as a customer."""

    channel: Id
    phone: Id
    text: Words
    public: bool = False


class PressButton(Wish):
    """Press a button under a message, as a customer."""

    channel: Id
    phone: Id
    value: Id


class DeskPress(Wish):
    """Press a button at the desk."""

    colleague: Id
    channel: Id
    ts: Id
    action: Id
    value: Annotated[str, StringConstraints(max_length=2_000)] = ""


class Submit(Wish):
    """Send a modal off, or close it."""

    colleague: Id
    values: dict[Id, Annotated[str, StringConstraints(max_length=4_000)]] = {}
    close: bool = False


class ThreadReply(Wish):
    """Write in a thread of the desk."""

    colleague: Id
    channel: Id
    ts: Id
    text: Words


class Named(Wish):
    """A story to be played, a trouble to be armed."""

    name: Id


class Choose(Wish):
    """Which brain shall answer."""

    brain: BrainName


class Nothing(Wish):
    """Says all by its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The visitor's hands."""

    world: World
    platforms: Mapping[str, Platform]
    troubles: Troubles
    brains: Brains
    visitors: Visitors
    play: Callable[[str], None]
    """Begins a story; raises `LookupError`."""

    def table(self) -> Mapping[str, tuple[type[Wish], Callable[[Any], Awaitable[Json]]]]:
        """Name what may be done, with the shape of its wish."""
        return {
            "enter": (Enter, self._enter),
            "write": (Write, self._write),
            "press": (PressButton, self._press),
            "desk/press": (DeskPress, self._desk_press),
            "desk/submit": (Submit, self._submit),
            "desk/reply": (ThreadReply, self._reply),
            "story": (Named, self._story),
            "trouble": (Named, self._trouble),
            "calm": (Nothing, self._calm),
            "brain": (Choose, self._brain),
        }

    # --- customers

    async def _enter(self, wish: Enter) -> Json:
        phone = await self.visitors.enter(self._platform(wish.channel), wish.name)
        return {"channel": wish.channel, "phone": phone.id}

    async def _write(self, wish: Write) -> Json:
        try:
            await self._phone(wish.channel, wish.phone).write(wish.text, public=wish.public)
        except (ValueError, OverflowError) as error:
            raise Unfit(str(error)) from error
        return {}

    async def _press(self, wish: PressButton) -> Json:
        try:
            await self._phone(wish.channel, wish.phone).press(wish.value)
        except LookupError as error:
            raise Unfit("that button is gone") from error
        return {}

    def _platform(self, name: str) -> Platform:
        if name not in self.platforms:
            raise Unfit("no such channel")
        return self.platforms[name]

    def _phone(self, channel: str, name: str) -> Phone:
        phone = self._platform(channel).phones.get(name)
        if phone is None:
            raise Unfit("no such customer")
        return phone

    # --- the desk

    async def _desk_press(self, wish: DeskPress) -> Json:
        colleague = self._colleague(wish.colleague)
        try:
            answer = await colleague.press(
                self._message(colleague, wish.channel, wish.ts),
                wish.action,
                value=wish.value or None,
            )
        except LookupError as error:
            raise Unfit("that button is gone") from error
        return _answered(answer)

    async def _submit(self, wish: Submit) -> Json:
        colleague = self._colleague(wish.colleague)
        if len(wish.values) > INPUTS_MAX:
            raise Unfit("more inputs than any modal has")
        try:
            if wish.close:
                answer = await colleague.close()
                return {} if answer is None else _answered(answer)
            return _answered(await colleague.submit(values=wish.values))
        except LookupError as error:
            raise Unfit("that modal is gone") from error
        except ValueError as error:
            raise Unfit(str(error)) from error

    async def _reply(self, wish: ThreadReply) -> Json:
        colleague = self._colleague(wish.colleague)
        message = self._message(colleague, wish.channel, wish.ts)
        await colleague.write_in_thread(message, wish.text)
        return {}

    def _colleague(self, name: str) -> Colleague:
        found = {one.id: one for one in self.world.colleagues}
        if name not in found:
            raise Unfit("no such colleague")
        return found[name]

    def _message(self, colleague: Colleague, channel: str, ts: str) -> Message:
        found = self.world.slack.workspace.channels.get(channel)
        message = found.messages.get(ts) if found else None
        if message is None:
            whispered = (one for one in colleague.ephemerals if one.ts == ts)
            message = next(whispered, None)
        if message is None:
            raise Unfit("that message is gone")
        return message

    # --- what happens by itself, or goes wrong

    async def _story(self, wish: Named) -> Json:
        if self.brains.chosen is not BrainName.EMBEDDED:
            raise Unfit("Stories are checked word by word: choose the built-in brain for them.")
        try:
            self.play(wish.name)
        except LookupError as error:
            raise Unfit("no such story") from error
        return {}

    async def _trouble(self, wish: Named) -> Json:
        try:
            self.troubles.arm(wish.name)
        except LookupError as error:
            raise Unfit(str(error)) from error
        return {}

    async def _calm(self, _: Nothing) -> Json:
        self.troubles.clear()
        return {}

    async def _brain(self, wish: Choose) -> Json:
        self.troubles.clear()
        try:
            await self.brains.choose(wish.brain)
        except NotReadyError as error:
            raise Unfit("the service did not come up again") from error
        return {}


def _answered(answer: Answer) -> Json:
    """Say what Slack would show a colleague whose press failed."""
    if not answer.ok:
        raise Unfit("Slack: the app did not answer. Try again.")
    return {}
