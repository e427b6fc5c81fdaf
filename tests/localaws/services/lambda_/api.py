"""moto's Lambda API, brought closer to Lambda: what it forgets, what it lets pass, and Invoke."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, _s3_content
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import BaseResponse
from moto.s3.exceptions import MissingBucket, MissingKey
from moto.s3.models import FakeKey, s3_backends

from localaws.access import iam
from localaws.account.errors import AwsError
from localaws.account.patches import patch
from localaws.services.lambda_.invocations import invoker
from localaws.services.lambda_.package import check_size

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_REQUEST_BYTES = 6_291_456
MAX_ASYNC_REQUEST_BYTES = 1_048_576
MAX_ENVIRONMENT_BYTES = 4096
MAX_LOG_TAIL_BYTES = 4096
_RANGES = {
    "MemorySize": ("memorySize", 128, 10_240),
    "Timeout": ("timeout", 1, 900),
    "EphemeralStorage": ("ephemeralStorage.size", 512, 10_240),
}
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED_VARIABLES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
}
# Parts of a function's configuration that moto neither keeps nor returns.
_FORGOTTEN = ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart")


class _RequestTooLargeError(LambdaClientError):
    code = 413

    def __init__(self, operation: str, limit: int) -> None:
        super().__init__(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {limit} bytes for the {operation} operation",
        )


# --- configuration ------------------------------------------------------------------------

_moto_initialize = LambdaFunction.__init__
_moto_get_configuration = LambdaFunction.get_configuration
_moto_update_configuration = LambdaFunction.update_configuration
_moto_get_code = LambdaFunction.get_code
_moto_set_function_code = LambdaFunction._set_function_code
_moto_create_function = LambdaBackend.create_function
_moto_delete_function = LambdaBackend.delete_function
_moto_condition_merge = Policy.condition_merge


@patch(
    LambdaFunction,
    "__init__",
    fault="any memory, time-out and variables are taken, and parts of the configuration forgotten",
    gaps=("lambda_/takes_any_configuration", "lambda_/forgets_configuration"),
)
def _initialize(self: Any, account_id: str, spec: dict[str, Any], region: str, version: str = "1") -> None:
    _check_configuration(spec)
    self._kept = {name: spec[name] for name in _FORGOTTEN if spec.get(name)}
    _moto_initialize(self, account_id, spec, region, version)


@patch(
    LambdaFunction,
    "get_configuration",
    fault="parts of the configuration are forgotten",
    gaps=("lambda_/forgets_configuration",),
)
def _get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
    configuration: dict[str, Any] = _moto_get_configuration(self, on_create)
    kept = dict(self._kept)
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}", **kept.get("LoggingConfig", {})}
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
    kept["LoggingConfig"] = logging
    if "SnapStart" in kept:
        kept["SnapStart"] = {"OptimizationStatus": "Off", **kept["SnapStart"]}
    return {**configuration, **kept}


@patch(
    LambdaFunction,
    "update_configuration",
    fault="tracing and storage are not updated",
    gaps=("lambda_/does_not_update_tracing_and_storage",),
)
def _update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
    _check_configuration(updates)
    if updates.get("VpcConfig", {}).get("SubnetIds"):
        _check_vpc_role(updates.get("Role", self.role), self.region, updates["VpcConfig"])
    for name in _FORGOTTEN:
        if name in updates:
            self._kept.pop(name, None)
            if updates[name]:
                self._kept[name] = updates[name]
    if "TracingConfig" in updates:
        self.tracing_config = updates["TracingConfig"]
    if "EphemeralStorage" in updates:
        self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    _moto_update_configuration(self, updates)
    invoker().forget(self)
    return _get_configuration(self)


@patch(
    LambdaFunction,
    "get_code",
    fault="a reserved concurrency of 0 is not returned",
    gaps=("lambda_/hides_a_concurrency_of_zero",),
)
def _get_code(self: Any) -> dict[str, Any]:
    code: dict[str, Any] = _moto_get_code(self)
    if self.reserved_concurrency is not None:
        code["Concurrency"] = {"ReservedConcurrentExecutions": self.reserved_concurrency}
    return code


def _check_configuration(spec: dict[str, Any]) -> None:
    for name, (path, least, most) in _RANGES.items():
        value = spec.get(name)
        if isinstance(value, dict):
            value = value["Size"]
        if value is not None and not least <= value <= most:
            bound = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            raise LambdaClientError(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
                f"Member must have value {bound}",
            )
    _check_variables((spec.get("Environment") or {}).get("Variables") or {})


def _check_variables(variables: dict[str, str]) -> None:
    unable = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    reserved = sorted(_RESERVED_VARIABLES & variables.keys())
    if reserved:
        raise LambdaClientError(
            "InvalidParameterValueException",
            f"{unable} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}",
        )
    size = len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode())
    if variables and size > MAX_ENVIRONMENT_BYTES:
        raise LambdaClientError(
            "InvalidParameterValueException", f"{unable} exceeded the 4KB limit. String measured: {size} bytes"
        )


@patch(
    LambdaBackend,
    "create_function",
    fault="a role needs no permission for its function's VPC",
    gaps=("lambda_/asks_nothing_of_a_role_in_a_vpc",),
)
def _create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
    if (spec.get("VpcConfig") or {}).get("SubnetIds"):
        _check_vpc_role(spec["Role"], self.region_name, spec["VpcConfig"])
    function: LambdaFunction = _moto_create_function(self, spec)
    return function


def _check_vpc_role(role: str, region: str, vpc: dict[str, Any]) -> None:
    """Refuse a role that may not do what Lambda does in a VPC in its name.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    _, partition, _, _, account, _ = role.split(":", 5)
    ec2 = f"arn:{partition}:ec2:{region}:{account}"
    subnets = [f"{ec2}:subnet/{name}" for name in vpc["SubnetIds"]]
    groups = [f"{ec2}:security-group/{name}" for name in vpc.get("SecurityGroupIds", [])]
    interfaces = f"{ec2}:network-interface/*"
    for action, resources in {
        "CreateNetworkInterface": [interfaces, *subnets, *groups],
        "DescribeNetworkInterfaces": ["*"],
        "DescribeSubnets": ["*"],
        "DeleteNetworkInterface": [interfaces],
        "AssignPrivateIpAddresses": [interfaces],
        "UnassignPrivateIpAddresses": [interfaces],
    }.items():
        for resource in resources:
            try:
                iam.require(role, f"ec2:{action}", resource)
            except AwsError:
                raise LambdaClientError(
                    "InvalidParameterValueException",
                    f"The provided execution role does not have permissions to call {action} on EC2",
                ) from None


