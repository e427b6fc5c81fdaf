"""The clients that Step Functions calls other services with: the state machine's role, no retries of their own."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from localaws.access import credentials, iam
from localaws.account.current import Account, current

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

PRINCIPAL = "states.amazonaws.com"

# What a Lambda function may take at most. Step Functions retries as the definition says, not as an SDK does.
_CONFIG = Config(
    read_timeout=900,
    connect_timeout=10,
    parameter_validation=False,
    max_pool_connections=50,
    retries={"total_max_attempts": 1},
)
_clients: weakref.WeakKeyDictionary[Account, dict[tuple[str, ...], Any]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def for_environment(service: str, env: Environment, role_arn: str | None = None) -> Any:
    """A client with the credentials of the execution's role.

    Parameters
    ----------
    service
        boto3's name of the service.
    role_arn
        Another role to use, the state's ``Credentials``.

    Raises
    ------
    botocore.exceptions.ClientError
        The role's trust policy does not let Step Functions assume it.
    """
    machine = env.states.context_object.context_object_data["StateMachine"]["Id"]
    return for_role(service, role_arn or env.aws_execution_details.role_arn, machine, env.aws_execution_details.region)


def for_role(service: str, role_arn: str, machine_arn: str, region: str) -> Any:
    """A client with the credentials of a state machine's role."""
    # A child of a Distributed Map acts for the state machine that defines it.
    machine_arn = machine_arn.split("/")[0]
    iam.check_trust(role_arn, service=PRINCIPAL, source_arn=machine_arn)
    with _lock:
        known = _clients.setdefault(current(), {})
        key = (service, role_arn, machine_arn, region)
        if key not in known:
            known[key] = credentials.client(
                service, role_arn, principal=PRINCIPAL, source_arn=machine_arn, region=region, config=_CONFIG
            )
        return known[key]
