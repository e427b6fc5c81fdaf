"""Entry point, as SageMaker starts a training image: read the ``ml`` folder, train, leave the model or the reason."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .channels import check_channels, check_instances, only_file
from .errors import AlgorithmError, ClientError
from .hyperparameters import parse


def main(ml: Path) -> int:
    """Run one training.

    Parameters
    ----------
    ml
        What SageMaker mounts as ``ml`` in a container.

    Returns
    -------
    int
        0; on failure, the error's exit code, and ``output/failure`` holds the reason.
    """
    try:
        train(ml)
    except (ClientError, AlgorithmError) as error:
        reason = f"{type(error).__name__}: {error}"
        print(reason, file=sys.stderr, flush=True)
        (ml / "output" / "failure").write_text(reason, encoding="utf-8")
        return error.exit_code
    return 0


def train(ml: Path) -> None:
    """Check everything that SageMaker hands over, then train."""
    settings = parse(_config(ml, "hyperparameters"))
    resources = _config(ml, "resourceconfig")
    channels = _config(ml, "inputdataconfig")
    check_instances(settings["mode"], resources.get("current_instance_type", "ml.m5.large"), len(resources["hosts"]))
    check_channels(settings["mode"], channels)
    files = {name: only_file(ml / "input" / "data" / name) for name in channels}
    print(f"Running BlazingText's local stand-in (fastText) in {settings['mode']} mode.", flush=True)
    for file in files.values():
        print(f"Processing {file.relative_to(ml)}. File size: {file.stat().st_size / 1e6:.1f} MB", flush=True)

    # Imported late: wrong hyperparameters should fail at once.
    from .training import train_supervised, train_word2vec

    if settings["mode"] == "supervised":
        train_supervised(settings, files["train"], files.get("validation"), ml / "model")
    else:
        train_word2vec(settings, files["train"], ml / "model")


def _config(ml: Path, name: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((ml / "input" / "config" / f"{name}.json").read_text(encoding="utf-8"))
    return config


def _end_with_parent() -> None:
    """A training whose SageMaker was killed must not go on learning."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    _end_with_parent()
    sys.exit(main(Path(sys.argv[1])))
