"""Of two accounts' settings none may mix: a profile or an endpoint of the user's would lead to real AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with nothing in it of AWS's variables, files in the home directory, or instance's role."""
    others = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return others | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
