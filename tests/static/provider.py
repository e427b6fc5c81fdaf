"""Check that version 6 of the AWS provider has every resource, block and attribute that the Terraform files use.

Version 5 is what the tests apply; ``aws_provider_6.json`` holds what of 6 they need (``static.provider_schema`` writes
it). An attribute that is read through a local value or a module's output is not followed there.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).with_name("aws_provider_6.json")
FOLDERS = (".", "modules/*", "examples/*", "tests/e2e/fixtures/*")

#: Terraform's own, and of its parser. https://developer.hashicorp.com/terraform/language/meta-arguments
META = {"connection", "count", "depends_on", "for_each", "lifecycle", "override_provider", "provider", "provisioner"}
PARSERS = {"__comments__", "__inline_comments__", "__is_block__"}

#: What is there, but not for long: a reason each. The schema says nothing of it.
DEPRECATED = {
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
    ("data", "aws_region", "name"): "read `region`",
    ("data", "aws_region", "id"): "read `region`",
    # https://github.com/hashicorp/terraform-provider-aws/pull/46262
    **{
        ("resource", f"aws_s3_bucket_{part}", "expected_bucket_owner"): "leave it out"
        for part in ("lifecycle_configuration", "server_side_encryption_configuration", "versioning")
    },
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket
    **{
        ("resource", "aws_s3_bucket", part): "the resource of its own does that"
        for part in ("acl", "lifecycle_rule", "policy", "server_side_encryption_configuration", "versioning")
    },
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
    ("resource", "aws_iam_role", "inline_policy"): "write an aws_iam_role_policy",
    ("resource", "aws_iam_role", "managed_policy_arns"): "write aws_iam_role_policy_attachments",
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule
    ("resource", "aws_cloudwatch_event_rule", "is_enabled"): "write `state`",
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    ("data", "aws_iam_policy_document", "override_json"): "write `override_policy_documents`",
    ("data", "aws_iam_policy_document", "source_json"): "write `source_policy_documents`",
}

#: A resource's or data source's type and name; what is read of it, past an index; and the type and name alone.
_ADDRESS = r"(?<![\w.\"])(?P<data>data\.)?(?P<type>aws_\w+)\.(?P<name>[\w-]+)"
_READ = re.compile(_ADDRESS + r"(?:\[(?:[^\[\]]|\[[^\]]*\])*\])?\.(?P<attribute>[a-z_]\w*)")
_LOOKUP = re.compile(rf"lookup\({_ADDRESS}(?:\[[^\]]*\])?, *\"(?P<attribute>\w+)\"")
_WHOLE = re.compile(rf"^\$\{{{_ADDRESS}\}}$")
_EACH = re.compile(r"\beach\.value\.(?P<attribute>[a-z_]\w*)")
_LOOP = re.compile(rf"for (?:\w+, *)?(?P<variable>\w+) in {_ADDRESS} :")

Json = dict[str, Any]
#: Kind (``resource`` or ``data``), type, and the path of a block or an attribute.
Use = tuple[str, str, tuple[str, ...]]


def uses(source: str) -> set[Use]:
    """What a Terraform file uses of the AWS provider."""
    document = hcl2.loads(source if source.endswith("\n") else source + "\n")
    found = set(_reads(document))
    for kind in ("resource", "data"):
        for block in document.get(kind, []):
            [(type_, named)] = block.items()
            type_ = type_.strip('"')
            if type_.startswith("aws_"):
                [body] = [body for name, body in named.items() if name not in PARSERS]
                found.add((kind, type_, ()))
                found |= {(kind, type_, path) for path in _written(body, META)}
    return found


def _written(body: Json, passed_over: set[str]) -> Iterator[tuple[str, ...]]:
    """Paths of the attributes and blocks of a block."""
    for name, value in body.items():
        if name in passed_over | PARSERS:
            continue
        if name == "dynamic":
            for dynamic in value:
                [(block, content)] = [(key.strip('"'), inner) for key, inner in dynamic.items() if key not in PARSERS]
                yield (block,)
                yield from ((block, *path) for path in _written(content["content"][0], set()))
            continue
        yield (name,)
        for inner in value if isinstance(value, list) else []:
            if isinstance(inner, dict) and "__is_block__" in inner:
                yield from ((name, *path) for path in _written(inner, set()))


def _reads(value: Any) -> Iterator[Use]:
    """Attributes that expressions read of resources and data sources, however deep they stand."""
    if isinstance(value, dict):
        whole = _WHOLE.match(str(value.get("for_each", "")))
        for text in _texts(value) if whole else ():
            yield from (_use(whole, each["attribute"]) for each in _EACH.finditer(text) if whole)
        for inner in value.values():
            yield from _reads(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _reads(inner)
    elif isinstance(value, str):
        yield from (_use(found, found["attribute"]) for found in (*_READ.finditer(value), *_LOOKUP.finditer(value)))
        for loop in _LOOP.finditer(value):
            for read in re.finditer(rf"(?<![\w.]){loop['variable']}\.([a-z_]\w*)", value[loop.end() :]):
                yield _use(loop, read[1])


def _use(address: re.Match[str], attribute: str) -> Use:
    return ("data" if address["data"] else "resource", address["type"], (attribute,))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def faults(found: set[Use], schema: Json) -> list[str]:
    """What of it the schema lacks, or has for not much longer; one line each."""
    lines = []
    for kind, type_, path in sorted(found):
        name = ".".join((type_ if kind == "resource" else f"data.{type_}", *path))
        node: Any = schema[kind].get(type_)
        if node is None:
            if not path:
                lines.append(f"{name} is not in {SCHEMA.name}: run `make provider-6`, which fails if there is none")
            continue
        for part in path:
            node = node.get(part) if isinstance(node, dict) else None
            if node is None:
                lines.append(f"{name} does not exist in version {schema['version']} of the AWS provider")
                break
        if reason := DEPRECATED.get((kind, type_, ".".join(path))):
            lines.append(f"{name} is deprecated in version 6 of the AWS provider: {reason}")
    return lines


def terraform_files() -> list[Path]:
    """The module's files, and those of the root modules that call it."""
    return sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.tf"))


def main() -> int:
    """Check every file; 1 where one has a fault."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    count = 0
    for path in terraform_files():
        for line in faults(uses(path.read_text("utf-8")), schema):
            print(f"{path.relative_to(ROOT)}: {line}")
            count += 1
    print(f"AWS provider {schema['version']}: {'ok' if not count else f'{count} faults'}")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
