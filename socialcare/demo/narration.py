"""Tells a story in the terminal while it happens: who said what, what was done, what was seen."""

from datetime import datetime
from typing import Protocol

from rich.console import Console
from rich.text import Text

from conversation.clock import Clock

WIDTH = 12
"""Columns of the speaker's name."""


class Telling(Protocol):
    """Whoever is told a story while it is played."""

    def begin(self, title: str) -> None:
        """Start a story."""
        ...

    def customer(self, name: str, text: str) -> None:
        """Something the customer wrote."""
        ...

    def bot(self, text: str) -> None:
        """Something the bot wrote to the customer."""
        ...

    def colleague(self, name: str, text: str) -> None:
        """Something a colleague did or wrote."""
        ...

    def desk(self, text: str) -> None:
        """Something that appeared at the desk."""
        ...

    def shop(self, text: str) -> None:
        """Something the shop's books say."""
        ...

    def end(self, problem: str | None) -> None:
        """Close the story with its verdict; None: it ended as it must."""
        ...


class Narrator:
    """Prints a story line by line, with the seconds since it began."""

    def __init__(self, console: Console, *, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._began: datetime = clock.now()

    def begin(self, title: str) -> None:
        """Start a story."""
        self._began = self._clock.now()
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def customer(self, name: str, text: str) -> None:
        """Something the customer wrote."""
        self._line(name, text, "cyan")

    def bot(self, text: str) -> None:
        """Something the bot wrote to the customer."""
        self._line("bot", text, "green")

    def colleague(self, name: str, text: str) -> None:
        """Something a colleague did or wrote."""
        self._line(name, text, "magenta")

    def desk(self, text: str) -> None:
        """Something that appeared at the desk."""
        self._line("desk", text, "yellow")

    def shop(self, text: str) -> None:
        """Something the shop's books say."""
        self._line("shop", text, "blue")

    def end(self, problem: str | None) -> None:
        """Close the story with its verdict."""
        if problem is None:
            self._console.print(Text("  as it must be", style="bold green"))
        else:
            self._console.print(Text(f"  NOT as it must be: {problem}", style="bold red"))

    def _line(self, who: str, text: str, style: str) -> None:
        at = (self._clock.now() - self._began).total_seconds()
        first, *rest = [line for line in text.splitlines() if line.strip()] or [""]
        head = Text(f"  {at:5.1f} s  ", style="dim")
        head.append(f"{who[:WIDTH]:<{WIDTH}} ", style=style)
        head.append(first)
        self._console.print(head)
        for line in rest:
            self._console.print(Text(" " * (11 + WIDTH) + line))
