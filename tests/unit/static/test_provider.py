from __future__ import annotations

import json

import pytest

from static.provider import DEPRECATED, SCHEMA, faults, terraform_files, uses
from static.provider_schema import parse

RESOURCE = """\
function thingRuleExpiryToTerraform(struct) {
    return {
        days: cdktf.numberToTerraform(struct.days),
    };
}
function thingRuleExpiryToHclTerraform(struct) {
    const attrs = {
        hours: {
        },
    };
}
function thingRuleToTerraform(struct) {
    return {
        kinds: cdktf.listMapper(cdktf.stringToTerraform, false)(struct.kinds),
        expiry: cdktf.listMapper(thingRuleExpiryToTerraform, true)(struct.expiry),
    };
}
class ThingRuleOutputReference extends cdktf.ComplexObject {
    get inner() {
        return this.getStringAttribute('inner');
    }
}
class Thing extends cdktf.TerraformResource {
    constructor(scope, id, config) {
        this._state = new ThingStateList(this, "state", false);
    }
    get arn() {
        return this.getStringAttribute('arn');
    }
    synthesizeAttributes() {
        return {
            name: cdktf.stringToTerraform(this._name),
            rule: cdktf.listMapper(thingRuleToTerraform, true)(this._rule.internalValue),
        };
    }
}
"""

SCHEMA_OF_THINGS = {
    "version": "6.0.0",
    "data": {"aws_region": {"endpoint": {}, "id": {}, "name": {}, "region": {}}},
    "resource": {"aws_thing": parse(RESOURCE)},
}


def check(source: str) -> list[str]:
    return faults(uses(source), SCHEMA_OF_THINGS)


def test_the_schema_of_a_resource() -> None:
    assert parse(RESOURCE) == {"arn": {}, "name": {}, "rule": {"kinds": {}, "expiry": {"days": {}}}, "state": {}}


def test_what_is_there() -> None:
    source = """
    resource "aws_thing" "this" {
      for_each = toset(["a"])
      name     = data.aws_region.current.region

      rule {
        kinds = ["a"]

        dynamic "expiry" {
          for_each = var.days
          content {
            days = expiry.value
          }
        }
      }

      lifecycle {
        create_before_destroy = true
      }
    }

    output "arns" {
      value = [for thing in aws_thing.this : thing.arn]
    }
    """
    assert check(source) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('resource "aws_other" "this" {\n}', "aws_other is not in aws_provider_6.json"),
        ('resource "aws_thing" "this" {\n  color = 1\n}', "aws_thing.color does not exist"),
        ('resource "aws_thing" "this" {\n  rule {\n    sorts = 1\n  }\n}', "aws_thing.rule.sorts does not exist"),
        (
            'resource "aws_thing" "this" {\n  rule {\n    dynamic "expiry" {\n      for_each = []\n      content {\n'
            "        hours = 1\n      }\n    }\n  }\n}",
            "aws_thing.rule.expiry.hours does not exist",
        ),
        (
            'resource "aws_thing" "this" {\n  dynamic "rules" {\n    for_each = []\n    content {\n    }\n  }\n}',
            "aws_thing.rules does not exist",
        ),
        ('output "x" {\n  value = aws_thing.this.size\n}', "aws_thing.size does not exist"),
        ('output "x" {\n  value = aws_thing.this["a"].size\n}', "aws_thing.size does not exist"),
        ('output "x" {\n  value = aws_thing.this[each.key].size\n}', "aws_thing.size does not exist"),
        ('output "x" {\n  value = "a-${aws_thing.this.size}"\n}', "aws_thing.size does not exist"),
        ('output "x" {\n  value = [for t in aws_thing.this : t.size]\n}', "aws_thing.size does not exist"),
        (
            'resource "aws_thing" "that" {\n  for_each = aws_thing.this\n  name     = each.value.size\n}',
            "aws_thing.size does not exist",
        ),
        ("locals {\n  a = { b = data.aws_region.current.area }\n}", "data.aws_region.area does not exist"),
        ('locals {\n  a = lookup(data.aws_region.x, "area", "")\n}', "data.aws_region.area does not exist"),
        ("locals {\n  a = data.aws_region.current.name\n}", "data.aws_region.name is deprecated in version 6"),
    ],
)
def test_what_is_not_there(source: str, fault: str) -> None:
    [line] = check(source)

    assert line.startswith(fault)


def test_the_module_uses_what_there_is_and_is_all_read() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    files = {path.name for path in terraform_files()}
    found = {use for path in terraform_files() for use in uses(path.read_text("utf-8"))}

    assert {"main.tf", "role.tf", "package.tf"} <= files
    assert ("resource", "aws_s3_bucket_lifecycle_configuration", ("rule", "expiration", "days")) in found
    assert ("resource", "aws_s3_bucket", ("arn",)) in found
    assert ("data", "aws_region", ("region",)) in found
    assert len(found) > 150
    assert faults(found, schema) == []


def test_what_is_called_deprecated_exists() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))

    assert [key for key in DEPRECATED if key[2] not in schema[key[0]].get(key[1], {})] == []
