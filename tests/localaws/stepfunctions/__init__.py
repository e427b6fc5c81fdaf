"""Step Functions: moto 5.2.1's interpreter of the Amazon States Language, made to run JSONata as AWS does."""

from __future__ import annotations

import logging

from localaws.stepfunctions import (
    api,
    clock,
    context,
    executions,
    failures,
    flow,
    history,
    integrations,
    parsing,
    state_machines,
    states,
    templates,
    variables,
)


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
        integrations,
        history,
        executions,
        state_machines,
        api,
    ):
        part.install()
