"""``python -m demo``: turn a CSV into a model on this machine."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from demo import report
from demo.pipeline import REPOSITORY, run
from demo.screen import Screen
from demo.settings import MODES, SAMPLE_LABEL_MAP, DemoError, Folder, Settings, check
from terraform_cli import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

FAILED = 1
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
    except KeyboardInterrupt:
        errors.print("\nInterrupted; everything that was started has been ended.")
        return INTERRUPTED


def _demo(console: Console, errors: Console, arguments: list[str] | None) -> int:
    settings = _settings(arguments)
    check(settings)
    _introduce(console, settings)
    screen = Screen(console)
    with tempfile.TemporaryDirectory(prefix="demo-") as workdir, screen.live():
        finished = run(settings, screen, Path(workdir))
    if not finished.succeeded:
        report.show_failure(errors, finished)
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
    parser.add_argument("--mode", default="skipgram", help=", ".join(MODES))
    parser.add_argument("--text-column", default="review_body")
    parser.add_argument("--label-column", default="star_rating", help="used in supervised mode only")
    parser.add_argument("--label-map", help="what becomes of each label, e.g. 1=bad,2=bad,4=good,5=good")
    parser.add_argument("--delimiter", help="a comma, or a tab for .tsv files, by default")
    parser.add_argument("--encoding", default="utf-8", help="utf-8, utf-16, cp932 or euc_jp")
    parser.add_argument("--validation-fraction", type=float, default=0.1)
    parser.add_argument("--hyperparameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--out", type=Path, default=REPOSITORY / ".local", help="folder for what the run leaves")
    parser.add_argument("--cache", type=Path, default=REPOSITORY / ".local" / "cache", help="folder kept between runs")
    parser.add_argument("--sample-rows", type=int, default=20_000, help="size of the sample")
    parser.add_argument("--runtime", help="runtime of the Lambda; by default that of this Python")
    options = parser.parse_args(arguments)
    supervised = options.mode == "supervised"
    label_map = _pairs(options.label_map.split(","), "--label-map") if options.label_map else None
    if supervised and options.csv is None and label_map is None:
        label_map = SAMPLE_LABEL_MAP
    csv = options.csv and options.csv.expanduser()
    first = next(iter(Folder(csv).tables), csv) if csv and csv.is_dir() else csv
    tabs = first is not None and ".tsv" in first.name.lower()
    chosen = {"runtime": options.runtime} if options.runtime else {}
    return Settings(
        csv=csv,
        mode=options.mode,
        text_column=options.text_column,
        label_column=(options.label_column or None) if supervised else None,
        label_map=label_map if supervised else None,
        delimiter=options.delimiter or ("\t" if tabs else ","),
        encoding=options.encoding,
        validation_fraction=options.validation_fraction if supervised else 0,
        hyperparameters=_pairs(options.hyperparameter, "--hyperparameter"),
        out=options.out.expanduser().resolve(),
        cache=options.cache.expanduser().resolve(),
        sample_rows=options.sample_rows,
        **chosen,
    )


def _pairs(items: list[str], option: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in items]
    if not all(name and value for name, _, value in pairs):
        raise DemoError(f"{option} takes NAME=VALUE, not {items}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _introduce(console: Console, settings: Settings) -> None:
    source = settings.csv or f"a sample of {settings.sample_rows:,} reviews"
    files = f", {len(settings.folder.tables):,} files" if settings.folder else ""
    console.print(f"[bold]{settings.mode}[/] on {escape(str(source))}{files}", soft_wrap=True)
    if settings.label_map:
        labels = ", ".join(f"{old} → {new}" for old, new in settings.label_map.items())
        console.print(f"Labels: {escape(labels)}; rows with another one are dropped", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
