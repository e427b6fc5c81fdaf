"""What ``CreateTrainingJob`` checks before it accepts a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.utils import get_service_model
from moto.sagemaker.exceptions import ValidationError

from localaws.services.sagemaker.images import IMAGE, PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# "If you are using a built-in algorithm that does not support checkpointing, MaxWaitTimeInSeconds is capped at 3600":
# managed spot training in the SageMaker developer guide.
SPOT_LIMIT_SECONDS = 3600
# Instances with local NVMe storage take no VolumeKmsKeyId: ResourceConfig in the SageMaker API reference.
LOCAL_STORAGE = re.compile(r"g4dn|g5|g6e?|g7e?|p3dn|p[4-6].*|r5d|trn.*")
TYPES: dict[str, Any] = {
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
    "integer": int,
    "list": list,
    "long": int,
    "map": dict,
    "string": str,
    "structure": dict,
}


def check_request(request: Mapping[str, Any], region: str) -> None:
    """Refuse what SageMaker would refuse.

    Parameters
    ----------
    request
        Parameters of ``CreateTrainingJob``.
    region
        Where the job is to run.

    Raises
    ------
    ValidationError
        ``ValidationException`` with all violations of the service model, or the first of the rules it can't express.
    """
    shape = get_service_model("sagemaker").operation_model("CreateTrainingJob").input_shape
    for path, expected in wrong_types(shape, request, ""):
        raise ValidationError(f"The value at '{path}' can not be converted to {expected}")
    violations = list(model_violations(shape, request, ""))
    if violations:
        noun = "error" if len(violations) == 1 else "errors"
        raise ValidationError(f"{len(violations)} validation {noun} detected: {'; '.join(violations)}")
    for name in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition", "InputDataConfig"):
        if not request.get(name):
            raise ValidationError(f"{name} is required for a training job.")
    _check_image(request["AlgorithmSpecification"], region)
    _check_resources(request["ResourceConfig"])
    _check_stopping(request)
    _check_channels(request["InputDataConfig"])


def wrong_types(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Places where a value is not of its shape's type, and the type it should have."""
    kind = TYPES[shape.type_name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield _lower(path), shape.type_name
    elif isinstance(shape, StructureShape):
        for name, member in value.items():
            if name in shape.members:
                yield from wrong_types(shape.members[name], member, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for number, member in enumerate(value, 1):
            yield from wrong_types(shape.member, member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, member in value.items():
            yield from wrong_types(shape.value, member, f"{path}.{key}.value")


def model_violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Constraints of a service model that a value breaks, in the words AWS uses.

    botocore checks types, required members and minimal lengths before it sends a call, but neither patterns nor
    enumerations nor maxima.
    """
    described = f"Value '{value}' at '{_lower(path)}' failed to satisfy constraint: Member must"
    limits = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value)
    kind = {"list": "have length", "map": "have length", "string": "have length"}.get(shape.type_name, "have value")
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if name not in value:
                place = _lower(f"{path}.{name}")
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"
        for name, member in value.items():
            if name not in shape.members:
                yield f"Unknown parameter '{name}' in '{_lower(path)}'"
            else:
                yield from model_violations(shape.members[name], member, f"{path}.{name}")
        return
    if "min" in limits and size < limits["min"]:
        yield f"{described} {kind} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"{described} {kind} less than or equal to {limits['max']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{described} satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not re.fullmatch(_python_pattern(limits["pattern"]), value, re.DOTALL):
        yield f"{described} satisfy regular expression pattern: {limits['pattern']}"
    if isinstance(shape, ListShape):
        for number, member in enumerate(value, 1):
            yield from model_violations(shape.member, member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, member in value.items():
            yield from model_violations(shape.key, key, f"{path}.{key}.key")
            yield from model_violations(shape.value, member, f"{path}.{key}.value")


def _lower(path: str) -> str:
    return ".".join(part[:1].lower() + part[1:] for part in path.strip(".").split("."))


def _python_pattern(pattern: str) -> str:
    """The service models hold Java's Unicode classes, which Python's ``re`` lacks."""
    return pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")


def _check_image(specification: Mapping[str, Any], region: str) -> None:
    image = IMAGE.fullmatch(specification.get("TrainingImage", ""))
    if image is None:
        raise ValidationError(
            f"Invalid TrainingImage '{specification.get('TrainingImage')}': it must be an Amazon ECR image with a tag."
        )
    if image["region"] != region:
        raise ValidationError(
            f"Invalid TrainingImage: it lies in {image['region']}, the training job in {region}. They must be the same."
        )
    if image["repository"] not in PROGRAMS:
        raise ValidationError(f"The local SageMaker runs {', '.join(PROGRAMS)}, not '{image['repository']}'.")


def _check_resources(resources: Mapping[str, Any]) -> None:
    missing = [name for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if name not in resources]
    if missing:
        raise ValidationError(f"ResourceConfig must hold {', '.join(missing)}.")
    if resources["InstanceCount"] < 1:
        raise ValidationError("InstanceCount must be greater than or equal to 1.")
    family = resources["InstanceType"].split(".")[1]
    if resources.get("VolumeKmsKeyId") and LOCAL_STORAGE.fullmatch(family):
        raise ValidationError(
            f"VolumeKmsKeyId can't be set for {resources['InstanceType']}: its hardware encrypts its local storage."
        )


def _check_stopping(request: Mapping[str, Any]) -> None:
    stopping = request["StoppingCondition"]
    runtime = stopping.get("MaxRuntimeInSeconds", 86400)
    wait = stopping.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It can be set only when EnableManagedSpotTraining is true."
            )
        return
    if wait is None or wait < runtime:
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )
    if wait > SPOT_LIMIT_SECONDS:
        raise ValidationError(
            f"Invalid MaxWaitTimeInSeconds. BlazingText does not support checkpoints, so on managed spot training it "
            f"must be less than or equal to {SPOT_LIMIT_SECONDS}."
        )


def _check_channels(channels: list[Mapping[str, Any]]) -> None:
    names = [channel["ChannelName"] for channel in channels]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValidationError(f"Channel names must be unique, but {', '.join(repeated)} is given more than once.")
    for channel in channels:
        source = channel["DataSource"].get("S3DataSource")
        if source is None or source["S3DataType"] != "S3Prefix":
            raise ValidationError(
                f"Channel '{channel['ChannelName']}': the local SageMaker reads an S3DataSource of type S3Prefix only."
            )
        if channel.get("CompressionType", "None") != "None":
            raise ValidationError(
                f"Channel '{channel['ChannelName']}': CompressionType must be None in File input mode."
            )
