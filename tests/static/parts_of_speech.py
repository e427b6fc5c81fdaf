"""Write the parts of speech of the pinned dictionary, which plan checks settings by, or check that they stand there."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from sudachipy import Dictionary

TARGET = Path(__file__).resolve().parents[2] / "lambda_src" / "parts_of_speech.txt"


def render() -> str:
    """A line for each first five levels, with the sixth ones that go with them: inflected forms, split by ``|``."""
    found = sorted({tuple(part) for part in Dictionary().pos_matcher(lambda part: True)})
    groups = groupby(found, key=lambda part: part[:5])
    return "".join(f"{','.join(levels)},{'|'.join(part[5] for part in parts)}\n" for levels, parts in groups)


def main() -> int:
    """Write the file; with ``--check``, only say whether that would change it."""
    text = render()
    if "--check" in sys.argv:
        if text != TARGET.read_text("utf-8"):
            print(f"{TARGET.name} does not have the parts of speech of the pinned dictionary: run `make docs`.")
            return 1
        return 0
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
