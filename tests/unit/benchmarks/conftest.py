"""Fixtures: those of the Lambda's tests, whose results the benchmarks read."""

from __future__ import annotations

from unit.preprocess.conftest import preprocess, s3, session

__all__ = ["preprocess", "s3", "session"]
