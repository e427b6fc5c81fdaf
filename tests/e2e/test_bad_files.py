"""A file that can't be read is caught in the state machine, with an error that says what is wrong."""

from __future__ import annotations

import pytest

from e2e.reviews import SIX
from e2e.stack import FAILURE, STATES, Stack, table


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(table([*SIX, ("良い", "5.0")]), ["line 8", "star_rating", "5.0"], id="label"),
        pytest.param("本文,star_rating\n良い,5\n".encode(), ["line 1", "review_body"], id="column"),
        pytest.param(b'review_body,star_rating\n"abc,5\n', ["quote"], id="quote"),
        pytest.param("review_body,star_rating\n良い,5\n".encode("cp932"), ["utf-8"], id="encoding"),
        pytest.param(b"review_body,star_rating\n", ["no rows"], id="header only"),
        pytest.param(b"", ["empty"], id="empty"),
    ],
)
def test_bad_file(classifier: Stack, body: bytes, cause: list[str]) -> None:
    execution = classifier.run(body, "不正な ファイル.csv")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert execution.cause is not None
    assert execution.cause.startswith(f"s3://{classifier.outputs['input_bucket']}/不正な ファイル.csv")
    for words in cause:
        assert words.lower() in execution.cause.lower()
    assert execution.states() == [*STATES[:3], *FAILURE]
    assert len(execution.events("TaskScheduled")) == 1, "a bad file is not tried again"
    assert classifier.artifacts(f"runs/{execution.run_id}/") == []
    assert classifier.unfinished_uploads() == []
