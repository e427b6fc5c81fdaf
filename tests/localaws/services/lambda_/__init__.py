"""Lambda: functions run from their own zip, each environment a process of its own, without Docker.

The process is an interpreter of the function's Python version with AWS's own runtime interface
client, ``awslambdaric``, which takes its invocations from a Runtime API served here
(:mod:`~localaws.services.lambda_.runtime_api`). It sees the function's variables, the credentials of its role
and the packages of its zip; nothing of the project's virtual environment but what Lambda ships as well.
"""

from __future__ import annotations

from localaws.services.lambda_ import api

__all__ = ["api"]
