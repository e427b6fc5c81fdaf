"""Step Functions: moto's interpreter of the Amazon States Language, made to run JSONata as AWS does.

From the ground up: ``language`` is what a definition says, ``machine`` what runs, ``integrations`` are the tasks that
call a service, ``map`` has the children of a Distributed Map, ``api`` the operations.
"""

from __future__ import annotations

import logging

from localaws.services.stepfunctions import tasks
from localaws.services.stepfunctions.api import executions, state_machines
from localaws.services.stepfunctions.machine import flow, states

__all__ = ["executions", "flow", "state_machines", "states", "tasks"]

# moto's interpreter logs every failure of a state with all of its data; the history has it.
logging.getLogger("moto.stepfunctions.parser").setLevel(logging.CRITICAL)
