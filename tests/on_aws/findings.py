"""What differed: the runs that ended otherwise, and the inferences that AWS does not bear out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from on_aws.observed import NotSeenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from on_aws.inferred import Inferred
    from on_aws.observed import Observed

AS_INFERRED, DIFFERS, NOT_SEEN, NOT_CHECKED = "as inferred", "differs", "not seen", "not checked"


@dataclass(frozen=True)
class Finding:
    """What a trial says of an inference, or of a run's end.

    Attributes
    ----------
    verdict
        ``as inferred``, ``differs``, ``not seen`` or ``not checked``.
    expected, found
        What should have been, and what was; ``found`` is empty where nothing was seen.
    about
        What to read where it differs, line by line.
    """

    id: str
    verdict: str
    expected: str = ""
    found: str = ""
    about: tuple[str, ...] = ()


def settle(inferred: Inferred, observed: Observed) -> Finding:
    """Compare an inference with what was seen."""
    if inferred.observe is None:
        return Finding(inferred.id, NOT_CHECKED)
    try:
        found = inferred.observe(observed)
    except NotSeenError:
        return Finding(inferred.id, NOT_SEEN, inferred.expected)
    verdict = AS_INFERRED if found == inferred.expected else DIFFERS
    return Finding(inferred.id, verdict, inferred.expected, found, (inferred.claim, *inferred.where))


def endings(expected: Mapping[str, str], observed: Observed) -> Iterator[Finding]:
    """Compare how runs ended with how they should have."""
    for name, ending in expected.items():
        run = observed.runs.get(name)
        if run is None:
            yield Finding(name, NOT_SEEN, ending)
        else:
            cause = str(run.execution.get("cause") or "")
            yield Finding(name, AS_INFERRED if run.ending == ending else DIFFERS, ending, run.ending, (cause, run.arn))


def differences(findings: Iterable[Finding]) -> list[Finding]:
    """Those that differ."""
    return [finding for finding in findings if finding.verdict == DIFFERS]


def report(runs: list[Finding], inferences: list[Finding]) -> Iterator[str]:
    """What to print, line by line."""
    yield "Runs"
    yield from _lines(runs)
    yield ""
    yield "Inferences (docs/inferred.md)"
    yield from _lines(inferences)
    yield ""
    different = differences([*runs, *inferences])
    for finding in different:
        yield f"DIFFERS: {finding.id}"
        yield f"  expected: {finding.expected}"
        yield f"  found:    {finding.found}"
        yield from (f"  {line}" for line in finding.about if line)
    counts = {verdict: sum(finding.verdict == verdict for finding in inferences) for verdict in _SIGNS}
    yield ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + (
        f"; {len(differences(runs))} of {len(runs)} runs ended otherwise."
    )


_SIGNS = {AS_INFERRED: "✓", DIFFERS: "✗", NOT_SEEN: "?", NOT_CHECKED: "-"}


def _lines(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"  {_SIGNS[finding.verdict]} {finding.id}: {finding.found or finding.verdict}"
