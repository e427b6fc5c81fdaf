"""Render the state machine's template as the module would, in each shape it can take, and check what comes out.

``cfn-lint`` brings AWS's schema of the Amazon States Language (rule E3601), the local AWS what CreateStateMachine
refuses.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from localaws.services.stepfunctions.api.definitions import problems

ROOT = Path(__file__).resolve().parents[2]
CFN_LINT = ROOT / ".venv-lint" / "bin" / "cfn-lint"

_LAMBDA = "arn:aws:lambda:ap-northeast-1:111122223333:function:reviews-"
_RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}]
_JOB = {
    "AlgorithmSpecification": {
        "TrainingImage": "501404015308.dkr.ecr.ap-northeast-1.amazonaws.com/blazingtext:1",
        "TrainingInputMode": "File",
    },
    "HyperParameters": {"mode": "skipgram"},
    "OutputDataConfig": {"S3OutputPath": "s3://artifacts/models/"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.c5.xlarge", "VolumeSizeInGB": 30},
    "RoleArn": "arn:aws:iam::111122223333:role/reviews-training",
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
_VARIABLES = {
    "artifacts_bucket": "artifacts",
    "assemble": {"arn": f"{_LAMBDA}assemble", "task_timeout": 960},
    "channels": ["train"],
    "config": {"text_column": "body", "validation_fraction": 0.1},
    "fixed_disks": False,
    "hidden": "$contains($states.input.name, '/_')",
    "marker": "_SUCCESS",
    "max_concurrency": 100,
    "name": "reviews",
    "partition": "aws",
    "prefix": "",
    "preprocess": {"arn": f"{_LAMBDA}preprocess", "task_timeout": 960},
    "retry": {"lambda": _RETRY, "training": _RETRY},
    "suffixes": [".csv", ".csv.gz"],
    "tolerated_failure_percentage": 0,
    "training": _JOB,
    "training_timeout": 7200,
    "volume_size": 30,
}
SHAPES: dict[str, dict[str, Any]] = {
    "word vectors": {},
    "text classification": {"channels": ["train", "validation"]},
    "no marker": {"marker": ""},
    "vpc": {"training": _JOB | {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}},
    "tags": {"training": _JOB | {"Tags": [{"Key": "team", "Value": "nlp"}]}},
    "spot": {"training": _JOB | {"EnableManagedSpotTraining": True, "EnableNetworkIsolation": True}},
}


def render(variables: dict[str, Any]) -> dict[str, Any]:
    """Let Terraform render the template."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "variables.json").write_text(json.dumps(_VARIABLES | variables), "utf-8")
        template = json.dumps(str(ROOT / "statemachine.asl.json.tftpl"))
        console = subprocess.run(
            ["terraform", "console"],
            input=f'jsonencode(jsondecode(templatefile({template}, jsondecode(file("variables.json")))))\n',
            capture_output=True,
            check=False,
            cwd=folder,
            text=True,
        )
    if console.returncode or not console.stdout.startswith('"'):
        raise SystemExit(f"statemachine.asl.json.tftpl does not render:\n{console.stderr}{console.stdout}")
    definition: dict[str, Any] = json.loads(json.loads(console.stdout))
    return definition


def lint(definition: dict[str, Any]) -> str:
    """What cfn-lint has to say of the definition, inside of a CloudFormation template."""
    properties = {"Definition": definition, "RoleArn": "arn:aws:iam::111122223333:role/reviews-workflow"}
    template = {"Resources": {"Workflow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        return subprocess.run([CFN_LINT, file.name], capture_output=True, check=False, text=True).stdout


def main() -> int:
    """Check every shape; 1 where one has a fault."""
    faults = 0
    for shape, variables in SHAPES.items():
        definition = render(variables)
        found = [*problems(definition, unassigned=True), *filter(None, [lint(definition)])]
        print(f"statemachine.asl.json.tftpl, {shape}: {'ok' if not found else chr(10).join(map(str, found))}")
        faults += len(found)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
