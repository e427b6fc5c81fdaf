"""Variables: what ``Assign`` sets is seen from the next state on.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl

from localaws.services.stepfunctions.language import payloads
from localaws.services.stepfunctions.replacing import replace

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore


def _eval_assign(self: AssignDecl, env: Environment) -> None:
    pending: dict[str, Any] = {}
    for declaration in self.declaration_bindings:
        declaration.eval(env=env)
        pending |= env.stack.pop()
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


def install() -> None:
    """Assign at the end of a state: ``Assign`` and ``Output`` both see the variables as the state found them.

    moto 5.2.1 assigns before it evaluates ``Output``.
    """
    replace(AssignDecl, _eval_body=_eval_assign)
