"""What the demo shows: steps with their times, live on a terminal and as plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNS = {"done": "[green]✓[/]", "failed": "[red]✗[/]"}
REPEAT_SECONDS = 5.0


@dataclass
class Step:
    """One line of the display.

    Attributes
    ----------
    title, detail
        What is done, and how far it is.
    status
        ``running``, ``done`` or ``failed``.
    """

    title: str
    detail: str = ""
    status: str = "running"
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    _spinner: Spinner = field(default_factory=lambda: Spinner("dots"))
    _shown: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (self.ended or time.monotonic()) - self.started


class Screen:
    """The steps of a demo.

    Parameters
    ----------
    console
        Where they are shown; live where it is a terminal.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._steps: list[Step] = []
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8, transient=False)

    @contextmanager
    def live(self) -> Iterator[Screen]:
        """Show steps while the block runs."""
        if not self.console.is_terminal:
            yield self
            return
        with self._live:
            yield self

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A step that lasts as long as the block."""
        step = self.begin(title)
        try:
            yield step
        except BaseException:
            self.end(step, failed=True)
            raise
        self.end(step)

    def begin(self, title: str) -> Step:
        """Start a step."""
        step = Step(title)
        self._steps.append(step)
        self._plain(f"… {title}")
        return step

    def update(self, step: Step, detail: str) -> None:
        """Say how far a step is."""
        changed = detail != step.detail
        step.detail = detail
        if changed and time.monotonic() - step._shown > REPEAT_SECONDS:
            step._shown = time.monotonic()
            self._plain(f"  {step.title}: {detail}")

    def end(self, step: Step, *, failed: bool = False) -> None:
        """End a step."""
        step.ended = time.monotonic()
        step.status = "failed" if failed else "done"
        sign = "✗" if failed else "✓"
        self._plain(f"{sign} {step.title} ({step.seconds:.1f} s){f': {step.detail}' if step.detail else ''}")

    def note(self, text: str) -> None:
        """Print a remark above the steps."""
        self.console.print(escape(text), style="dim", soft_wrap=True, highlight=False)

    def _plain(self, line: str) -> None:
        if not self.console.is_terminal:
            self.console.print(escape(line), soft_wrap=True, highlight=False)

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="ellipsis", no_wrap=True, style="dim")
        for step in self._steps:
            sign: RenderableType = step._spinner if step.status == "running" else Text.from_markup(SIGNS[step.status])
            table.add_row(sign, escape(step.title), f"{step.seconds:.1f} s", escape(step.detail))
        return Group(table)
