"""The estimates of docs/scaling.md are the script's, and rest on what the module does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import scaling
from benchmarks.scaling import Assumed, Measured, Model, Prices
from preprocess.folder.concatenation import COPIES_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.preprocess.runs import Outcome

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_document_shows_what_the_script_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert scaling.tables(Model()) in DOCUMENT


@pytest.mark.parametrize(
    "number",
    [
        f"{Measured().megabytes_per_second:g} MB of Japanese reviews",
        f"{Measured().serial_share:.0%} of the work",
        f"{Measured().line_bytes_per_byte:g} bytes of lines",
        f"{Measured().assembling_seconds_per_shard * 1000:g} ms",
        f"{Assumed().start_seconds:g} s until",
        f"{Assumed().copy_megabytes_per_second:g} MB/s for each of the {COPIES_AT_ONCE}",
        f"{Assumed().job_start_seconds / 60:g} minutes until",
        f"${Prices().lambda_gb_second:.10f} a GB-second",
        f"${Prices().state_transition * 1000:g} a 1,000 state transitions",
        f"${Prices().s3_write * 1000:g} a 1,000 writes",
        f"${Prices().s3_read * 1000:g} a 1,000 reads",
        f"${Prices().processing_hour:g} an hour",
        f"more than {Model().largest_file(scaling.DEFAULT_MEMORY) / 1e9:.1f} GB in a function of default size",
        f"up to {Model().largest_file(10_240) / 1e9:.1f} GB a file",
        f"About {round(Model().most_files(), -4):,.0f} files",
    ],
)
def test_the_text_names_the_numbers(number: str) -> None:
    assert number in " ".join(DOCUMENT.split())


def test_defaults_are_the_modules() -> None:
    variables = (ROOT / "variables.tf").read_text(encoding="utf-8")
    for name, value in (("max_concurrency", scaling.DEFAULT_CONCURRENCY), ("memory_size", scaling.DEFAULT_MEMORY)):
        assert re.search(rf"\b{name}\s+= optional\(number, {value}\)", variables)


def test_the_volume_is_computed_as_the_state_machine_does() -> None:
    template = (ROOT / "statemachine.asl.json.tftpl").read_text(encoding="utf-8")
    assert "'volume_gb': $ceil($gb * 1.2) + 1" in template
    assert Model(Measured(line_bytes_per_byte=1)).volume_size(10e9) == 13


def test_time_and_money_of_a_function() -> None:
    """3.6 GB on one vCPU of 4 MB/s take 900 s, too many; on two they take 450 s, each GB-second of which costs."""
    model = Model(Measured(megabytes_per_second=4, serial_share=0), Assumed(start_seconds=0))

    assert model.one_function(3.6e9, memory=1769) is None
    estimate = model.one_function(3.6e9, memory=3538)
    assert estimate is not None
    assert estimate.seconds == 450
    assert estimate.dollars == pytest.approx(450 * 3538 / 1024 * 0.0000166667, rel=0.1)


def test_what_holds_the_lock_bounds_the_speed() -> None:
    measured = Measured(megabytes_per_second=2, serial_share=0.1)

    assert measured.speed(1769) == pytest.approx(2)
    assert measured.speed(2 * 1769) == pytest.approx(2 / 0.55)
    assert measured.speed(10**9) == pytest.approx(20, rel=0.01)


def test_ten_times_the_functions_take_a_tenth_of_the_time_at_the_same_price() -> None:
    model = Model(assumed=Assumed(start_seconds=0))
    slow, fast = (model.folder(1e12, concurrency) for concurrency in (100, 1000))
    assembling = model.assembling_seconds(1e12, model.files(1e12))

    assert (slow.seconds - assembling) / (fast.seconds - assembling) == pytest.approx(10, rel=0.03)
    assert slow.dollars == fast.dollars


def test_a_report_gives_the_speed(preprocess: Callable[..., Outcome]) -> None:
    report: dict[str, Any] = preprocess(
        "review_body,star_rating\n" + "清潔で広い部屋でした。,5\n" * 500, shard=True
    ).report
    seconds = report["throughput"]["seconds"]
    merged = report | {"throughput": {"seconds": seconds, "worker_seconds": seconds}}
    measured = scaling.measured_by(report)

    assert measured.megabytes_per_second == pytest.approx(report["text_bytes"] / 1e6 / seconds)
    on_two = scaling.measured_by(report | {"throughput": {"seconds": seconds, "workers": 2}})
    assert on_two.speed(2 * 1769) == pytest.approx(measured.megabytes_per_second)
    assert measured.line_bytes_per_byte == report["channels"]["train"]["bytes"] / report["text_bytes"]
    assert scaling.measured_by(merged) == measured
