"""The two ways in which a SageMaker algorithm fails."""

from __future__ import annotations


class ClientError(Exception):
    """The user's data or hyperparameters are at fault; the message says what to change."""

    exit_code = 2


class AlgorithmError(Exception):
    """The algorithm itself failed."""

    exit_code = 1
