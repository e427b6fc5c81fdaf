"""The demo from start to end: apply the module, drop the file into the bucket, watch, fetch what came out."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo import execution, module, report
from demo.module import REPOSITORY
from localaws import LocalAWS
from sample import write_csv
from terraform_cli import Terraform, find_mirror

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.screen import Screen, Step
    from demo.settings import Folder, Settings
    from demo.workspace import Workspace

EXAMPLE = REPOSITORY / "examples" / "local"
ARTIFACTS = (
    "statemachine.asl.json",
    "train.txt",
    "validation.txt",
    "report.json",
    "model.tar.gz",
    "execution.json",
)


def run(settings: Settings, screen: Screen, workspace: Workspace) -> execution.Run:
    """Run the pipeline once.

    Parameters
    ----------
    settings
        The demo's settings, checked.
    screen
        Where its progress is shown.
    workspace
        The folders that it has.

    Returns
    -------
    Run
        The finished execution; what it left lies in ``settings.out``.
    """
    for name in ARTIFACTS:
        (settings.out / name).unlink(missing_ok=True)
    workdir = workspace.temporary
    corpus = settings.csv or _sample(settings, screen, workdir)
    size = sum(path.stat().st_size for path in settings.folder.files) if settings.folder else corpus.stat().st_size
    variables = settings.variables(size)
    chosen = ", ".join(f"{name}={value}" for name, value in sorted(variables["training"]["hyperparameters"].items()))
    screen.note(f"Hyperparameters (chosen for a corpus of this size where not given): {chosen}")
    watched = module.complete(variables)["input"]
    with ExitStack() as stack:
        with screen.step("Start the local AWS"):
            aws = stack.enter_context(LocalAWS())
        outputs = _apply(aws, settings, variables, screen, workdir)
        _save_definition(aws, outputs["state_machine_arn"], settings.out)
        with screen.step("Upload") as step:
            upload = _Upload(aws, outputs["input_bucket"], watched["prefix"], lambda text: screen.update(step, text))
            key = upload.folder(settings.folder) if settings.folder else upload.file(corpus)
            screen.update(step, f"s3://{outputs['input_bucket']}/{key}, {upload.files:,} files, {size / 1e6:.1f} MB")
        with screen.step("S3 event starts an execution") as step:
            endings = ", ".join(watched["suffixes"])
            arn = execution.wait_for_start(aws, outputs["state_machine_arn"], key, endings)
        finished = execution.follow(aws, arn, screen, workspace.check)
        report.write_json(settings.out / "execution.json", finished.document())
        if finished.output.get("model_s3_uri"):
            with screen.step("Fetch the results"):
                _fetch(aws, finished.output, settings.out)
        return finished


class _Upload:
    """Puts files where the module watches, as they are: which are read is for it to say."""

    def __init__(self, aws: LocalAWS, bucket: str, prefix: str, show: Callable[[str], None]) -> None:
        self._s3 = aws.client("s3")
        self._bucket = bucket
        self._prefix = f"{prefix}demo/"
        self._show = show
        self.files = 0

    def file(self, path: Path) -> str:
        """Upload a file; gives its key."""
        key = self._prefix + path.name
        self._put(path, key)
        return key

    def folder(self, folder: Folder) -> str:
        """Upload every file of a folder, and then the marker that closes it; gives the marker's key."""
        prefix = f"{self._prefix}{folder.path.resolve().name}/"
        files = folder.files
        for path in files:
            self._put(path, prefix + path.relative_to(folder.path).as_posix())
            self._show(f"{self.files:,} of {len(files):,} files")
        self._s3.put_object(Bucket=self._bucket, Key=prefix + folder.marker)
        return prefix + folder.marker

    def _put(self, path: Path, key: str) -> None:
        self._s3.upload_file(str(path), self._bucket, key)
        self.files += 1


def _sample(settings: Settings, screen: Screen, workdir: Path) -> Path:
    with screen.step("Make the sample corpus") as step:
        path = workdir / "reviews.csv"
        write_csv(path, rows=settings.sample_rows)
        screen.update(step, f"{settings.sample_rows:,} reviews")
    return path


def _apply(
    aws: LocalAWS, settings: Settings, variables: dict[str, Any], screen: Screen, workdir: Path
) -> dict[str, Any]:
    environment = aws.environment()
    if find_mirror() is None:
        # Downloaded once: the provider is large, and the lock file of a throw-away folder can't vouch for the cache.
        providers = settings.cache / "providers"
        providers.mkdir(exist_ok=True)
        environment |= {"TF_PLUGIN_CACHE_DIR": str(providers), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1"}
    (settings.cache / "packages").mkdir(exist_ok=True)
    terraform = Terraform(EXAMPLE, workdir=workdir / "terraform", root=REPOSITORY, env=environment)
    with screen.step("terraform init"):
        terraform.init()
    with screen.step("terraform apply") as step:
        terraform.on_line = _apply_progress(screen, step)
        terraform.apply(variables)
        return terraform.output()


def _apply_progress(screen: Screen, step: Step) -> Callable[[str], None]:
    """Count the resources that Terraform says it has made."""
    total = done = 0
    plan = re.compile(r"Plan: (\d+) to add")
    working = re.compile(r"^(?:module\.blazingtext_ja\.)?(\S+): (?:Creating|Still creating|Provisioning)")

    def show(line: str) -> None:
        nonlocal total, done
        if found := plan.search(line):
            total = int(found[1])
        elif ": Creation complete" in line:
            done += 1
            screen.update(step, f"{done} of {total} resources")
        elif (found := working.match(line)) and total:
            building = "terraform_data.package" in found[1]
            screen.update(
                step, f"{done} of {total} resources" + (", building the Lambda's package" if building else "")
            )

    return show


def _save_definition(aws: LocalAWS, state_machine: str, out: Path) -> None:
    description = aws.client("stepfunctions").describe_state_machine(stateMachineArn=state_machine)
    report.write_json(out / "statemachine.asl.json", json.loads(description["definition"]))


def _fetch(aws: LocalAWS, output: dict[str, Any], out: Path) -> None:
    objects = {
        "train.txt": output["train"]["s3_uri"],
        "report.json": output["report_s3_uri"],
        "model.tar.gz": output["model_s3_uri"],
    }
    if output["validation"]:
        objects["validation.txt"] = output["validation"]["s3_uri"]
    s3 = aws.client("s3")
    for name, uri in objects.items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        s3.download_file(bucket, key, str(out / name))
