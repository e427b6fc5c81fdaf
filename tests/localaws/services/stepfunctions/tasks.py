"""Which state runs a Task, in place of moto's choice."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from localaws.services.stepfunctions.integrations.registry import integration_for
from localaws.services.stepfunctions.language.distributed import SERVICE
from localaws.services.stepfunctions.map.state import DistributedMap
from localaws.services.stepfunctions.replacing import replace

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask


def task_state_for(service_name: str) -> StateTask:
    """The state that runs a Task of this service."""
    return DistributedMap() if service_name == SERVICE else integration_for(service_name)


def install() -> None:
    """Use these integrations in place of moto's.

    moto 5.2.1 has no SageMaker integration; drops arguments that an integration does not take; calls every service as
    a user "ak" whose permissions nobody checks; names errors of ``aws-sdk`` tasks ``s3.…``.
    """
    package = "moto.stepfunctions.parser.asl.component.state.exec.state_task."
    for name in ("service.state_task_service_factory", "state_task_factory"):
        replace(importlib.import_module(package + name), state_task_service_for=task_state_for)
