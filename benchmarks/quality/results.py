"""What was measured, as JSON and as the tables of docs/quality.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.quality.scores import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.classifiers import Comparison
    from benchmarks.quality.sizes import Size
    from benchmarks.quality.tokens import Effect
    from benchmarks.quality.vectors import VectorResult


def comparison_table(comparison: Comparison) -> str:
    """Return the ways on one corpus; differences are this module's defaults minus the way, fold by fold."""
    corpus, ours = comparison.corpus, comparison.results[0]
    lines = [
        f"{corpus.name}: {len(corpus.texts):,} texts in {len(corpus.classes)} classes ({corpus.source})",
        "",
        "| | Accuracy | Macro-F1 | This module's defaults are higher by |",
        "|---|--:|--:|--:|",
    ]
    for result in comparison.results:
        ahead = Estimate.of_difference(ours.accuracies, result.accuracies).percent() if result is not ours else ""
        lines.append(f"| {result.title} | {result.accuracy.percent()} | {result.macro_f1.percent()} | {ahead} |")
    best = ", ".join(f"`{name}` {value}" for name, value in sorted(comparison.tuned.items()))
    return "\n".join([*lines, "", f"The best set: {best}."])


def effects_table(name: str, effects: Sequence[Effect]) -> str:
    """Return what each option for tokens changes on one corpus."""
    lines = [f"| {name} | Texts it changes | Accuracy | Macro-F1 |", "|---|--:|--:|--:|"]
    for effect in effects:
        changes = (_signed(effect.accuracy), _signed(effect.macro_f1)) if effect.touched else ("–", "–")
        lines.append(f"| {effect.title} | {effect.touched * 100:.1f}% | {' | '.join(changes)} |")
    return "\n".join(lines)


def sizes_table(name: str, sizes: Sequence[Size]) -> str:
    """Return how accurate the rules' epochs are beside fewer and more, by the number of rows learned from."""
    paces = list(sizes[0].accuracies)
    lines = [
        f"| {name}: rows | Epochs by the rules | {' | '.join(f'× {pace:g}' for pace in paces)} |",
        f"|--:|--:|{'--:|' * len(paces)}",
    ]
    for size in sizes:
        cells = [estimate.percent() for estimate in size.accuracies.values()]
        lines.append(f"| {size.rows:,} | {size.epochs} | {' | '.join(cells)} |")
    return "\n".join(lines)


def vectors_table(results: Sequence[VectorResult], source: str) -> str:
    """Return the ways to word vectors."""
    pairs = results[0].common.pairs
    lines = [
        f"Word similarity ({source})",
        "",
        f"| | Words | Spearman's ρ on the {pairs:,} pairs that all have | Pairs it has | Spearman's ρ on those |",
        "|---|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.title} | {r.words:,} | {r.common.rho:.3f} ± {r.common.error:.3f} | {r.coverage * 100:.0f}% | "
        f"{r.own.rho:.3f} ± {r.own.error:.3f} |"
        for r in results
    ]
    return "\n".join(lines)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return the ways on one corpus."""
    corpus = comparison.corpus
    return {
        "corpus": corpus.name,
        "source": corpus.source,
        "texts": len(corpus.texts),
        "classes": len(corpus.classes),
        "best_hyperparameters": dict(comparison.tuned),
        "ways": [
            {"title": r.title, "accuracy": _rounded(r.accuracy), "macro_f1": _rounded(r.macro_f1)}
            for r in comparison.results
        ],
    }


def effects_json(corpus: str, effects: Sequence[Effect]) -> dict[str, Any]:
    """Return what each option for tokens changes on one corpus."""
    return {
        "corpus": corpus,
        "options": [
            {
                "title": e.title,
                "texts_changed": round(e.touched, 4),
                "accuracy": _rounded(e.accuracy),
                "macro_f1": _rounded(e.macro_f1),
            }
            for e in effects
        ],
    }


def sizes_json(corpus: str, sizes: Sequence[Size]) -> dict[str, Any]:
    """Return how accurate the rules' epochs are beside fewer and more, by the number of rows learned from."""
    return {
        "corpus": corpus,
        "sizes": [
            {
                "rows": size.rows,
                "epochs": size.epochs,
                "accuracy_by_pace": {f"{pace:g}": _rounded(accuracy) for pace, accuracy in size.accuracies.items()},
            }
            for size in sizes
        ],
    }


def vectors_json(results: Sequence[VectorResult], source: str) -> dict[str, Any]:
    """Return the ways to word vectors."""
    return {"source": source, "ways": [asdict(result) for result in results]}


def _signed(estimate: Estimate) -> str:
    return f"{estimate.mean * 100:+z.1f} ± {estimate.error * 100:.1f}"


def _rounded(estimate: Estimate) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(estimate).items()}
