"""Patterns: which events they match, which are refused, and how complex they are.

What is marked as recorded was seen on AWS; the rest is in EventBridge's documentation or in event-ruler, its matcher.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws.services.events.patterns import InvalidPatternError, complexity, matches, parse

if TYPE_CHECKING:
    from localaws import LocalAWS

EVENT = {
    "id": "1",
    "source": "test",
    "detail-type": "Test",
    "account": "123456789012",
    "region": "us-east-1",
    "time": "2022-07-13T13:48:01Z",
}


def matched(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    return matches(parse(json.dumps(pattern)), event)


@pytest.mark.parametrize(
    ("matcher", "value", "expected"),
    [
        ("in/a", "in/a", True),
        ("in/a", "in/b", False),
        (300, 300.0, True),
        ("1", 1, False),
        (1, True, False),
        (False, 0, False),
        (None, None, True),
        (None, [], False),
        ("b", ["a", "b"], True),
        ({"prefix": "in/"}, "in/a", True),
        ({"prefix": "1"}, 12, False),
        ({"prefix": {"equals-ignore-case": "EventB"}}, "EvEnTbridge", True),
        ({"suffix": ".csv"}, "a.csv", True),
        ({"suffix": ".csv"}, "a.CSV", False),
        ({"suffix": {"equals-ignore-case": ".csv"}}, "a.CSV", True),
        ({"suffix": {"equals-ignore-case": ".csv"}}, "a.tsv", False),
        ({"equals-ignore-case": "IN/A"}, "in/a", True),
        ({"equals-ignore-case": ""}, "a", False),
        ({"wildcard": "in/*.csv"}, "in/a/b.csv", True),
        ({"wildcard": "in/*.csv"}, "in/a.csv.gz", False),
        ({"wildcard": "in/*.csv"}, "in/.csv", True),
        ({"wildcard": "in/*.csv"}, 'in/評価 "a".csv', True),
        ({"wildcard": r"in/\**.csv"}, "in/*a.csv", True),
        ({"wildcard": r"in/\**.csv"}, "in/aa.csv", False),
        ({"wildcard": r"a\\*"}, "a\\b", True),
        ({"wildcard": "in/*.csv"}, "in/a\nb.csv", True),
        ({"wildcard": "[a]?+(*"}, "[a]?+(b", True),
        ({"anything-but": "a"}, None, True),
        ({"anything-but": ["a", "b"]}, "b", False),
        ({"anything-but": ["a"]}, 3, True),
        ({"anything-but": 123}, 123, False),
        ({"anything-but": {"prefix": ["in", "out"]}}, "inner", False),
        ({"anything-but": {"prefix": "in"}}, 12, True),
        ({"anything-but": {"suffix": [".txt", ".jpg"]}}, None, True),
        ({"anything-but": {"equals-ignore-case": ["a", "B"]}}, "b", False),
        ({"anything-but": {"wildcard": "*/_*"}}, "in/_SUCCESS", False),
        ({"anything-but": {"wildcard": ""}}, "in/a", True),
        ({"exists": True}, "a", True),
        ({"exists": True}, {"b": 1}, False),
        ({"exists": False}, {"b": 1}, True),
        ({"numeric": [">", 0, "<=", 5]}, 5, True),
        ({"numeric": [">", 0, "<=", 5]}, 0, False),
        ({"numeric": ["=", 301.8]}, 3.018e2, True),
        ({"numeric": [">", 0]}, True, False),
        ({"numeric": [">", 0]}, "1", False),
        ({"cidr": "10.0.0.0/24"}, "10.0.0.255", True),
        ({"cidr": "10.0.0.0/24"}, "10.0.1.0", False),
        ({"cidr": "10.0.0.0/24"}, "10.0.0.256", False),
        ({"cidr": "10.0.0.0/24"}, 123, False),
        ({"cidr": "2001:db8:1234:1a00::/64"}, "2001:0db8:1234:1a00::1", True),
    ],
)
def test_matcher(matcher: Any, value: Any, expected: bool) -> None:
    assert matched({"detail": {"key": [matcher]}}, {"detail": {"key": value}}) is expected


def test_matchers_of_one_field_are_alternatives_and_fields_are_not() -> None:
    either = [{"prefix": "in/"}, {"suffix": ".csv"}]

    assert matched({"key": either}, {"key": "out/a.csv"})
    assert not matched({"key": either, "size": [1]}, {"key": "out/a.csv", "size": 2})


@pytest.mark.parametrize("matcher", [{"anything-but": "a"}, {"anything-but": {"prefix": "a"}}, {"wildcard": "*"}, None])
def test_a_field_that_is_not_there_matches_only_its_absence(matcher: Any) -> None:
    assert not matched({"detail": {"key": [matcher]}}, {"detail": {}})
    assert matched({"detail": {"key": [matcher, {"exists": False}]}}, {"detail": {}})


def test_or() -> None:
    pattern = {"source": ["test"], "detail": {"$or": [{"a": [1]}, {"b": [{"exists": True}], "c": ["x"]}]}}

    assert matched(pattern, {"source": "test", "detail": {"a": 1}})
    assert matched(pattern, {"source": "test", "detail": {"b": 0, "c": "x"}})
    assert not matched(pattern, {"source": "test", "detail": {"b": 0}})
    assert not matched(pattern, {"source": "other", "detail": {"a": 1}})


def test_dots_join_names() -> None:
    """Recorded."""
    event = {"detail": {"state": {"status": "running"}}}

    assert matched({"detail": {"state.status": ["running"]}}, event)
    assert not matched({"detail": {"state.status": {"status": ["running"]}}}, event)


def test_of_a_field_that_is_named_twice_the_last_counts() -> None:
    """Recorded."""
    assert matches(parse('{"a": [{"prefix": "us-"}], "a": [{"anything-but": "us-east"}]}'), {"a": "eu-central-1"})


def test_fields_of_a_lists_objects_count_together_in_one_object_only() -> None:
    """That a pattern looks into a list's objects is recorded; that they are kept apart is event-ruler's."""
    event = {"parts": [{"id": "a", "size": 1}, {"id": "b", "size": 2}]}

    assert matched({"parts": {"id": ["b"]}}, event)
    assert matched({"parts": {"id": ["b"], "size": [2]}}, event)
    assert not matched({"parts": {"id": ["a"], "size": [2]}}, event)


ANYTHING_BUT = "Value of anything-but must be an array or single string/number value."


@pytest.mark.parametrize(
    ("matchers", "reason"),
    [
        ([], "Empty arrays are not allowed"),
        ([{"sufix": ".csv"}], "Unrecognized match type sufix"),
        ([{}], "Match expression name not found"),
        ([{"prefix": "a", "suffix": "b"}], "Only one key allowed in match expression"),
        ([["a"]], "Match value must be String, number, true, false, or null"),
        ([{"prefix": 123}], "prefix match pattern must be a string"),
        ([{"suffix": None}], "suffix match pattern must be a string"),
        ([{"suffix": {"prefix": "a"}}], "Unsupported suffix pattern: prefix"),
        ([{"prefix": {"equals-ignore-case": 1}}], "equals-ignore-case match pattern must be a string"),
        ([{"equals-ignore-case": ["a"]}], "equals-ignore-case match pattern must be a string"),
        ([{"equals-ignore-case": {"prefix": "a"}}], "equals-ignore-case match pattern must be a string"),
        ([{"exists": "yes"}], "exists match pattern must be either true or false."),
        ([{"wildcard": ["a*"]}], "wildcard match pattern must be a string"),
        ([{"wildcard": "arn:aws:events:us-east-1:**:x"}], "Consecutive wildcard characters at pos 26"),
        ([{"wildcard": "a\\b"}], "Invalid escape character at pos 2"),
        ([{"anything-but": None}], ANYTHING_BUT),
        ([{"anything-but": {"suffix": {"equals-ignore-case": ".png"}}}], ANYTHING_BUT),
        ([{"anything-but": {"numeric": ["<", 3]}}], "Unsupported anything-but pattern: numeric"),
        ([{"anything-but": {"prefix": ""}}], "Null prefix/suffix not allowed"),
        ([{"anything-but": {"prefix": [123, "a"]}}], "prefix/suffix match pattern must be a string"),
        ([{"anything-but": {"wildcard": [1]}}], "wildcard match pattern must be a string"),
        ([{"anything-but": {"wildcard": "**"}}], "Consecutive wildcard characters at pos 1"),
        (
            [{"anything-but": {"equals-ignore-case": [1]}}],
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        ([{"anything-but": [None]}], "Inside anything but list, start|null|boolean is not supported."),
        (
            [{"anything-but": ["a", 1]}],
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ),
        ([{"numeric": 1}], "Value of numeric must be an array."),
        ([{"numeric": [1]}], "Invalid member in numeric match: 1"),
        ([{"numeric": ["!", 1]}], "Unrecognized numeric range operator: !"),
        ([{"numeric": ["="]}], "Value of equals must be numeric"),
        ([{"numeric": ["<", 1, ">", 0]}], "Too many elements in numeric expression"),
        ([{"numeric": [">", 0, ">", 0]}], "Bad numeric range operator: >"),
        ([{"numeric": [">", 0, 1]}], "Bad value in numeric range: 1"),
        ([{"numeric": [">", 0, "<"]}], "Value of < must be numeric"),
        ([{"numeric": [">", 0, "<", 1, 2]}], "Too many terms in numeric range expression"),
        ([{"numeric": [">", 1, "<", 1]}], "Bottom must be less than top"),
        ([{"cidr": "bad-filter"}], "Malformed CIDR, one '/' required"),
        ([{"cidr": "bad-/64filter"}], "Malformed CIDR, mask bits must be an integer"),
        ([{"cidr": "xx.11.xx/8"}], "Nonstandard IP address: xx.11.xx"),
        ([{"cidr": "10.0.0.0/32"}], "IPv4 mask bits must be < 32"),
        ([{"cidr": "10.0.0.0/-1"}], "Malformed CIDR, mask bits must not be negative"),
        ([{"cidr": 1}], "prefix match pattern must be a string"),
    ],
)
def test_wrong_matchers(matchers: Any, reason: str) -> None:
    for pattern in ({"detail": {"key": matchers}}, {"$or": [{"a": ["a"]}, {"b": matchers}]}):
        with pytest.raises(InvalidPatternError) as refused:
            parse(json.dumps(pattern))
        assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{", "Invalid JSON"),
        ('["a"]', "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"detail": {}}', "Empty objects are not allowed"),
        ('{"a": 42}', '"a" must be an object or an array'),
        ('{"$or": {"a": [1]}}', "It must be an Array followed with"),
        ('{"$or": [{"a": [1]}, 1]}', "Only JSON object is allowed in array of"),
        ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects"),
        ('{"$or": [{"prefix": ["a"]}, {"b": [1]}]}', "prefix is Ruler reserved fieldName"),
    ],
)
def test_wrong_patterns(aws: LocalAWS, pattern: str, reason: str) -> None:
    with pytest.raises(ClientError, match=f"InvalidEventPatternException.*{reason}"):
        aws.client("events").put_rule(Name="wrong", EventPattern=pattern)


def _below(*endings: str) -> dict[str, Any]:
    return {"key": [{"wildcard": f"daily/*{ending}"} for ending in endings]}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"key": [{"suffix": ".csv"}, {"suffix": {"equals-ignore-case": ".tsv"}}, "a", {"prefix": "b"}]}, 0),
        (_below(".csv"), 2),
        (_below(".csv", ".csv"), 2),
        (_below(".csv", ".CSV"), 4),
        (_below(".csv", ".CSV", ".tsv", ".TSV", "/_READY"), 10),
        (_below(".csv", ".CSV", ".tsv", ".TSV", ".txt", "/_READY"), 12),
        # Each of its beginnings is open after as many letters.
        (_below("aaaaaaaa", "AAAAAAAA"), 10),
        (_below(".a.a.a.a", ".A.A.A.A"), 7),
        # The widest field counts, not their sum, and alternatives of one field together.
        ({"a": [{"wildcard": "a*bb"}], "b": [{"wildcard": "*"}]}, 3),
        ({"$or": [{"a": [{"wildcard": "a*"}]}, {"a": [{"wildcard": "a*b"}]}]}, 4),
        # Numbers of event-ruler's documentation and tests.
        ({"a": [{"wildcard": "a*aaa"}, {"wildcard": "aa*aa"}]}, 7),
        ({"a": [{"anything-but": {"wildcard": "a*aaa"}}, {"wildcard": "aa*aa"}]}, 7),
        ({"a": [{"wildcard": "ab*cd"}, {"wildcard": "ab*wx"}, {"wildcard": "ab*yz"}]}, 6),
        ({"a": [{"wildcard": f"F{'eature'[:n]}*{'eature'[n:]}Feature"} for n in range(3)]}, 10),
        ({"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}, 11),
    ],
)
def test_complexity(pattern: dict[str, Any], expected: int) -> None:
    assert complexity(pattern) == expected


def test_complexity_stops_at_its_ceiling() -> None:
    assert complexity({"a": [{"wildcard": "*a" * 1000}]}, ceiling=10) == 10


@pytest.mark.parametrize("pattern", [{"arn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}, _below("aaaaaaaa", "AAAAAAAA")])
def test_complex_rule_is_refused(aws: LocalAWS, pattern: dict[str, Any]) -> None:
    """Recorded; that 10 is too much is inferred."""
    with pytest.raises(ClientError, match=r"InvalidEventPatternException.*Rule is too complex - try using fewer"):
        aws.client("events").put_rule(Name="complex", EventPattern=json.dumps(pattern))


def test_rule_just_below_the_limit_is_accepted(aws: LocalAWS) -> None:
    pattern = _below("aaaaaaa", "AAAAAAA")

    assert complexity(pattern) == 9
    assert aws.client("events").put_rule(Name="rule", EventPattern=json.dumps(pattern))["RuleArn"]


def test_a_pattern_is_tested_with_an_event(aws: LocalAWS) -> None:
    client = aws.client("events")

    def test(pattern: dict[str, Any], event: Any = EVENT) -> bool:
        answer = client.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
        return bool(answer["Result"])

    assert test({"source": ["test"]})
    assert not test({"source": ["other"]})
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        test({"source": []})
    for event in ("text", ["text"], {"source": "test"}):
        with pytest.raises(ClientError, match=r"ValidationException.*Parameter Event is not valid\."):
            test({"source": ["test"]}, event)
