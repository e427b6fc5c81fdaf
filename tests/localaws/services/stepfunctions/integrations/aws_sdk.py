"""``arn:aws:states:::aws-sdk:<service>:<action>``.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html; how bodies are written and read,
and how causes end, was recorded on AWS by localstack's tests ``TestTaskServiceAwsSdk``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.model import ListShape, StructureShape
from botocore.response import StreamingBody

from localaws.services.stepfunctions.integrations import arguments
from localaws.services.stepfunctions.integrations.task import Integration, UnsupportedResourceError
from localaws.services.stepfunctions.language import payloads
from localaws.services.stepfunctions.machine import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import ClientError
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ServiceResource
    from moto.stepfunctions.parser.asl.eval.environment import Environment

# The operations that the module's workflow calls. To have another: its service as boto3 names it, its name as the
# resource's ARN writes it, and a test of its result and its errors.
OPERATIONS = {"s3": frozenset({"getObject", "putObject"})}
# The type of a body for which the arguments name none, recorded on AWS by localstack's test_s3_put_object.
_TEXT = "text/plain; charset=UTF-8"


class AwsSdk(Integration):
    """An operation of a service, as the AWS SDK for Java, version 2, makes it."""

    @classmethod
    def names(cls, service_name: str) -> list[str]:
        return [f"{service_name}:{service}:{action}" for service, actions in OPERATIONS.items() for action in actions]

    @classmethod
    def check_resource(cls, resource: ServiceResource) -> None:
        is_known = resource.api_action in OPERATIONS.get(resource.api_name, frozenset())
        if not is_known or resource.condition is not None:
            raise UnsupportedResourceError(resource.resource_arn)

    def from_state_props(self, state_props: Any) -> None:
        super().from_state_props(state_props)
        self.bind(self.resource)

    def bind(self, resource: ServiceResource) -> None:
        super().bind(resource)
        self.boto_service = self.resource.api_name
        self.prefix = str(arguments.service_model(self.boto_service).metadata["serviceId"])
        self.base_error = f"{self.prefix}Exception"
        self.service_name = self.prefix

    def _get_sfn_resource_type(self) -> str:
        return f"aws-sdk:{self.resource.api_name}"

    def argument_problems(self, values: Any) -> Iterator[str]:
        operation = arguments.operation_model(self.boto_service, self.resource.api_action)
        yield from arguments.problems(values, operation.input_shape)

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        operation = arguments.operation_model(self.boto_service, self.resource.api_action)
        request = _as_request(values, operation.input_shape)
        if "Body" in request:
            request.setdefault("ContentType", _TEXT)
        response = getattr(client, xform_name(operation.name))(**request)
        return _as_output(response, operation.output_shape) if operation.output_shape else {}

    def cause(self, error: ClientError) -> str:
        metadata = error.response["ResponseMetadata"]
        extended = f", Extended Request ID: {metadata['HostId']}" if "HostId" in metadata else ""
        return (
            f"{error.response['Error'].get('Message', '')} (Service: {self.service_name}, "
            f"Status Code: {metadata['HTTPStatusCode']}, Request ID: {metadata.get('RequestId', '')}{extended}) "
            "(SDK Attempt Count: 1)"
        )


def _as_request(values: Any, shape: Any) -> Any:
    """Arguments in the model's spelling; a body becomes its JSON, with quotes where it is a text."""
    if isinstance(shape, StructureShape):
        request = {}
        for name, value in values.items():
            member = arguments.member_name(shape, name) or name
            request[member] = _as_request(value, shape.members.get(member))
        return request
    if shape is not None and shape.type_name == "list":
        return [_as_request(value, shape.member) for value in values]
    if shape is not None and shape.type_name == "blob":
        return payloads.dump(values).encode()
    return values


def _as_output(value: Any, shape: Any) -> Any:
    """A response in PascalCase, moments in ISO 8601, bodies as text."""
    if isinstance(value, StreamingBody):
        return value.read().decode()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        return context.timestamp(value)
    if isinstance(shape, StructureShape):
        members = shape.members
        return {
            name[:1].upper() + name[1:]: _as_output(value[name], members[name]) for name in value if name in members
        }
    if isinstance(shape, ListShape):
        return [_as_output(item, shape.member) for item in value]
    return value
