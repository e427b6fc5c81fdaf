"""``python -m sample OUT.csv``: write the sample corpus."""

from __future__ import annotations

import argparse
from pathlib import Path

from sample import write_csv


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample", description="Write a CSV of Japanese reviews.")
    parser.add_argument("path", type=Path, metavar="OUT.csv")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.rows < 0:
        parser.error("--rows must be 0 or more")
    arguments.path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(arguments.path, rows=arguments.rows, seed=arguments.seed)


if __name__ == "__main__":
    main()
