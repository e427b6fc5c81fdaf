"""Write the table of what is replaced of moto into the README of the local AWS, or check that it stands there."""

from __future__ import annotations

import sys
from pathlib import Path

from localaws.account.patches import PATCHES, Patch

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "tests" / "localaws" / "README.md"
BEGIN, END = "<!-- patches -->", "<!-- /patches -->"


def _row(patch: Patch) -> str:
    gaps = ", ".join(f"`{gap}`" for gap in patch.gaps)
    fault = patch.fault[0].upper() + patch.fault[1:]
    return f"| `{patch.target}` | {patch.moto} | {fault} | {gaps} |"


def render(readme: str) -> str:
    """Put the table between the README's markers, ordered by moto's module."""
    rows = [_row(patch) for patch in sorted(PATCHES, key=lambda patch: (patch.module, patch.target))]
    table = "\n".join(["| Replaced | moto | What moto does | Gap test |", "|---|---|---|---|", *rows])
    head, rest = readme.split(BEGIN)
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Write the README; with ``--check``, only say whether that would change it."""
    before = README.read_text("utf-8")
    after = render(before)
    if "--check" in sys.argv:
        if before != after:
            print("tests/localaws/README.md does not have the patches that there are: run `make docs`.")
        return int(before != after)
    README.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
