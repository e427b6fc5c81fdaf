"""Write the table of what is inferred of AWS into docs/inferred.md, or check that it stands there."""

from __future__ import annotations

import sys
from pathlib import Path

from on_aws.inferred import INFERRED, Inferred

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "inferred.md"
BEGIN, END = "<!-- inferred -->", "<!-- /inferred -->"


def _row(inferred: Inferred) -> str:
    where = ", ".join(f"[{Path(name).name}](../{name})" for name in inferred.where)
    return f"| `{inferred.id}` | {inferred.claim} | {where} | {inferred.settled} |"


def render(document: str) -> str:
    """Put the table between the document's markers."""
    head, rest = document.split(BEGIN)
    rows = ["| | What AWS is taken to do | Where it counts | How it is settled |", "|---|---|---|---|"]
    table = "\n".join([*rows, *map(_row, INFERRED)])
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Write the document; with ``--check``, only say whether that would change it."""
    before = DOCUMENT.read_text("utf-8")
    after = render(before)
    if "--check" in sys.argv:
        if before != after:
            print("docs/inferred.md does not have what tests/on_aws/inferred.py lists: run `make docs`.")
        return int(before != after)
    DOCUMENT.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
