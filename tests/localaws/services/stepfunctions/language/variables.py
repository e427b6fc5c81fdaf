"""Variables: what ``Assign`` sets is seen from the next state on.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import failures, payloads

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore


# All that an execution keeps; one Assign holds as much as a payload. How AWS fails what is larger is inferred.
MAX_STORED_BYTES = 10 * 1024 * 1024


@patch(
    AssignDecl,
    "_eval_body",
    fault="variables are assigned before Output is evaluated, and of any size",
    gaps=("stepfunctions/assigns_before_the_output", "stepfunctions/keeps_variables_of_any_size"),
)
def _eval_assign(self: AssignDecl, env: Environment) -> None:
    pending: dict[str, Any] = {}
    for declaration in self.declaration_bindings:
        declaration.eval(env=env)
        pending |= env.stack.pop()
    stored = {**snapshot(env), **pending}
    if not payloads.fits(pending) or not payloads.fits(stored, MAX_STORED_BYTES):
        raise failures.failure(
            env,
            "States.DataLimitExceeded",
            f"The state '{env.next_state_name}' assigned variables with a size exceeding the maximum number of bytes "
            "service limit.",
        )
    env.variable_store.pending = pending  # type: ignore[attr-defined]


def commit(env: Environment) -> dict[str, str]:
    """Set the variables that the state assigned; gives them as the history shows them."""
    pending: dict[str, Any] = env.variable_store.__dict__.pop("pending", {})
    for name, value in pending.items():
        env.variable_store.set(name, value)
    env.variable_store.reset_tracing()
    return {name: payloads.dump(value) for name, value in pending.items()}


def discard(env: Environment) -> None:
    """Forget what a failed attempt assigned."""
    env.variable_store.__dict__.pop("pending", None)


def snapshot(env: Environment) -> dict[str, Any]:
    """The variables as they are now."""
    store: VariableStore = env.variable_store
    return {**store._outer_scope, **store._inner_scope}
