"""The results of a Distributed Map: in the state's output, or in S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.access import iam
from localaws.services.stepfunctions.integrations import clients
from localaws.services.stepfunctions.language import failures, payloads, templates
from localaws.services.stepfunctions.machine import context

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

    from localaws.services.stepfunctions.map.run import Child, MapRun

PUT_OBJECT = "s3:putObject"
# What the guide asks for besides s3:PutObject: AWS exports large results in parts. Nothing here is large enough.
_MULTIPART_ACTIONS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts")


def results(run: MapRun) -> list[Any]:
    """What the children gave, in the order of their items; of one that failed, its record."""
    return [
        child.output if child.status == "SUCCEEDED" else record(child)
        for child in run.children
        if child.execution is not None
    ]


def export(run: MapRun, spec: dict[str, Any], env: Environment) -> dict[str, Any]:
    """Write ``manifest.json`` and a file of results for each status; gives the state's result.

    Raises
    ------
    FailureEventException
        ``States.ResultWriterFailed``.
    """
    writer = spec["ResultWriter"]
    arguments = templates.evaluate(writer["Arguments"], env, "ResultWriter/Arguments")
    bucket, prefix = arguments["Bucket"], arguments.get("Prefix", "")
    folder = f"{prefix}{'' if not prefix or prefix.endswith('/') else '/'}{run.map_run_arn.rpartition(':')[2]}/"
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    try:
        client = clients.for_environment("s3", env)
        role = env.aws_execution_details.role_arn
        for action in _MULTIPART_ACTIONS:
            iam.require(role, action, f"arn:{role.split(':')[1]}:s3:::{bucket}/{folder}manifest.json")
        for status in files:
            children = [child for child in run.children if child.exported_status == status]
            if children:
                body = payloads.dump([record(child) for child in children]).encode()
                key = f"{folder}{status}_0.json"
                client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
                files[status].append({"Key": key, "Size": len(body)})
        manifest = {"DestinationBucket": bucket, "MapRunArn": run.map_run_arn, "ResultFiles": files}
        key = f"{folder}manifest.json"
        client.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode(), ContentType="application/json")
        # AWS writes large results in parts, and asks for s3:GetObject: of a bucket with a key, both take kms:Decrypt.
        # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        client.get_object(Bucket=bucket, Key=key)
    except (ClientError, BotoCoreError) as error:
        raise failures.failure(env, "States.ResultWriterFailed", str(error)) from error
    return {"MapRunArn": run.map_run_arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def record(child: Child) -> dict[str, Any]:
    """A child's execution as an exported file has it."""
    execution = child.execution
    if execution is None:
        return {"Input": payloads.dump(child.input), "InputDetails": {"Included": True}, "Status": "PENDING"}
    redrive_status, reason = execution.redrive_status
    shown = {
        "Cause": execution.cause,
        "Error": execution.error,
        "ExecutionArn": execution.exec_arn,
        "Input": execution.execution_input,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "Output": execution.output,
        "OutputDetails": {"Included": True},
        "RedriveCount": execution.redrive_count,
        "RedriveStatus": redrive_status,
        "RedriveStatusReason": reason,
        "StartDate": context.timestamp(execution.start_date),
        "StateMachineArn": execution.state_machine_arn,
        "Status": execution.status,
        "StopDate": context.timestamp(execution.stop_date) if execution.stop_date else None,
    }
    return {name: value for name, value in shown.items() if value is not None}
