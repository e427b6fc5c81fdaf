"""The work on one batch of rows, which is what runs in parallel: parse, tokenize, filter, split, format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import filterfalse, repeat
from time import thread_time
from typing import TYPE_CHECKING

from .text.cleaning import cleaned
from .text.lines import labeled_line, text_line
from .text.split import is_validation, validation_limit
from .text.stop_words import default_stop_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import Job
    from .table.batches import Batch
    from .table.rows import Rows
    from .text.tokenizer import Tokenizer

#: Reasons for dropping a row, as the report names them.
EMPTY_TEXT = "empty_text"
NO_TOKENS_LEFT = "no_tokens_left"


@dataclass
class ChannelCounts:
    """What one channel got."""

    lines: int = 0
    tokens: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: ChannelCounts) -> ChannelCounts:
        self.lines += other.lines
        self.tokens += other.tokens
        self.labels.update(other.labels)
        return self


@dataclass
class Counts:
    """What happened to some rows, in all and for each channel."""

    rows: int = 0
    text_bytes: int = 0
    tokenizing_seconds: float = 0.0
    dropped: Counter[str] = field(default_factory=Counter)
    train: ChannelCounts = field(default_factory=ChannelCounts)
    validation: ChannelCounts = field(default_factory=ChannelCounts)

    def __iadd__(self, other: Counts) -> Counts:
        self.rows += other.rows
        self.text_bytes += other.text_bytes
        self.tokenizing_seconds += other.tokenizing_seconds
        self.dropped.update(other.dropped)
        self.train += other.train
        self.validation += other.validation
        return self


@dataclass
class BatchResult:
    """The lines of one batch, as bytes of the two channels, and its counts."""

    counts: Counts
    train: bytes
    validation: bytes


class BatchProcessor:
    """Turns batches into lines, in one thread.

    Parameters
    ----------
    job
        Stop words and validation fraction.
    read
        Reads the rows of a batch.
    tokenize
        Splits a text into tokens.
    """

    def __init__(self, job: Job, read: Callable[[Batch], Rows], tokenize: Tokenizer) -> None:
        words = job.tokenizer.stop_words
        self._stop_words = default_stop_words() if words is None else frozenset(words)
        self._limit = validation_limit(job.validation_fraction)
        self._read = read
        self._tokenize = tokenize

    def __call__(self, batch: Batch) -> BatchResult:
        """Process one batch.

        Raises
        ------
        InvalidInputError
            What the reader refuses.
        """
        rows = self._read(batch)
        counts = Counts(text_bytes=len("".join(rows.texts).encode()), dropped=Counter(rows.dropped))
        counts.rows = len(rows.texts) + counts.dropped.total()
        is_stop_word = self._stop_words.__contains__
        train: list[str] = []
        validation: list[str] = []
        start = thread_time()  # the processor's: a clock on the wall would count the other threads' work too
        tokenized = [self._tokenize(cleaned(text)) for text in rows.texts]
        counts.tokenizing_seconds = thread_time() - start
        for text, tokens, label in zip(rows.texts, tokenized, rows.labels or repeat(None), strict=False):
            kept = list(filterfalse(is_stop_word, tokens))
            if not kept:
                counts.dropped[NO_TOKENS_LEFT if tokens else EMPTY_TEXT] += 1
                continue
            if is_validation(text, self._limit):
                lines, channel = validation, counts.validation
            else:
                lines, channel = train, counts.train
            line = text_line(kept)
            lines.append(line if label is None else labeled_line(label, line))
            channel.tokens += len(kept)
            if label is not None:
                channel.labels[label] += 1
        counts.train.lines = len(train)
        counts.validation.lines = len(validation)
        return BatchResult(counts, _joined(train), _joined(validation))


def _joined(lines: list[str]) -> bytes:
    return "".join([line + "\n" for line in lines]).encode()
