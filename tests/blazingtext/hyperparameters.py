"""BlazingText's hyperparameters: what each mode takes, its default and its range.

Source: "BlazingText Hyperparameters" in the SageMaker developer guide.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

WORD2VEC_MODES = ("skipgram", "cbow", "batch_skipgram")
MODES = (*WORD2VEC_MODES, "supervised")


@dataclass(frozen=True)
class Integer:
    """A whole number, written in plain digits."""

    default: int
    minimum: int = 1

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text) or int(text) < self.minimum:
            raise ValueError(f"an integer of at least {self.minimum}")
        return int(text)


@dataclass(frozen=True)
class Float:
    """A positive number, below ``maximum`` where there is one."""

    default: float
    maximum: float = math.inf

    def parse(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 < value < self.maximum):
            raise ValueError("a positive number" + (f" below {self.maximum:g}" if self.maximum < math.inf else ""))
        return value


@dataclass(frozen=True)
class Boolean:
    """``True`` or ``False``."""

    default: bool

    def parse(self, text: str) -> bool:
        if text not in ("True", "False"):
            raise ValueError("True or False")
        return text == "True"


_COMMON: Mapping[str, Integer | Float | Boolean] = {
    "buckets": Integer(2_000_000),
    "epochs": Integer(5),
    "learning_rate": Float(0.05),
    "min_count": Integer(5, minimum=0),
    "vector_dim": Integer(100),
}
WORD2VEC: Mapping[str, Integer | Float | Boolean] = {
    **_COMMON,
    "batch_size": Integer(11),
    "evaluation": Boolean(True),
    "max_char": Integer(6),
    "min_char": Integer(3),
    "negative_samples": Integer(5),
    "sampling_threshold": Float(0.0001, maximum=1),
    "subwords": Boolean(False),
    "window_size": Integer(5),
}
SUPERVISED: Mapping[str, Integer | Float | Boolean] = {
    **_COMMON,
    "early_stopping": Boolean(False),
    "min_epochs": Integer(5),
    "patience": Integer(4),
    "word_ngrams": Integer(2),
}


def parse(given: Mapping[str, str]) -> dict[str, Any]:
    """Check hyperparameters and fill in the defaults of their mode.

    Parameters
    ----------
    given
        Hyperparameters as strings, the way ``CreateTrainingJob`` takes them.

    Returns
    -------
    dict
        ``mode`` and every hyperparameter of that mode, typed.

    Raises
    ------
    ClientError
        A name is unknown in this mode, or a value is of the wrong kind or out of range.
    """
    mode = given.get("mode")
    if mode is None:
        raise ClientError(
            f"No value was specified for the required hyperparameter 'mode'. Set it to one of {', '.join(MODES)}."
        )
    if mode not in MODES:
        raise ClientError(f"Hyperparameter 'mode' is '{mode}', but must be one of {', '.join(MODES)}.")
    table = SUPERVISED if mode == "supervised" else WORD2VEC
    unknown = sorted(set(given) - set(table) - {"mode"})
    if unknown:
        raise ClientError(
            f"Additional hyperparameters are not allowed in mode '{mode}': "
            f"{', '.join(map(repr, unknown))} (allowed: {', '.join(sorted(table))})."
        )
    values: dict[str, Any] = {"mode": mode}
    for name, kind in table.items():
        try:
            values[name] = kind.parse(given[name]) if name in given else kind.default
        except ValueError as expected:
            raise ClientError(f"Hyperparameter '{name}' is '{given[name]}', but must be {expected}.") from None
    if values.get("subwords") and mode == "batch_skipgram":
        raise ClientError("Hyperparameter 'subwords' can be True in the modes skipgram and cbow only.")
    if values.get("subwords") and values["min_char"] > values["max_char"]:
        raise ClientError(
            f"Hyperparameter 'min_char' is {values['min_char']}, more than 'max_char', {values['max_char']}."
        )
    return values
