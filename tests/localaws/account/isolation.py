"""Of two accounts' settings none may mix: a profile or an endpoint of the user's would lead to real AWS."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with nothing in it of AWS's variables, files in the home directory, or instance's role."""
    others = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return others | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def isolated(**variables: str) -> Iterator[None]:
    """Keep AWS's settings out of this process's environment for a while, with ``variables`` in it."""
    before = dict(os.environ)
    inside = without_aws_settings(before) | variables
    try:
        os.environ.clear()
        os.environ.update(inside)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
