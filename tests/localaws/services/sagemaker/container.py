"""The training container: a process with a folder laid out as SageMaker lays out a container's ``ml``."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import tarfile
import threading
from typing import TYPE_CHECKING, Any

from localaws.services.sagemaker import images

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# BlazingText's metrics, found in its output by these expressions.
METRIC_DEFINITIONS = [
    {"Name": "train:mean_rho", "Regex": r"#mean_rho: ([0-9\.]+)"},
    {"Name": "train:accuracy", "Regex": r"#train_accuracy: ([0-9\.]+)"},
    {"Name": "validation:accuracy", "Regex": r"#validation_accuracy: ([0-9\.]+)"},
]
GRACE_SECONDS = 2.0


class Container:
    """One run of the training image.

    Parameters
    ----------
    folder
        An empty folder, its ``ml``.
    request
        Parameters of ``CreateTrainingJob``.

    Attributes
    ----------
    metrics
        The last value of each metric so far.
    """

    def __init__(self, folder: Path, request: Mapping[str, Any]) -> None:
        self._ml = folder / "ml"
        self._request = request
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._last_line = ""
        self.metrics: dict[str, float] = {}
        for part in ("input/config", "input/data", "model", "output"):
            (self._ml / part).mkdir(parents=True)
        self._write_config("hyperparameters", request.get("HyperParameters", {}))
        hosts = [f"algo-{number}" for number in range(1, request["ResourceConfig"]["InstanceCount"] + 1)]
        self._write_config(
            "resourceconfig",
            {
                "current_host": hosts[0],
                "hosts": hosts,
                "current_instance_type": request["ResourceConfig"]["InstanceType"],
            },
        )
        self._write_config(
            "inputdataconfig",
            {channel["ChannelName"]: _channel_config(channel, request) for channel in request["InputDataConfig"]},
        )

    def channel(self, name: str) -> Path:
        """Folder of a channel's files."""
        return self._ml / "input" / "data" / name

    def start(self) -> None:
        """Start the algorithm."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
        environment |= self._request.get("Environment", {})
        image = images.IMAGE.fullmatch(self._request["AlgorithmSpecification"]["TrainingImage"])
        assert image is not None
        environment |= images.variables(image["repository"])
        environment["TRAINING_JOB_NAME"] = self._request["TrainingJobName"]
        self._process = subprocess.Popen(
            images.command(image["repository"], self._ml),
            cwd=self._ml,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def running(self) -> bool:
        """Whether the algorithm is at work."""
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """End the algorithm if it still runs, and read the rest of its output."""
        assert self._process is not None
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._reader.join()

    def output(self) -> Iterator[str]:
        """Lines written since the last call."""
        while not self._lines.empty():
            yield self._lines.get()

    def failure(self) -> str | None:
        """Why the algorithm failed, or ``None`` where it did not."""
        assert self._process is not None
        code = self._process.returncode
        if code == 0:
            return None
        code = code if code > 0 else 128 - code
        reason = self._ml / "output" / "failure"
        text = reason.read_text(encoding="utf-8") if reason.exists() else f"AlgorithmError: {self._last_line}"
        return f"{text.rstrip('.')}, exit code: {code}"

    def archive(self) -> Path:
        """Pack the model folder into ``model.tar.gz``."""
        path = self._ml / "model.tar.gz"
        # Vectors hardly compress; the lowest level is several times faster.
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            for artifact in sorted((self._ml / "model").iterdir()):
                archive.add(artifact, artifact.name)
        return path

    def size(self) -> int:
        """Bytes on the training volume."""
        return sum(path.stat().st_size for path in self._ml.rglob("*") if path.is_file())

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._last_line = line.rstrip()
                self._lines.put(self._last_line)
                for definition in METRIC_DEFINITIONS:
                    if found := re.search(definition["Regex"], line):
                        self.metrics[definition["Name"]] = float(found[1])

    def _write_config(self, name: str, value: Mapping[str, Any]) -> None:
        path = self._ml / "input" / "config" / f"{name}.json"
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _channel_config(channel: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, str]:
    """A channel in ``inputdataconfig.json``."""
    mode = channel.get("InputMode", request["AlgorithmSpecification"]["TrainingInputMode"])
    config = {
        "TrainingInputMode": mode,
        "S3DistributionType": channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
