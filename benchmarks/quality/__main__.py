"""Measure how good the models are, side by side with what one would have otherwise."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.quality import classifiers, corpora, folds, results, sizes, tokens, vectors
from benchmarks.quality.progress import steps

ROOT = Path(__file__).resolve().parents[2]

PARTS = ("classifiers", "tokens", "sizes", "vectors")
PACKAGES = ("fasttext-community", "gensim", "mecab-python3", "scikit-learn", "sudachidict-core", "sudachipy")

#: Of a longer table, that many rows are drawn: a comparison trains 150 models.
MOST_ROWS = 20_000


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--csv", type=Path, help="measure with this table (UTF-8) and no other")
    parser.add_argument("--text-column", default="review_body", help="(default: %(default)s)")
    parser.add_argument("--label-column", default="star_rating", help="(default: %(default)s)")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of public data")
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=MOST_ROWS, help="most rows of --csv (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path(".local"), help="where quality.json and quality.md go")
    options = parser.parse_args(arguments)
    parts = options.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there are no parts {', '.join(sorted(unknown))}: choose of {', '.join(PARTS)}")
    console = Console(file=sys.stdout)
    try:
        found, texts = _measure(console, options, parts)
    except (corpora.CorpusError, folds.TooFewRowsError) as error:
        parser.error(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "quality.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (options.out / "quality.md").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    console.print(f"Written to {options.out / 'quality.json'} and quality.md")
    return 0


def _measure(console: Console, options: argparse.Namespace, parts: list[str]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {"versions": {}, "classifiers": [], "tokens": [], "sizes": [], "vectors": None}
    texts: list[str] = []

    def show(table: str) -> None:
        texts.append(table)
        console.print(f"\n{table}\n", markup=False, highlight=False, soft_wrap=True)

    if {"classifiers", "tokens", "sizes"} & set(parts):
        for corpus in _corpora(options):
            cut = folds.split(corpus)
            if "classifiers" in parts:
                with steps(console, corpus.name, classifiers.trainings(cut)) as step:
                    comparison = classifiers.compare(corpus, cut, step)
                found["classifiers"].append(results.comparison_json(comparison))
                show(results.comparison_table(comparison))
            if "tokens" in parts:
                with steps(console, f"{corpus.name}, tokens", tokens.trainings(cut)) as step:
                    effects = tokens.effects(corpus, cut, step)
                found["tokens"].append(results.effects_json(corpus.name, effects))
                show(results.effects_table(corpus.name, effects))
            if "sizes" in parts:
                with steps(console, f"{corpus.name}, sizes", sizes.trainings(corpus, cut)) as step:
                    rows = sizes.by_size(corpus, cut, step)
                found["sizes"].append(results.sizes_json(corpus.name, rows))
                show(results.sizes_table(corpus.name, rows))
    if "vectors" in parts and vectors.available(options.data) and not options.csv:
        with steps(console, "word vectors", len(vectors.WAYS)) as step:
            ways = vectors.compare(options.data, step)
        found["vectors"] = results.vectors_json(ways, vectors.SOURCE)
        show(results.vectors_table(ways, vectors.SOURCE))
    found["versions"] = {"python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}}
    return found, texts


def _corpora(options: argparse.Namespace) -> list[corpora.Corpus]:
    if options.csv:
        return [corpora.table(options.csv, options.text_column, options.label_column, options.rows)]
    public = [corpora.hotel_reviews(options.data)] if (options.data / corpora.HOTEL_REVIEWS).is_file() else []
    return [*public, corpora.generated()]


if __name__ == "__main__":
    sys.exit(main())
