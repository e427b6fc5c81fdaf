"""For the person who waits: what is being done, how far it is, and how long it will take still."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

#: Says what comes next, and counts one step of work as done with each call but the first.
Step = Callable[[str], None]


@contextmanager
def steps(console: Console, title: str, total: int) -> Iterator[Step]:
    """Show a bar over ``total`` steps.

    Yields
    ------
    callable
        To be called with what is done next, before each step.
    """
    # A step takes from a second to minutes: the speed of the last few says little, that of all says enough.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    remaining = TimeRemainingColumn(compact=True)
    with Progress(*columns, TextColumn("left"), remaining, console=console, speed_estimate_period=3600) as bar:
        task = bar.add_task(title, total=total)
        started = False

        def step(what: str) -> None:
            nonlocal started
            bar.update(task, description=f"{title}: {what}", advance=int(started))
            started = True

        yield step
        bar.update(task, description=title, completed=total)