@patch(
    LambdaBackend,
    "delete_function",
    fault="functions need Docker; here their environments go with them",
    gaps=("lambda_/needs_docker",),
)
def _delete_function(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
    function = self.get_function(function_name, qualifier)
    _moto_delete_function(self, function_name, qualifier)
    invoker().forget(function)


# --- code ---------------------------------------------------------------------------------


@patch(
    LambdaFunction,
    "_set_function_code",
    fault="packages may have any size or be missing, and an object's version is ignored",
    gaps=("lambda_/takes_any_package", "lambda_/takes_a_missing_package", "lambda_/ignores_object_versions"),
)
def _set_function_code(self: LambdaFunction, spec: dict[str, Any]) -> None:
    if "ZipFile" in spec:
        check_size(base64.b64decode(spec["ZipFile"]))
        _moto_set_function_code(self, spec)
    elif "S3Bucket" in spec:
        key = _s3_object(self, spec)
        check_size(key.value)
        _moto_set_function_code(self, spec)
        self.code_bytes, self.code_size, self.code_sha_256, self.code_digest = _s3_content(key)
    else:
        _moto_set_function_code(self, spec)


def _s3_object(function: LambdaFunction, spec: dict[str, Any]) -> FakeKey:
    error = "NoSuchKey", "The specified key does not exist."
    try:
        key = s3_backends[function.account_id][function.partition].get_object(
            spec["S3Bucket"], spec["S3Key"], spec.get("S3ObjectVersion")
        )
    except MissingBucket:
        key, error = None, ("NoSuchBucket", "The specified bucket does not exist")
    except MissingKey:
        key = None
    if key is None:
        raise LambdaClientError(
            "InvalidParameterValueException",
            "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}".format(*error),
        )
    return key


# --- permissions --------------------------------------------------------------------------


@patch(
    Policy,
    "condition_merge",
    fault="a permission to call a function's URL has no condition on how the URL is protected",
    gaps=("lambda_/leaves_the_url_condition_out",),
)
def _condition_merge(self: Policy, obj: dict[str, Any]) -> None:
    _moto_condition_merge(self, obj)
    auth_type = obj.pop("FunctionUrlAuthType", None)
    if auth_type is not None:
        equals = obj.setdefault("Condition", {}).setdefault("StringEquals", {})
        equals["lambda:FunctionUrlAuthType"] = auth_type


# --- Invoke -------------------------------------------------------------------------------


@patch(
    LambdaResponse,
    "setup_class",
    fault="a body that is no UTF-8 fails with Python's own words",
    gaps=("lambda_/fails_bodies_with_pythons_words",),
)
def _setup_class(self: LambdaResponse, *args: Any, **options: Any) -> None:
    try:
        BaseResponse.setup_class(self, *args, **options)
    except UnicodeDecodeError as error:
        raise LambdaClientError(
            "InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: "
            f"Invalid UTF-8 start byte 0x{error.object[error.start]:02x}",
        ) from None


@patch(
    LambdaFunction,
    "_invoke_lambda",
    fault="functions need Docker",
    gaps=("lambda_/needs_docker",),
)
def _invoke_lambda(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
    """What moto's other services call."""
    result, log_events = invoker().invoke(self, json.dumps(event or {}).encode())
    return result.payload.decode(), result.status != "success", "\n".join(message for _, message in log_events)


@patch(
    LambdaResponse,
    "invoke",
    fault="DryRun runs, errors are called handled, and limits are others",
    gaps=("lambda_/runs_a_dry_run", "lambda_/calls_errors_handled", "lambda_/limits_responses_otherwise"),
)
def _invoke(self: LambdaResponse) -> tuple[int, dict[str, str], str | bytes]:
    """The Invoke operation: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html."""
    name = unquote(self.path.rsplit("/", 2)[-2])
    kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    payload = self.body if isinstance(self.body, bytes) else (self.body or "").encode()
    function = self.backend.get_function(name, self.querystring.get("Qualifier", [None])[0])
    limit = MAX_ASYNC_REQUEST_BYTES if kind == "Event" else MAX_REQUEST_BYTES
    if len(payload) > limit:
        raise _RequestTooLargeError("InvokeFunction", limit)
    payload = payload or b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from None
    if kind == "DryRun":
        return 204, {"status": "204"}, ""
    if kind == "Event":
        invoker().invoke_later(function, payload)
        return 202, {"status": "202"}, ""
    result, log_events = invoker().invoke(function, payload)
    headers = {"X-Amz-Executed-Version": str(function.version), "content-type": "application/json"}
    if result.status != "success":
        headers["X-Amz-Function-Error"] = "Unhandled"
    if self.headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = _log_tail(log_events)
    return 200, headers, result.payload


def _log_tail(log_events: list[tuple[int, str]]) -> str:
    # What Lambda says of the environment's start is in the log only. Recorded for texts, inferred for JSON.
    said = [message for _, message in log_events if not message.startswith("INIT_START ")]
    said = [message for message in said if '"type": "platform.initStart"' not in message]
    text = "".join(message.rstrip("\n") + "\n" for message in said).encode()
    return base64.b64encode(text[-MAX_LOG_TAIL_BYTES:]).decode()
