"""What the demo prints and writes when the run is over."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from demo import model

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from demo.execution import Run

BAR = 30
#: Files that are named of those that a run has not read; all of them stand in ``report.json``.
NAMED_FILES = 20
#: The state machine's reasons to pass a file over, in words.
PASSED_OVER = {
    "empty": "empty",
    "hidden": "hidden, since a part of its key starts with _ or .",
    "suffix": "it ends in none of input.suffixes",
}


def write_json(path: Path, document: Any) -> None:
    """Write a document as indented JSON; dates become ISO 8601."""

    def date(value: Any) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        raise TypeError(f"{type(value).__name__} has no form in JSON")

    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, default=date) + "\n", encoding="utf-8")


def show_failure(console: Console, run: Run) -> None:
    """Print why a run failed."""
    error, cause = run.description.get("error", ""), run.description.get("cause", "")
    console.print(f"\n[bold red]Run {run.run_id} ended as {run.description['status']}.[/]", soft_wrap=True)
    console.print(f"[bold]Error:[/] {escape(error)}", highlight=False, soft_wrap=True)
    console.print(f"[bold]Cause:[/] {escape(cause)}", highlight=False, soft_wrap=True)


def show_passed_over(console: Console, run: Run) -> None:
    """Print why a file became no model."""
    reason = run.output["passed_over"]
    console.print(
        f"\n[bold]The module has passed the file over:[/] {escape(PASSED_OVER.get(reason, reason))}",
        highlight=False,
        soft_wrap=True,
    )


def show_success(console: Console, run: Run, out: Path) -> None:
    """Print the model's location, the rows and a look at the model."""
    output = run.output
    console.print(f"\n[bold]Run[/]    {output['run_id']}", soft_wrap=True, highlight=False)
    console.print(f"[bold]Model[/]  {output['model_s3_uri']}", soft_wrap=True, highlight=False)
    console.print(f"       {out / 'model.tar.gz'}", soft_wrap=True, highlight=False)
    _show_files(console, out / "report.json")
    _show_rows(console, output["rows"])
    for metric in output["metrics"]:
        console.print(f"[bold]{metric['MetricName']}[/]  {metric['Value']:.4f}", highlight=False)
    with model.unpacked(out / "model.tar.gz") as folder:
        if (folder / "vectors.txt").exists():
            _show_neighbors(console, folder / "vectors.txt")
        else:
            _show_classifier(console, folder / "model.bin", out)


def _show_rows(console: Console, rows: dict[str, Any]) -> None:
    dropped = _by_reason("dropped", rows["dropped"])
    console.print(
        f"[bold]Rows[/]   {rows['read']:,} read, {rows['kept']:,} kept, {dropped}", highlight=False, soft_wrap=True
    )


def _by_reason(what: str, counts: dict[str, int]) -> str:
    counts = {reason: count for reason, count in counts.items() if count}
    reasons = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in counts.items())
    return f"{sum(counts.values()):,} {what}" + (f" ({escape(reasons)})" if reasons else "")


def _show_files(console: Console, path: Path) -> None:
    """Print what became of the files of a folder, and why some were not read."""
    files = json.loads(path.read_text(encoding="utf-8")).get("files")
    if files is None:
        return
    passed_over = _by_reason("passed over", files["passed_over"])
    counts = f"{files['read']:,} read, {passed_over}, {files['failed']:,} failed"
    console.print(f"[bold]Files[/]  {counts}", highlight=False, soft_wrap=True)
    lines = [f"{failure['uri']}: {failure['reason']}" for failure in files["failures"]]
    lines += [
        f"{file['key']}: passed over, {PASSED_OVER.get(file['reason'], file['reason'])}"
        for file in files["passed_over_files"]
    ]
    for line in lines[:NAMED_FILES]:
        console.print(f"       {escape(line)}", highlight=False, soft_wrap=True)
    if len(lines) > NAMED_FILES:
        console.print(f"       and {len(lines) - NAMED_FILES:,} more, see {escape(str(path))}", soft_wrap=True)


def _show_neighbors(console: Console, vectors: Path) -> None:
    found = model.neighbors(vectors)
    if not found:
        console.print("The vocabulary holds no frequent noun to look at.")
        return
    table = Table(title="Nearest neighbors", box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.add_column("word", no_wrap=True, style="bold")
    table.add_column("closest words and their cosine similarity")
    for word, nearest in found.items():
        table.add_row(escape(word), "  ".join(f"{escape(other)} [dim]{score:.2f}[/]" for other, score in nearest))
    console.print(table)


def _show_classifier(console: Console, binary: Path, out: Path) -> None:
    channels = [path for path in (out / "train.txt", out / "validation.txt") if path.exists()]
    counts = model.label_counts(*channels)
    labels = Table(title="Labels", box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", show_header=False)
    most = max(counts.values())
    for label, count in counts.items():
        labels.add_row(escape(label), "█" * max(1, round(BAR * count / most)), f"{count:,}")
    console.print(labels)
    table = Table(title=f"Predictions on {channels[-1].name}", box=box.SIMPLE_HEAD, title_justify="left")
    table.title_style = "bold"
    for heading in ("text", "label", "predicted", "probability"):
        table.add_column(heading, no_wrap=heading != "text")
    for prediction in model.predictions(binary, channels[-1]):
        color = "green" if prediction.label == prediction.predicted else "red"
        table.add_row(
            escape(prediction.text),
            escape(prediction.label),
            f"[{color}]{escape(prediction.predicted)}[/]",
            f"{prediction.probability:.2f}",
        )
    console.print(table)
