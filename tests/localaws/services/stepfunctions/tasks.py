"""Which state runs a Task, in place of moto's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory

from localaws.account.patches import patch
from localaws.services.stepfunctions.integrations.registry import integration_for
from localaws.services.stepfunctions.language.distributed import SERVICE
from localaws.services.stepfunctions.map.state import DistributedMap

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask


@patch(
    (state_task_service_factory, state_task_factory),
    "state_task_service_for",
    fault="there is no SageMaker integration; arguments that an integration does not take are dropped; "
    "services are called as a user whose permissions nobody checks",
    gaps=(
        "stepfunctions/has_no_sagemaker",
        "stepfunctions/drops_unknown_arguments",
        "stepfunctions/names_sdk_services_as_boto_does",
        "stepfunctions/calls_services_as_nobody",
    ),
)
def task_state_for(service_name: str) -> StateTask:
    """The state that runs a Task of this service."""
    return DistributedMap() if service_name == SERVICE else integration_for(service_name)
