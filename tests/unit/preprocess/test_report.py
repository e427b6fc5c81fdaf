from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any

from preprocess.text.stop_words import default_stop_words
from unit.preprocess.runs import INPUT, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = "star_rating,review_body\n5,清潔で広い部屋\n1,狭い部屋\n5,\n"


def test_the_report_traces_a_model_to_its_input(preprocess: Callable[..., Outcome], s3: Any) -> None:
    report = preprocess(BODY, stop_words=["で"], workers=2).report
    head = s3.head_object(Bucket=INPUT, Key="reviews.csv")

    assert report["input"] == {
        "bucket": INPUT,
        "key": "reviews.csv",
        "version_id": head["VersionId"],
        "etag": head["ETag"].strip('"'),
        "bytes": len(BODY.encode()),
    }
    assert report["rows"] == {"read": 3, "kept": 2, "dropped": {"empty_text": 1}}
    train = report["channels"]["train"]
    assert (train["lines"], train["tokens"], train["labels"]) == (2, 5, {"1": 1, "5": 1})
    assert report["channels"]["validation"] is None
    assert report["text_bytes"] == len("清潔で広い部屋狭い部屋".encode())
    assert report["versions"] == {
        "sudachipy": metadata.version("sudachipy"),
        "pandas": metadata.version("pandas"),
        "dictionary": {
            "name": "sudachidict-core",
            "version": metadata.version("sudachidict-core"),
            "user_dictionary": None,
        },
    }
    assert report["configuration"] == {
        "text_column": "review_body",
        "label_column": "star_rating",
        "delimiter": ",",
        "quoting": True,
        "encoding": "utf-8",
        "columns": None,
        "escape": None,
        "show_values": 10,
        "split_mode": "C",
        "token_form": "surface",
        "stop_words": ["で"],
        "excluded_parts_of_speech": [],
        "label_map": None,
        "validation_fraction": 0.0,
    }


def test_the_default_stop_words_are_written_out(preprocess: Callable[..., Outcome]) -> None:
    assert preprocess(BODY).report["configuration"]["stop_words"] == sorted(default_stop_words())


def test_throughput(preprocess: Callable[..., Outcome]) -> None:
    throughput = preprocess(BODY + "5,清潔で広い部屋\n" * 1000).report["throughput"]

    assert throughput["workers"] == 1
    assert throughput["seconds"] > 0
    assert throughput["megabytes_per_second"] > 0
    assert 0 < throughput["tokenizing_seconds"] <= throughput["seconds"]
    assert 0 < throughput["tokenizing_share"] <= 1
