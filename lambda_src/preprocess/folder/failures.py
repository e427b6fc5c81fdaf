"""Whether what became of a folder's files is good enough for a corpus, and else why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..errors import FilesFailedError, InvalidInputError, printable
from .map_results import INVALID_INPUT

if TYPE_CHECKING:
    from ..config import Assembly
    from .map_results import MapResults

#: Failures that an error names. Step Functions cuts a cause after 32,768 characters, and JSON may take six for one.
MAX_NAMED = 50
MAX_NAMED_CHARACTERS = 24_000

#: The state machine's reasons to pass an object over, in words.
PASSED_OVER = {
    "empty": "empty",
    "hidden": "hidden (a part of the key starts with _ or .)",
    "suffix": "without a suffix of input.suffixes",
}


def check_files(assembly: Assembly, results: MapResults) -> None:
    """Refuse a folder of which too few files could be used.

    Parameters
    ----------
    assembly
        How many may have failed.
    results
        Of the map.

    Raises
    ------
    InvalidInputError
        More files than tolerated can't be used, or there is none to read.
    FilesFailedError
        More files than tolerated failed, some of them for reasons that lie elsewhere.
    """
    tolerated = assembly.tolerated_failure_percentage
    read = len(results.shards)
    wanted = read + results.failed
    if 100 * results.failed > tolerated * wanted:
        message = (
            f"{results.failed:,} of {wanted:,} files failed, more than the {tolerated:g}% that "
            f"preprocess.tolerated_failure_percentage allows:{_named(results)}"
        )
        if results.failed == results.invalid:
            raise InvalidInputError(message)
        raise FilesFailedError(f"{printable(assembly.source.uri)}: {message}")
    if results.failed and not read:
        raise InvalidInputError(f"all of its {results.failed:,} files failed:{_named(results)}")
    if not results.listed:
        raise InvalidInputError("there is no object there")
    if not read:
        raise InvalidInputError(
            f"none of the {results.listed:,} objects there is a file to read: "
            + ", ".join(f"{count:,} {PASSED_OVER.get(why, why)}" for why, count in sorted(results.passed_over.items()))
        )


def _named(results: MapResults) -> str:
    """Return a line for each file that failed, as many as an error has room for."""
    lines: list[str] = []
    left = MAX_NAMED_CHARACTERS
    for failure in results.failures[:MAX_NAMED]:
        error = "" if failure.error == INVALID_INPUT else f"{failure.error}: "
        line = f"\n{failure.uri}: {error}{failure.reason}"
        left -= len(json.dumps(line))
        if left < 0:
            break
        lines.append(line)
    more = results.failed - len(lines)
    return "".join(lines) + (f"\nand {more:,} more" if more else "")
