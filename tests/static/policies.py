"""Render the module's policies, with everything that adds a statement, and let ``parliament`` check them.

The policies hold ARNs that are known only once resources exist, so what they need is applied to the local AWS; what
takes its time there (the queue, the lifecycle rules) is left out.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from e2e import account
from localaws import LocalAWS
from terraform_cli import Terraform

ROOT = Path(__file__).resolve().parents[2]
PARLIAMENT = ROOT / ".venv-lint" / "bin" / "parliament"
MODULE = "module.blazingtext_ja"
TARGETS = [
    "module.storage.aws_s3_bucket_policy.this",
    "module.trigger.module.role",
    "module.trigger.data.aws_iam_policy_document.dead_letters",
    "module.workflow",
]


#: Findings that are none, each with its reason.
ACCEPTED = [
    # Lambda and SageMaker make network interfaces, which have no ARN before; their guides ask for every resource.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
    re.compile(r"Unnecessary use of Resource \* -  - \['ec2:"),
    # Parliament asks for an ARN of an express execution beside that of a standard one, which the files' are.
    re.compile(r"No resources match .*'states:DescribeExecution', 'required_format': '[^']*:express:"),
]


def rendered() -> dict[str, str]:
    """Each policy document by the address of its data source, without the module's own."""
    with LocalAWS() as aws, tempfile.TemporaryDirectory() as workdir:
        fixture = ROOT / "tests" / "e2e" / "fixtures" / "secured"
        terraform = Terraform(fixture, workdir=Path(workdir), root=ROOT, env=aws.environment())
        terraform.init()
        # Made by a start and not by Terraform, so that nothing is built.
        aws.client("s3").create_bucket(Bucket="packages")
        aws.client("s3").put_bucket_versioning(Bucket="packages", VersioningConfiguration={"Status": "Enabled"})
        version = aws.client("s3").put_object(Bucket="packages", Key="empty.zip", Body=_empty_zip())["VersionId"]
        variables = {
            "name": "reviews",
            "corpus": {"text_column": "body"},
            "input": account.make_input_bucket(aws),
            "kms_key_arn": account.make_module_key(aws),
            "permissions_boundary_arn": account.make_boundary(aws),
            "preprocess": {"package": {"bucket": "packages", "key": "empty.zip", "object_version": version}},
            "training": {"mode": "skipgram"},
            "vpc": account.make_network(aws),
        }
        (Path(workdir) / "variables.json").write_text(json.dumps(variables))
        targets = [f"-target={MODULE}.{target}" for target in TARGETS]
        options = ["-no-color", "-auto-approve", "-compact-warnings", f"-var-file={workdir}/variables.json"]
        terraform.run("apply", *options, *targets)
        state: list[str] = []
        terraform.run("show", "-no-color", "-json", on_line=state.append)
    root = json.loads("\n".join(state))["values"]["root_module"]
    return {
        resource["address"].removeprefix(f"{MODULE}."): resource["values"]["json"]
        for resource in _resources(root)
        if resource["type"] == "aws_iam_policy_document"
    }


def _empty_zip() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("empty.py", "")
    return body.getvalue()


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def checkable(document: str) -> str:
    """The document as ``parliament`` takes it: trust policies have no resource, which is the role itself."""
    policy = json.loads(document)
    for statement in policy["Statement"]:
        statement.setdefault("Resource", "arn:aws:iam::123456789012:role/any")
    return json.dumps(policy)


def findings(document: str) -> list[str]:
    """What ``parliament`` has to say, one line a finding."""
    command = [str(PARLIAMENT), "--string", checkable(document)]
    result = subprocess.run(command, capture_output=True, check=False, text=True)
    if "Traceback" in result.stderr:
        raise SystemExit(result.stderr)
    return [line for line in result.stdout.splitlines() if not any(accepted.search(line) for accepted in ACCEPTED)]


def main() -> int:
    """Check every policy; 1 where one has a fault."""
    faults = 0
    for address, document in rendered().items():
        found = findings(document)
        print(f"{address}: {', '.join(found) or 'ok'}")
        faults += len(found)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
