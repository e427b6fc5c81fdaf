from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from preprocess import pipeline
from preprocess.config import Job
from preprocess.errors import InvalidInputError, OutOfTimeError
from preprocess.s3 import output as s3_output
from preprocess.table import records
from unit.preprocess.faults import Flaky, fail
from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX, Outcome, assert_nothing_left, event, written

if TYPE_CHECKING:
    from collections.abc import Callable

    Preprocess = Callable[..., Outcome]

REVIEWS = """star_rating,review_body
5,清潔で広い部屋でした。
1,"部屋が狭く、
駅から遠い"
3,普通
4,とても良い<br />また来たい
2,。。。
"""


def many(rows: int) -> str:
    """Return a table with rows of their own."""
    return "star_rating,review_body\n" + "".join(
        f'{i % 5 + 1},"{i}号室は広く、{i * 7919 % 1000}円で朝食が付く。"\n' for i in range(rows)
    )


def small_batches(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let batches have so many bytes."""
    monkeypatch.setattr(pipeline, "BATCH_BYTES", size)
    monkeypatch.setattr(records, "SIGHT_CHARACTERS", 1)


def test_labeled(preprocess: Preprocess) -> None:
    outcome = preprocess(REVIEWS)

    assert outcome.train == [
        "__label__5 清潔 広い 部屋",
        "__label__1 部屋 狭く 駅 遠い",
        "__label__3 普通",
        "__label__4 とても 良い 来 たい",
    ]
    assert outcome.result == {
        "train": {
            "s3_uri": f"s3://{ARTIFACTS}/{PREFIX}train/train.txt",
            "lines": 4,
            "bytes": len(outcome.objects["train/train.txt"]),
        },
        "validation": None,
        "report_s3_uri": f"s3://{ARTIFACTS}/{PREFIX}report.json",
        "rows": {"read": 5, "kept": 4, "dropped": {"no_tokens_left": 1}},
    }
    assert set(outcome.objects) == {"train/train.txt", "report.json"}


def test_unlabeled(preprocess: Preprocess) -> None:
    outcome = preprocess(REVIEWS, label_column=None)

    assert outcome.train[:2] == ["清潔 広い 部屋", "部屋 狭く 駅 遠い"]
    assert outcome.report["channels"]["train"]["labels"] == {}


def test_without_labels_the_label_column_may_hold_anything(preprocess: Preprocess) -> None:
    assert preprocess("a,review_body\nx,良い\n,\n", label_column=None).train == ["良い"]


def test_label_map(preprocess: Preprocess) -> None:
    outcome = preprocess(REVIEWS, label_map={"1": "neg", "2": "neg", "4": "pos", "5": "pos"})

    assert outcome.train == [
        "__label__pos 清潔 広い 部屋",
        "__label__neg 部屋 狭く 駅 遠い",
        "__label__pos とても 良い 来 たい",
    ]
    assert outcome.result["rows"] == {
        "read": 5,
        "kept": 3,
        "dropped": {"label_not_mapped": 1, "no_tokens_left": 1},
    }
    assert outcome.report["channels"]["train"]["labels"] == {"neg": 1, "pos": 2}


def test_negative_labels(preprocess: Preprocess) -> None:
    assert preprocess("star_rating,review_body\n-1,悪い\n1,良い\n").train == ["__label__-1 悪い", "__label__1 良い"]


def test_empty_texts_are_dropped_and_counted(preprocess: Preprocess) -> None:
    outcome = preprocess('star_rating,review_body\n1,\n1," 　"\n1,<br />\n1,\0\n1,良い\n', shard=True)

    assert outcome.result["rows"] == {"read": 5, "kept": 1, "dropped": {"empty_text": 4}}


def test_tokenizer_settings(preprocess: Preprocess) -> None:
    outcome = preprocess(
        "star_rating,review_body\n1,選挙管理委員会には行かなかった\n",
        shard=True,
        split_mode="B",
        token_form="normalized",
        stop_words=["選挙"],
        excluded_parts_of_speech=[["助詞"]],
    )

    assert outcome.train == ["__label__1 管理 委員会 行く ない た"]


@pytest.mark.parametrize(
    ("body", "config"),
    [
        (REVIEWS.encode("cp932"), {"encoding": "cp932"}),
        (REVIEWS.encode("utf-16"), {"encoding": "utf-16"}),
        (REVIEWS.encode("euc_jp"), {"encoding": "euc_jp"}),
        (REVIEWS.encode("utf-8-sig"), {}),
        (gzip.compress(REVIEWS.encode()), {}),
        (REVIEWS.replace("\n", "\r\n").encode(), {}),
        (REVIEWS.replace("\n", "\r").encode(), {}),
        (REVIEWS.replace(",", "\t").encode(), {"delimiter": "\t"}),
        (
            REVIEWS.replace('"', "").replace("、\n", "、").replace(",", "\t").encode(),
            {"delimiter": "\t", "quoting": False},
        ),
    ],
)
def test_formats(preprocess: Preprocess, body: bytes, config: dict[str, Any]) -> None:
    assert preprocess(body, **config).train == preprocess(REVIEWS).train


@pytest.mark.parametrize("config", [{}, {"validation_fraction": 0.3}, {"label_column": None}])
def test_any_number_of_workers_gives_the_same_bytes(
    preprocess: Preprocess, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any]
) -> None:
    small_batches(monkeypatch, 2000)
    alone = preprocess(many(500), **config)

    assert len(alone.train) + len(alone.validation) == 500
    for workers in (2, 3):
        together = preprocess(many(500), workers=workers, **config)
        for name in {"train/train.txt", "validation/validation.txt"} & set(alone.objects):
            assert together.objects[name] == alone.objects[name]
        assert together.result == alone.result


def test_batches_never_change_the_result(preprocess: Preprocess, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for size in (1, 7, 1000, 2**18):
        small_batches(monkeypatch, size)
        outcomes.append(preprocess(REVIEWS).objects["train/train.txt"])

    assert len(set(outcomes)) == 1


def test_split(preprocess: Preprocess) -> None:
    body = many(300)
    outcome = preprocess(body, validation_fraction=0.2)

    assert sorted(outcome.train + outcome.validation) == sorted(preprocess(body).train)
    assert 40 < len(outcome.validation) < 80
    assert outcome.result["validation"]["lines"] == len(outcome.validation)


def test_equal_texts_never_stand_on_both_sides(preprocess: Preprocess) -> None:
    header, *rows = many(60).splitlines(keepends=True)
    outcome = preprocess(header + "".join(rows) + "".join(reversed(rows)), validation_fraction=0.3)

    assert set(outcome.train) & set(outcome.validation) == set()
    assert len(outcome.train) + len(outcome.validation) == 120


def test_the_split_does_not_depend_on_the_partitioning(preprocess: Preprocess) -> None:
    header, *rows = many(100).splitlines(keepends=True)
    whole = preprocess(header + "".join(rows), validation_fraction=0.3)
    parts = [preprocess(header + "".join(rows[i::3]), validation_fraction=0.3) for i in range(3)]

    assert sorted(line for part in parts for line in part.validation) == sorted(whole.validation)


@pytest.mark.parametrize(
    ("body", "config", "message"),
    [
        ("", {}, ": it is empty: a table has a header and at least one row"),
        ("star_rating,review_body\n", {}, ": it has a header and no rows"),
        ("star_rating,body\n1,a\n", {}, ", line 1: column 'review_body' is missing"),
        (
            "star_rating,review_body\n1,a\n5.0,b\n",
            {},
            ", line 3: column 'star_rating' holds '5.0', which is not a whole",
        ),
        ("star_rating,review_body\n1,a,\n", {}, ", line 2: the row has 3 fields where the header has 2"),
        ('star_rating,review_body\n1,"a\n', {}, ", line 2: a quote is opened and never closed"),
        (b"star_rating,review_body\n1,a\n1,\x83\n", {}, ", line 3: byte 30 of the file (0x83) is not utf-8"),
        (
            "star_rating,review_body\n1,は\n2,\n",
            {},
            ": none of its 2 rows is left after filtering (empty_text 1, no_tok",
        ),
        (
            "star_rating,review_body\n1,良い\n",
            {"validation_fraction": 0.0001},
            ": none of the 1 rows that are left falls into the validation channel with a validation fraction of 0.0001",
        ),
        (
            "star_rating,review_body\n1,良い\n",
            {"validation_fraction": 0.9999},
            ": none of the 1 rows that are left falls into the training channel",
        ),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_refused(
    preprocess: Preprocess, s3: Any, body: bytes | str, config: dict[str, Any], message: str, workers: int
) -> None:
    with pytest.raises(InvalidInputError) as error:
        preprocess(body, workers=workers, **config)

    assert str(error.value).startswith(f"s3://{INPUT}/reviews.csv{message}")
    assert_nothing_left(s3)


def test_a_shard_of_a_run_may_be_empty(preprocess: Preprocess) -> None:
    empty = preprocess("star_rating,review_body\n1,は\n", shard=True, validation_fraction=0.5)
    assert (empty.result["train"], empty.result["validation"]) == (None, None)
    assert set(empty.objects) == {"report.json"}

    assert preprocess("star_rating,review_body\n", shard=True).result["rows"]["read"] == 0


def test_too_many_labels(preprocess: Preprocess, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_LABELS", 10)
    body = "star_rating,review_body\n" + "".join(f"{i},良い\n" for i in range(11))

    with pytest.raises(InvalidInputError, match="column 'star_rating' holds more than 10 different labels"):
        preprocess(body)
    assert_nothing_left(s3)
    assert len(preprocess(body, label_map={"1": "1", "2": "2"}).train) == 2


def test_the_name_of_the_file_can_not_forge_a_log_line(s3: Any) -> None:
    key = "a\nERROR 日本.csv"
    s3.put_object(Bucket=INPUT, Key=key, Body=b"")

    with pytest.raises(InvalidInputError) as error:
        pipeline.run(Job.from_event(event(key)), s3)
    assert str(error.value).startswith(f"s3://{INPUT}/a\\nERROR 日本.csv: it is empty")


def test_a_download_that_breaks_and_goes_on(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    body = many(200)
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=body.encode())
    job = Job.from_event(event())
    pipeline.run(job, s3)
    whole = written(s3)["train/train.txt"]

    pipeline.run(job, Flaky(s3, [(500, ReadTimeoutError(endpoint_url="s3")), (99, None)]))

    assert written(s3)["train/train.txt"] == whole


@pytest.mark.parametrize("workers", [1, 2])
def test_a_download_that_stays_broken_leaves_nothing(s3: Any, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    small_batches(monkeypatch, 1000)
    monkeypatch.setattr(s3_output, "PART_BYTES", 2000)
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=many(500).encode())

    with pytest.raises(ConnectionError, match="ended after 10,000"):
        pipeline.run(Job.from_event(event()), Flaky(s3, [(10_000, None)] + [(0, None)] * 20), workers=workers)
    assert_nothing_left(s3)


def test_output_larger_than_a_part_is_streamed(
    preprocess: Preprocess, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = preprocess(many(300)).train
    small_batches(monkeypatch, 1000)
    monkeypatch.setattr(s3_output, "PART_BYTES", 5000)
    # moto, like S3, takes no part below 5 MiB but the last one.
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)

    assert preprocess(many(300)).train == whole
    assert s3.head_object(Bucket=ARTIFACTS, Key=f"{PREFIX}train/train.txt")["ETag"].strip('"').endswith("-3")


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject"])
def test_a_failing_upload_leaves_nothing(
    preprocess: Preprocess, s3: Any, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    monkeypatch.setattr(s3_output, "PART_BYTES", 5000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=many(300).encode())

    def only_outputs(params: dict[str, Any], **_: Any) -> None:
        if ARTIFACTS in str(params.get("url", "")):
            raise ClientError({"Error": {"Code": "InternalError", "Message": "injected"}}, operation)

    s3.meta.events.register(f"before-call.s3.{operation}", only_outputs)

    with pytest.raises(ClientError, match="injected"):
        pipeline.run(Job.from_event(event(validation_fraction=0.3)), s3)
    assert_nothing_left(s3)


@pytest.mark.parametrize("workers", [1, 2])
def test_running_out_of_time_leaves_nothing(s3: Any, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    small_batches(monkeypatch, 1000)
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=many(500).encode())
    seen = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 5:
            raise OutOfTimeError

    with pytest.raises(OutOfTimeError):
        pipeline.run(Job.from_event(event()), s3, workers=workers, progress=progress)
    assert 0 < seen[-1][0] <= seen[-1][1] == len(many(500).encode())
    assert_nothing_left(s3)


def test_a_run_reads_nothing_it_does_not_need(s3: Any) -> None:
    """A bad header is found without a download of the whole file."""
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=b"a,b\n" + b"1,x\n" * 10**6)
    fail(s3, "PutObject")

    with pytest.raises(InvalidInputError, match="line 1"):
        pipeline.run(Job.from_event(event()), s3, workers=2)
