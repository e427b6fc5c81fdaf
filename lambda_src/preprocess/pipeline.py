"""One file from S3 to training lines on S3."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import report
from .batch import BatchProcessor, Counts
from .checks import check_lines
from .config import MAX_LABELS
from .errors import InvalidInputError, printable
from .s3.input import S3Object
from .s3.output import JSON, TEXT, OutputObject, Outputs
from .table.opening import open_table
from .table.rows import TEXT_COLUMN_MISSING
from .text import dictionary, dictionary_files
from .text.tokenizer import Tokenizer
from .workers import process_in_order

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from .config import Job

#: Text at a time: enough that a batch costs little beside its text, little enough to keep every worker busy.
BATCH_BYTES = 256 * 2**10

#: Called often with the bytes read so far and in all.
Progress = Callable[[int, int], None]


def run(
    job: Job, client: BaseClient, *, workers: int = 1, progress: Progress = lambda done, total: None
) -> dict[str, Any]:
    """Preprocess one file.

    Parameters
    ----------
    job
        What to read, how, and where to write.
    client
        S3 client.
    workers
        Threads that tokenize. The result does not depend on it.
    progress
        May raise to stop the run.

    Returns
    -------
    dict
        The Lambda's result: where the channels and the report lie, and what became of the rows.

    Raises
    ------
    InvalidInputError
        The file can't be used. Names file, line, column and value. Nothing has been written.
    """
    try:
        with S3Object(client, job.input) as source, Outputs(client, job.output) as outputs:
            return _Run(job, source, outputs).process(workers, progress)
    except InvalidInputError as error:
        raise error.located(file=printable(job.input.uri)) from None


class _Run:
    def __init__(self, job: Job, source: S3Object, outputs: Outputs) -> None:
        self._started = perf_counter()
        self._job = job
        self._source = source
        self._outputs = outputs
        self._train = outputs.open("train/train.txt", TEXT)
        self._validation = outputs.open("validation/validation.txt", TEXT)
        self._counts = Counts()

    def process(self, workers: int, progress: Progress) -> dict[str, Any]:
        table = open_table(self._source, self._job.input.key, self._job.table, BATCH_BYTES)
        processors = [
            BatchProcessor(self._job, table.read, Tokenizer(dictionary.load(), self._job.tokenizer))
            for _ in range(workers)
        ]

        def tick() -> None:
            progress(self._source.position, self._source.size)

        for result in process_in_order(processors, table.batches, tick):
            self._counts += result.counts
            self._train.write(result.train)
            self._validation.write(result.validation)
            self._check_labels()
        self._check_lines()
        return self._publish(workers)

    def _check_labels(self) -> None:
        if len(self._counts.train.labels) > MAX_LABELS:
            raise InvalidInputError(
                f"column {self._job.table.label_column!r} holds more than {MAX_LABELS:,} different labels: "
                "name the column of the classes as label column, or map the labels that count"
            )

    def _check_lines(self) -> None:
        """Refuse a file that training could not start from."""
        counts = self._counts
        if counts.rows and counts.dropped[TEXT_COLUMN_MISSING] == counts.rows:
            raise InvalidInputError(
                f"column {self._job.table.text_column!r} is missing: none of its {counts.rows:,} JSON objects has it"
            )
        if not self._job.shard:
            check_lines(
                counts.rows,
                counts.dropped,
                counts.train.lines,
                counts.validation.lines,
                self._job.validation_fraction,
                counts.train.labels,
            )

    def _publish(self, workers: int) -> dict[str, Any]:
        train = _channel(self._train, self._counts.train.lines)
        validation = _channel(self._validation, self._counts.validation.lines)
        source = {
            "bucket": self._job.input.bucket,
            "key": self._job.input.key,
            "version_id": self._source.version_id,
            "etag": self._source.etag,
            "bytes": self._source.size,
        }
        content = report.build(
            self._job,
            source,
            self._counts,
            report.Timing(perf_counter() - self._started, workers),
            dictionary_files.locate().result().description,
            {"train": train, "validation": validation},
        )
        report_object = self._outputs.open("report.json", JSON)
        report_object.write(json.dumps(content, ensure_ascii=False, indent=2).encode())
        written = [output for output in (self._train, self._validation) if output.bytes]
        self._outputs.publish(*written, report_object)
        return {
            "train": train,
            "validation": validation,
            "report_s3_uri": report_object.uri,
            "rows": report.rows(self._counts),
        }


def _channel(output: OutputObject, lines: int) -> dict[str, Any] | None:
    return {"s3_uri": output.uri, "lines": lines, "bytes": output.bytes} if lines else None
