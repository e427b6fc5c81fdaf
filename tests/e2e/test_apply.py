"""Applying: nothing left to do afterwards, everything gone at the end, and the package built when it has to be."""

from __future__ import annotations

import json
import re
from pathlib import Path

from e2e.stack import Stack, preprocess
from localaws import LocalAWS
from localaws.services.events.patterns.complexity import complexity


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


def test_ready_made_package_is_deployed_and_everything_destroyed(aws: LocalAWS, vectors: Stack, tmp_path: Path) -> None:
    package = vectors.outputs["package"]
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
