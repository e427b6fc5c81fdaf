"""Applying: nothing left to do afterwards, everything gone at the end, and the package built when it has to be."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

from e2e.stack import ROOT, Stack, preprocess
from localaws import LocalAWS
from localaws.services.events.patterns.complexity import complexity
from terraform_cli import Terraform, TerraformError


def test_plan_after_apply_changes_nothing(vectors: Stack) -> None:
    assert vectors.changes() == []


def test_machine_without_the_zip_plans_no_change(vectors: Stack, tmp_path: Path) -> None:
    [zip_file] = [
        path
        for path in Path(vectors.variables["preprocess"]["build_directory"]).glob("*.zip")
        if _is_deployed(path, vectors)
    ]
    zip_file.rename(tmp_path / zip_file.name)
    try:
        assert vectors.changes() == []
    finally:
        (tmp_path / zip_file.name).rename(zip_file)


def _is_deployed(path: Path, stack: Stack) -> bool:
    return path.stem.removeprefix("preprocess-") in stack.outputs["package"]["key"]


def test_package_is_built_anew_when_what_it_is_made_of_changes(vectors: Stack, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text(
        "美味すぎ食堂,4786,4786,5000,美味すぎ食堂,名詞,固有名詞,一般,*,*,*,オイシスギショクドウ,*,*,*,*,*,*\n", "utf-8"
    )
    variables = {**vectors.variables, "preprocess": preprocess(user_dictionary=str(words))}

    changes = vectors.changes(variables)
    for change in (
        "preprocess.terraform_data.package[0] must be replaced",
        "preprocess.aws_s3_object.package[0] must be replaced",
        "preprocess.module.preprocess.aws_lambda_function.this will be updated in-place",
    ):
        assert any(change in line for line in changes), changes


def test_a_missing_python_says_what_to_do_and_is_missed_only_when_the_bucket_is_there(
    aws: LocalAWS, tmp_path: Path
) -> None:
    terraform = Terraform(ROOT / "examples" / "local", workdir=tmp_path, root=ROOT, env=aws.environment())
    terraform.init()
    variables = {"name": "no-python", "preprocess": preprocess(python="no-such-python", build_directory=str(tmp_path))}

    with pytest.raises(TerraformError) as error:
        terraform.apply(variables)

    said = " ".join(str(error.value).split())
    assert "This takes Python 3.9 or later with pip. Install it, or name yours as preprocess.python" in said
    assert 'exec: "no-such-python": executable file not found' in said
    buckets = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert any(name.startswith("no-python-artifacts-") for name in buckets)
    terraform.destroy(variables)


def test_apply_that_ended_between_build_and_upload_on_a_machine_that_is_gone(aws: LocalAWS, tmp_path: Path) -> None:
    """The way out is that of docs/troubleshooting.md."""
    builds = tmp_path / "builds"
    builds.mkdir()
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "pathlib.Path(sys.argv[sys.argv.index('--output') + 1]).write_bytes(b'zip')\n",
        "utf-8",
    )
    python.chmod(0o755)
    variables = {"name": "gone", "preprocess": preprocess(python=str(python), build_directory=str(builds))}
    file = tmp_path / "variables.tfvars.json"
    file.write_text(json.dumps(variables), "utf-8")
    env = aws.environment()
    terraform = Terraform(ROOT / "examples" / "local", workdir=tmp_path / "work", root=ROOT, env=env)
    terraform.init()
    module = "module.blazingtext_ja.module.preprocess"

    def apply(*options: str) -> None:
        terraform.run("apply", "-no-color", "-auto-approve", f"-var-file={file}", *options)

    apply(f"-target={module}.terraform_data.package")
    [zip_file] = builds.iterdir()
    zip_file.unlink()
    with pytest.raises(TerraformError, match=r"preprocess-\w+\.zip: no such file"):
        apply(f"-target={module}.aws_s3_object.package")
    apply(f"-target={module}.aws_s3_object.package", f"-replace={module}.terraform_data.package[0]")

    [bucket] = [
        bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"] if bucket["Name"].startswith("gone-a")
    ]
    assert [item["Size"] for item in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == [3]
    terraform.destroy(variables)


def test_ready_made_package_is_deployed_and_everything_destroyed(aws: LocalAWS, vectors: Stack, tmp_path: Path) -> None:
    built = vectors.outputs["package"]
    body = aws.client("s3").get_object(Bucket=built["bucket"], Key=built["key"])["Body"].read()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    package = {**built, "object_version": None, "source_code_hash": digest}
    stack = Stack(
        aws,
        tmp_path,
        {
            "name": "short-lived",
            "corpus": {"text_column": "review_body"},
            "training": {"mode": "cbow"},
            "preprocess": preprocess(package=package),
        },
    )
    assert stack.outputs["package"] == package
    assert stack.changes() == []

    stack.terraform.destroy(stack.variables)
    left = [
        *(bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]),
        *(role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]),
        *(function["FunctionName"] for function in aws.client("lambda").list_functions()["Functions"]),
        *(machine["name"] for machine in aws.client("stepfunctions").list_state_machines()["stateMachines"]),
        *(rule["Name"] for rule in aws.client("events").list_rules()["Rules"]),
        *(topic["TopicArn"] for topic in aws.client("sns").list_topics()["Topics"]),
        *aws.client("sqs").list_queues().get("QueueUrls", []),
        *(group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]),
    ]
    assert [name for name in left if re.search("short-lived", name)] == []


def test_no_rule_is_too_complex_for_eventbridge(every_stack: list[Stack]) -> None:
    """Nine is known to pass, and what is above to be refused; four leaves room for what nobody has measured."""
    for stack in every_stack:
        rules = stack.aws.client("events").list_rules(NamePrefix=f"{stack.variables['name']}-")["Rules"]
        assert len(rules) >= 2
        assert max(complexity(json.loads(rule["EventPattern"])) for rule in rules) <= 4
