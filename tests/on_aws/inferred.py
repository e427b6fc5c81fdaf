"""The one list of what is inferred of AWS: no page of its documentation says it, and no recording was found.

``make docs`` writes it to ``docs/inferred.md``. Where a check is there, :mod:`on_aws` settles it on an account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from on_aws.observed import NotSeenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from on_aws.observed import Observed, Run

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DENIED = re.compile("not authorized|AccessDenied|cannot be assumed|unable to assume", re.IGNORECASE)


@dataclass(frozen=True)
class Inferred:
    """Something about AWS that is relied on without a source.

    Attributes
    ----------
    id
        By which it is spoken of.
    claim
        What AWS is taken to do.
    where
        Files that rely on it, from the repository's root.
    settled
        How a trial on AWS settles it, or why it can't.
    expected
        What :attr:`observe` gives where AWS does as inferred.
    observe
        What AWS did, told from what a trial has seen; ``None`` where it isn't checked.
    """

    id: str
    claim: str
    where: tuple[str, ...]
    settled: str
    expected: str = ""
    observe: Callable[[Observed], str] | None = None


def _end_of_stopped_task(observed: Observed) -> str:
    run = observed.run("stopped")
    if run.job is None or run.job["TrainingJobStatus"] != "Stopped":
        raise NotSeenError
    event = run.last("TaskFailed", "TaskSucceeded", "TaskTimedOut")
    if event["type"] != "TaskFailed":
        return str(event["type"])
    details = event["taskFailedEventDetails"]
    told = "the job as JSON" if details.get("cause", "").startswith("{") else "words"
    return f"TaskFailed with {details.get('error')}, its cause {told}"


def _secondary_status(observed: Observed) -> str:
    run = observed.run("stopped")
    if run.job is None:
        raise NotSeenError
    return f"{run.job['TrainingJobStatus']}, {run.job['SecondaryStatus']}"


def _empty_listing(observed: Observed) -> str:
    run = observed.run("empty folder")
    return f"{run.last('MapRunSucceeded', 'MapRunFailed')['type']}, {len(run.children)} children"


def _child_arns(observed: Observed) -> str:
    children = observed.run("folder").children
    if not children:
        raise NotSeenError
    prefix = re.escape(observed.state_machine_arn.replace(":stateMachine:", ":execution:"))
    others = [
        child["executionArn"]
        for child in children
        if not re.fullmatch(f"{prefix}/files:{_UUID}", child["executionArn"])
    ]
    return others[0] if others else "execution:MACHINE/LABEL:UUID"


def _children_run(observed: Observed) -> str:
    run = observed.run("folder")
    if not run.children and not _DENIED.search(str(run.execution.get("cause"))):
        raise NotSeenError
    failed = [child for child in run.children if child["status"] != "SUCCEEDED"]
    return "the children ran" if run.children and not failed else f"{run.ending}: {run.execution.get('cause')}"


def _announcements_of_bad_folder(observed: Observed) -> str:
    run = observed.run("folder with a bad file")
    if not any(child["status"] == "FAILED" for child in run.children):
        raise NotSeenError
    children = {child["executionArn"] for child in run.children}
    told = [announcement["executionArn"] for announcement in observed.announcements]
    return f"{told.count(run.arn)} of the run, {sum(arn in children for arn in told)} of its children"


def _announced_failure(observed: Observed) -> str:
    run = observed.run("bad file")
    found = [told for told in observed.announcements if told["executionArn"] == run.arn]
    if not found:
        return "not announced"
    same = [name for name in ("error", "cause") if found[0].get(name) == run.execution[name]]
    return " and ".join(same) or "neither"


def _started_by_capitals(observed: Observed) -> str:
    started = observed.run("bad file in capitals").started
    return f"{started} execution{'s'[: started != 1]}"


def _started_by_events(observed: Observed) -> list[Run]:
    found = [run for run in observed.runs.values() if run.event_id]
    if not found:
        raise NotSeenError
    return found


def _execution_names(observed: Observed) -> str:
    runs = _started_by_events(observed)
    others = [run.name for run in runs if not re.fullmatch(f"{re.escape(str(run.event_id))}_{_UUID}", run.name)]
    return others[0] if others else "EVENT_UUID"


def _second_parts(observed: Observed) -> str:
    runs = _started_by_events(observed)
    if len(runs) < 2:
        raise NotSeenError
    parts = {run.name.removeprefix(f"{run.event_id}") for run in runs}
    return "one for all events" if len(parts) == 1 else f"{len(parts)} of {len(runs)} events"


def _metrics(observed: Observed) -> str:
    job = observed.run("small file").job
    if job is None or job["TrainingJobStatus"] != "Completed":
        raise NotSeenError
    return ", ".join(metric["MetricName"] for metric in job.get("FinalMetricDataList") or []) or "none"


INFERRED = (
    Inferred(
        "stopped-under-sync",
        "A training job that ends `Stopped` fails its `.sync` task with `States.TaskFailed`, as one that failed does. "
        "The module stands both: the state after it looks at the job's status.",
        ("tests/localaws/services/stepfunctions/integrations/training_job.py", "statemachine.asl.json.tftpl"),
        "A job is stopped by hand; the task's last event tells.",
        "TaskFailed with States.TaskFailed, its cause the job as JSON",
        _end_of_stopped_task,
    ),
    Inferred(
        "stopped-by-hand",
        "A job that is stopped by hand has the secondary status `Stopped`, which tells it from time limits and spot "
        "interruptions.",
        ("statemachine.asl.json.tftpl",),
        "The job that is stopped by hand is described.",
        "Stopped, Stopped",
        _secondary_status,
    ),
    Inferred(
        "empty-listing",
        "An `ItemReader` that finds nothing gives a map without children, and no `States.ItemReaderFailed`.",
        ("tests/localaws/services/stepfunctions/map/item_reader.py",),
        "A run over a folder that is not there; its Map Run tells.",
        "MapRunSucceeded, 0 children",
        _empty_listing,
    ),
    Inferred(
        "child-execution-arns",
        "Executions of a Distributed Map are `execution:MACHINE/LABEL:UUID`; `states:DescribeExecution` and "
        "`states:StopExecution` are granted on these and on the documented `execution:MACHINE:*`.",
        ("modules/workflow/role.tf", "tests/localaws/services/stepfunctions/map/state.py"),
        "The children of a folder's run are listed. Which form AWS holds the calls against, only CloudTrail tells.",
        "execution:MACHINE/LABEL:UUID",
        _child_arns,
    ),
    Inferred(
        "child-source-arn",
        "Children assume the role with `aws:SourceArn` of the state machine, or of `MACHINE/LABEL`: the trust lets "
        "both in. The local AWS sends the former.",
        ("modules/workflow/role.tf", "tests/localaws/services/stepfunctions/map/run.py"),
        "The children of a folder's run invoke the function, or may not. Which of the two it is, CloudTrail tells.",
        "the children ran",
        _children_run,
    ),
    Inferred(
        "children-not-announced",
        "Status changes of children name `MACHINE/LABEL` as their `stateMachineArn`, so that a rule for `MACHINE` "
        "passes them over.",
        ("modules/announcement/main.tf", "tests/localaws/services/stepfunctions/machine/status_changes.py"),
        "A folder with a bad file: what the failure topic hears is counted.",
        "1 of the run, 0 of its children",
        _announcements_of_bad_folder,
    ),
    Inferred(
        "announced-failure",
        "A status change of an execution that failed holds its `error` and its `cause`.",
        ("modules/announcement/main.tf", "tests/localaws/services/stepfunctions/machine/status_changes.py"),
        "A bad file: what the failure topic hears is compared with the execution.",
        "error and cause",
        _announced_failure,
    ),
    Inferred(
        "suffix-ignoring-case",
        "A `suffix` matcher with `equals-ignore-case` matches keys of S3's events whatever their case, and once.",
        ("modules/trigger/patterns.tf", "tests/localaws/services/events/patterns/complexity.py"),
        "A file that ends in `.CSV`: the executions that it starts are counted.",
        "1 execution",
        _started_by_capitals,
    ),
    Inferred(
        "rules-of-complexity-4",
        "EventBridge takes rules of up to 4 on the scale of event-ruler, the most that `input.prefix` makes.",
        ("modules/trigger/patterns.tf",),
        "A rule of 4, which is removed at once.",
        "accepted",
        lambda observed: observed.probe("rule of complexity 4"),
    ),
    Inferred(
        "rules-of-complexity-10",
        "EventBridge refuses rules of 10; known is that 9 was accepted and 11 refused.",
        ("tests/localaws/services/events/patterns/complexity.py", "tests/unit/localaws/events/test_patterns.py"),
        "A rule of 10, which is removed at once.",
        "InvalidEventPatternException",
        lambda observed: observed.probe("rule of complexity 10"),
    ),
    Inferred(
        "execution-names",
        "EventBridge names executions with its event's id, `_` and another UUID.",
        ("tests/localaws/services/events/targets.py",),
        "The names of all executions that events have started.",
        "EVENT_UUID",
        _execution_names,
    ),
    Inferred(
        "execution-names-by-target",
        "The second part of the name stands for the target, so that an event that is delivered twice starts one run.",
        ("tests/localaws/services/events/targets.py", "docs/troubleshooting.md"),
        "The second parts of all executions that events start. That an event comes twice can't be brought about.",
        "one for all events",
        _second_parts,
    ),
    Inferred(
        "training-fields",
        "`createTrainingJob.sync` takes every field that the module can render, "
        "`EnableInterContainerTrafficEncryption` among them; it renders only those that are set.",
        ("modules/training/main.tf", "tests/localaws/services/stepfunctions/integrations/training_job.py"),
        "A definition with all of them is validated, and not created.",
        "accepted",
        lambda observed: observed.probe("training job with every field"),
    ),
    Inferred(
        "word2vec-metrics",
        "A word2vec job with `evaluation` off has no final metrics.",
        ("statemachine.asl.json.tftpl", "modules/training/main.tf"),
        "The job of the small file is described.",
        "none",
        _metrics,
    ),
    Inferred(
        "list-tags",
        "`.sync` needs `sagemaker:ListTags`: AWS's own policy has it, and does not say what for.",
        ("modules/workflow/role.tf", "tests/localaws/services/stepfunctions/integrations/training_job.py"),
        "Not checked: a permission would have to be taken away, and its lack may show only at times.",
    ),
    Inferred(
        "children-denied",
        "A machine that may not start the children of its map fails with `StepFunctions.AWSStepFunctionsException`.",
        ("tests/localaws/services/stepfunctions/map/state.py",),
        "Not checked: a permission would have to be taken away. The module tells the error as it is.",
    ),
    Inferred(
        "put-events-errors",
        "Errors of a whole `events:putEvents` call are named as those of other services, "
        "`EventBridge.AmazonEventBridgeException` among them.",
        ("tests/localaws/services/stepfunctions/integrations/events_put.py",),
        "Not checked: the module sends no events.",
    ),
    Inferred(
        "input-transformers",
        "Of a path that leads nowhere an input transformer makes an empty text; what is no JSON then goes to the dead "
        "letters as `INVALID_JSON`, and a template that never makes JSON is refused as `Invalid InputTemplate`.",
        ("tests/localaws/services/events/inputs.py", "tests/localaws/services/events/targets.py"),
        "Not checked: the module's targets take the event or a part of it as it is.",
    ),
    Inferred(
        "times",
        "A child starts a second after another, functions are warm after 5 s, a job has its instance after 3 minutes.",
        ("docs/scaling.md", "benchmarks/scaling.py"),
        "Not compared: they differ from day to day. `observed.json` has the times of all runs, children and jobs.",
    ),
)
