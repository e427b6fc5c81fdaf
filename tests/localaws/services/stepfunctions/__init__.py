"""Step Functions: moto 5.2.1's interpreter of the Amazon States Language, made to run JSONata as AWS does."""

from __future__ import annotations

import logging

from localaws.services.stepfunctions import tasks
from localaws.services.stepfunctions.api import executions as api
from localaws.services.stepfunctions.api import state_machines
from localaws.services.stepfunctions.language import failures, parsing, templates, variables
from localaws.services.stepfunctions.machine import clock, context, executions, flow, history, states


def install() -> None:
    """Put this package's parts in place of moto's."""
    # moto's interpreter logs every failure of a state with all of its data; the history has it.
    logging.getLogger("moto.stepfunctions.parser").setLevel(logging.CRITICAL)
    for part in (
        parsing,
        templates,
        context,
        variables,
        failures,
        states,
        flow,
        clock,
        tasks,
        history,
        executions,
        state_machines,
        api,
    ):
        part.install()
