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
    console.print(f"\n[bold red]The run ended as {run.description['status']}.[/]")
    console.print(f"[bold]Error:[/] {escape(error)}", highlight=False, soft_wrap=True)
    console.print(f"[bold]Cause:[/] {escape(cause)}", highlight=False, soft_wrap=True)


def show_success(console: Console, run: Run, out: Path) -> None:
    """Print the model's location, the rows and a look at the model."""
    output = run.output
    console.print(f"\n[bold]Model[/]  {output['model_s3_uri']}", soft_wrap=True, highlight=False)
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
    dropped = {reason: count for reason, count in rows["dropped"].items() if count}
    total = sum(dropped.values())
    reasons = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in dropped.items())
    console.print(
        f"[bold]Rows[/]   {rows['read']:,} read, {rows['kept']:,} kept, {total:,} dropped"
        + (f" ({escape(reasons)})" if reasons else ""),
        highlight=False,
        soft_wrap=True,
    )


def _show_files(console: Console, path: Path) -> None:
    """Print what became of the files of a folder, and why some failed."""
    files = json.loads(path.read_text(encoding="utf-8")).get("files")
    if files is None:
        return
    counts = f"{files['read']:,} read, {files['passed_over']:,} passed over, {files['failed']:,} failed"
    console.print(f"[bold]Files[/]  {counts}", highlight=False)
    for failure in files["failures"]:
        console.print(f"       {escape(failure['uri'])}: {escape(failure['reason'])}", highlight=False, soft_wrap=True)


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
