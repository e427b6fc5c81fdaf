"""The items of a Distributed Map: read and selected.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.services.stepfunctions.integrations import clients
from localaws.services.stepfunctions.language import failures, templates

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

LIST_OBJECTS = "s3:listObjectsV2"

# Whether a listing that finds nothing fails the state. The guide does not say; a definition should stand both.
EMPTY_FAILS = False


def read(spec: dict[str, Any], env: Environment) -> list[Any]:
    """The items of a Map state, listed or from ``Items``.

    Raises
    ------
    FailureEventException
        ``States.ItemReaderFailed``: the listing fails.
    """
    if "ItemReader" not in spec:
        items: list[Any] = templates.evaluate_typed(spec.get("Items", "{% $states.input %}"), env, "Items", list)
        return items
    arguments = templates.evaluate(spec["ItemReader"].get("Arguments", {}), env, "ItemReader/Arguments")
    limit = spec["ItemReader"].get("ReaderConfig", {}).get("MaxItems")
    found = _list(arguments, env)
    if not found and EMPTY_FAILS:
        raise failures.failure(
            env,
            "States.ItemReaderFailed",
            f"No object was found in bucket {arguments['Bucket']} with prefix '{arguments.get('Prefix', '')}'.",
        )
    return found[: templates.evaluate_typed(limit, env, "ItemReader/ReaderConfig/MaxItems", int)] if limit else found


def _list(arguments: dict[str, Any], env: Environment) -> list[dict[str, Any]]:
    client = clients.for_environment("s3", env)
    found = []
    try:
        for page in client.get_paginator("list_objects_v2").paginate(**arguments):
            found += [_item(listed) for listed in page.get("Contents", [])]
    except (ClientError, BotoCoreError) as error:
        raise failures.failure(env, "States.ItemReaderFailed", str(error)) from error
    return found


def _item(listed: dict[str, Any]) -> dict[str, Any]:
    """An object as an item: the listing's fields, the moment in seconds since 1970."""
    return {
        "Etag": listed["ETag"],
        "Key": listed["Key"],
        "LastModified": int(listed["LastModified"].timestamp()),
        "Size": listed["Size"],
        "StorageClass": listed.get("StorageClass", "STANDARD"),
    }


def select(spec: dict[str, Any], env: Environment, items: list[Any]) -> list[Any]:
    """What each item becomes by the ``ItemSelector``, which sees it as ``$states.context.Map.Item``."""
    if "ItemSelector" not in spec:
        return items
    return [
        templates.evaluate(
            spec["ItemSelector"], env, "ItemSelector", context={"Map": {"Item": {"Index": index, "Value": item}}}
        )
        for index, item in enumerate(items)
    ]
