"""``python -m demo``: turn a CSV into a model on this machine."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from demo import report
from demo.errors import DemoError
from demo.module import REPOSITORY
from demo.pipeline import run
from demo.screen import Screen
from demo.settings import Settings, check, collect, own_runtime
from demo.workspace import workspace
from terraform_cli import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

FAILED = 1
ROOM = "Make room, or name folders on another disk with TMPDIR=... and OUT=..."
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the demo.

    Returns
    -------
    int
        0 with a model, 1 where the run or the set-up failed, 130 after Ctrl-C.
    """
    console = Console(highlight=False)
    errors = Console(stderr=True, highlight=False)
    try:
        with _interruptible():
            return _demo(console, errors, arguments)
    except (DemoError, TerraformError) as error:
        errors.print(f"[bold red]Error:[/] {escape(str(error))}", soft_wrap=True)
        return FAILED
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        advice = f" {ROOM}" if error.errno == errno.ENOSPC else ""
        errors.print(f"[bold red]Error:[/] {escape(f'{error.strerror or error}{where}')}.{advice}", soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        errors.print("\nInterrupted; everything that was started has been ended.")
        return INTERRUPTED


def _demo(console: Console, errors: Console, arguments: list[str] | None) -> int:
    settings = _settings(arguments)
    check(settings)
    _introduce(console, settings)
    screen = Screen(console)
    with workspace(settings.out, settings.cache) as folders:
        with screen.live():
            finished = run(settings, screen, folders)
        if not finished.succeeded:
            report.show_failure(errors, finished)
            return FAILED
        if "passed_over" in finished.output:
            report.show_passed_over(errors, finished)
            return FAILED
        report.show_success(console, finished, settings.out)
    console.print(f"[dim]Everything of this run lies in {escape(str(settings.out))}[/]", soft_wrap=True)
    return 0


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn signals into ``KeyboardInterrupt`` for the length of the block, so that everything is cleaned up.

    Only the first counts: a second one must not stop the cleaning up. SIGINT is among them because shells start
    background jobs with it ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(number: int, frame: FrameType | None) -> None:
        for ignored in numbers:
            signal.signal(ignored, signal.SIG_IGN)
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _settings(arguments: list[str] | None) -> Settings:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--csv", type=Path, help="a CSV or TSV file, also gzipped, or a folder; else a sample")
    parser.add_argument("--settings", type=Path, help="the module's variables, as .tfvars; the options below win")
    parser.add_argument("--mode", help="skipgram (the default), cbow, batch_skipgram or supervised")
    parser.add_argument("--text-column", help="review_body by default")
    parser.add_argument("--label-column", help="star_rating by default; used in supervised mode only")
    parser.add_argument("--label-map", help="what becomes of each label, e.g. 1=bad,2=bad,4=good,5=good")
    parser.add_argument("--delimiter", help="a comma, or a tab for .tsv files, by default")
    parser.add_argument("--encoding", help="utf-8 by default")
    parser.add_argument("--validation-fraction", type=float)
    parser.add_argument("--hyperparameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--out", type=Path, default=REPOSITORY / ".local", help="folder for what the run leaves")
    parser.add_argument("--cache", type=Path, default=REPOSITORY / ".local" / "cache", help="folder kept between runs")
    parser.add_argument("--sample-rows", type=int, default=20_000, help="size of the sample")
    parser.add_argument(
        "--runtime", default=own_runtime(), help="runtime of the Lambda; by default that of this Python"
    )
    options = parser.parse_args(arguments)
    return collect(
        options.settings and options.settings.expanduser(),
        _variables(options),
        csv=options.csv and options.csv.expanduser(),
        out=options.out.expanduser().resolve(),
        cache=options.cache.expanduser().resolve(),
        sample_rows=options.sample_rows,
        runtime=options.runtime,
    )


def _variables(options: argparse.Namespace) -> dict[str, Any]:
    """The module's variables, as far as options name them."""
    corpus = {
        name: getattr(options, name)
        for name in ("text_column", "label_column", "delimiter", "encoding", "validation_fraction")
        if getattr(options, name) is not None
    }
    if options.label_map:
        corpus["label_map"] = _pairs(options.label_map.split(","), "--label-map")
    training: dict[str, Any] = {"mode": options.mode} if options.mode else {}
    if options.hyperparameter:
        training["hyperparameters"] = _pairs(options.hyperparameter, "--hyperparameter")
    return {"corpus": corpus, "training": training}


def _pairs(items: list[str], option: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in items]
    if not all(name and value for name, _, value in pairs):
        raise DemoError(f"{option} takes NAME=VALUE, not {items}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _introduce(console: Console, settings: Settings) -> None:
    source = settings.csv or f"a sample of {settings.sample_rows:,} reviews"
    files = f", {len(settings.folder.files):,} files" if settings.folder else ""
    console.print(f"[bold]{settings.mode}[/] on {escape(str(source))}{files}", soft_wrap=True)
    label_map = settings.chosen["corpus"].get("label_map")
    if label_map and settings.mode == "supervised":
        labels = ", ".join(f"{old} → {new}" for old, new in label_map.items())
        console.print(f"Labels: {escape(labels)}; rows with another one are dropped", soft_wrap=True)
    if settings.left_out:
        console.print(f"Left out, as only your account has them: {', '.join(settings.left_out)}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
