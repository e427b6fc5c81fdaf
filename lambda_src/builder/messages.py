"""What the build says, and why it fails."""

from __future__ import annotations


class BuildError(Exception):
    """The package can't be built; the message says what to do."""


def say(text: str) -> None:
    """Print progress at once, also into Terraform's output."""
    print(text, flush=True)
