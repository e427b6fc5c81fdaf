"""``python -m on_aws``: settle on a real account what is inferred of AWS. It costs cents, and takes most of an hour."""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from demo.screen import Screen
from on_aws.account import REGION, on_aws
from on_aws.example import REPOSITORY, Example, NotDestroyedError
from on_aws.findings import differences, endings, report, settle
from on_aws.inferred import INFERRED
from on_aws.interruption import Interruption
from on_aws.observed import Observed
from on_aws.trial import STEPS, Trial, TrialError
from terraform_cli import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from on_aws.account import Account

FAILED, DIFFERENT, INTERRUPTED = 1, 2, 130
LARGE_MEGABYTES = 20.0


def main(arguments: list[str] | None = None) -> int:
    """Run a trial.

    Returns
    -------
    int
        0 where AWS does all as inferred, 2 where something differs, 1 where the trial failed, 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    console, errors = (Console(stderr=stderr, highlight=False, soft_wrap=True) for stderr in (False, True))
    if options.observed is not None:
        return _report(console, Observed.read(options.observed))
    observed = Observed()
    code = 0
    try:
        with Interruption() as interruption, _account(options) as account:
            _trial(account, options, observed, Screen(console), interruption)
    except KeyboardInterrupt:
        left = "what was made is kept" if options.keep else "everything that was made has been destroyed"
        errors.print(f"Interrupted; {left}.")
        code = INTERRUPTED
    except (BotoCoreError, ClientError, NotDestroyedError, TerraformError, TrialError) as error:
        errors.print(f"[bold red]Error:[/] {escape(str(error))}")
        code = FAILED
    if not observed.runs:
        return code
    found = _report(console, observed)
    console.print(f"All that was seen is in {escape(str(_seen(options)))}; it names your account.")
    return code or found


def _trial(
    account: Account, options: argparse.Namespace, observed: Observed, screen: Screen, interruption: Interruption
) -> None:
    who = account.client("sts").get_caller_identity()
    screen.note(f"Account {who['Account']}, {account.region}, as {who['Arn']}")
    example = Example(account, options.out, screen)
    screen.note(f"Everything is named {example.name}; its state is in {example.workdir}")
    with screen.live():
        try:
            Trial(account, example.name, example.apply(), observed, screen).run(options.large_megabytes)
        finally:
            if observed.runs:
                # First, whatever comes of the destroying.
                observed.write(_seen(options))
            if options.keep:
                screen.note(example.advice())
            else:
                interruption.defer()
                example.destroy()


def _report(console: Console, observed: Observed) -> int:
    runs = list(endings(STEPS, observed))
    inferences = [settle(inferred, observed) for inferred in INFERRED]
    for line in report(runs, inferences):
        console.print(escape(line))
    return DIFFERENT if differences([*runs, *inferences]) else 0


@contextmanager
def _account(options: argparse.Namespace) -> Iterator[Account]:
    if not options.local:
        yield on_aws(options.region, options.profile)
        return
    from on_aws.local import local_account

    with local_account(options.region) as account:
        yield account


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m on_aws", description=__doc__)
    parser.add_argument("--region", default=REGION, help=f"{REGION} by default, as in the example")
    parser.add_argument("--profile", help="profile of your AWS configuration; else the environment's credentials")
    parser.add_argument("--keep", action="store_true", help="do not destroy; says how to")
    parser.add_argument("--local", action="store_true", help="on the local AWS, to try the trial itself")
    parser.add_argument("--large-megabytes", type=float, default=LARGE_MEGABYTES, metavar="MB", help="20 by default")
    parser.add_argument("--out", type=_folder, default=REPOSITORY / ".local" / "on_aws", help="folder for what is seen")
    parser.add_argument("--observed", type=Path, metavar="FILE", help="compare an earlier trial again, without AWS")
    return parser


def _seen(options: argparse.Namespace) -> Path:
    return Path(options.out) / "observed.json"


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


if __name__ == "__main__":
    sys.exit(main())
