"""Errors of the Step Functions API."""

from __future__ import annotations

from moto.core.exceptions import AWSError


class RefusalError(AWSError):
    """What Step Functions answers when it refuses a call.

    moto's own classes for most of these errors reach the caller without their name.

    Parameters
    ----------
    code
        The error's name, ``InvalidDefinition``.
    message
        The message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code)
