"""BlazingText's input: which channels a mode takes, and what must lie in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GPU_FAMILIES = ("p2", "p3", "g4dn", "g5")
# Sizes of the supported families with one GPU; all others have several (EC2's list of accelerated instances).
SINGLE_GPU = {"p2.xlarge", "p3.2xlarge"} | {
    f"{family}.{size}" for family in ("g4dn", "g5") for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")
}
ACCELERATED_PREFIXES = ("p", "g", "trn", "inf", "dl")


def check_instances(mode: str, instance_type: str, count: int) -> None:
    """Refuse instances that BlazingText does not train on in this mode.

    Raises
    ------
    ClientError
        Says which instances the mode takes.
    """
    kind = instance_type.removeprefix("ml.")
    family = kind.split(".")[0]
    accelerated = family.startswith(ACCELERATED_PREFIXES)
    if accelerated and family not in GPU_FAMILIES:
        raise ClientError(
            f"BlazingText does not run on {instance_type}. Use a CPU instance or one of {', '.join(GPU_FAMILIES)}."
        )
    if mode == "batch_skipgram" and accelerated:
        raise ClientError(f"Mode 'batch_skipgram' trains on CPU instances only, not on {instance_type}.")
    if mode != "batch_skipgram" and count > 1:
        raise ClientError(
            f"Mode '{mode}' trains on one instance, not on {count}. Only 'batch_skipgram' spreads over several."
        )
    if mode == "supervised" and accelerated and kind not in SINGLE_GPU:
        raise ClientError(f"Mode 'supervised' takes an instance with a single GPU; {instance_type} has several.")


def check_channels(mode: str, channels: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse channels that BlazingText does not know, or not in this form.

    Parameters
    ----------
    mode
        The training mode.
    channels
        What ``inputdataconfig.json`` says of each channel.
    """
    allowed = ("train", "validation") if mode == "supervised" else ("train",)
    if "train" not in channels:
        raise ClientError("The required channel 'train' is missing.")
    unknown = sorted(set(channels) - set(allowed))
    if unknown:
        raise ClientError(f"Mode '{mode}' takes the channels {', '.join(allowed)}, but not {', '.join(unknown)}.")
    for name, channel in channels.items():
        if channel.get("ContentType", "text/plain") != "text/plain":
            raise ClientError(
                f"Channel '{name}' has the content type '{channel['ContentType']}'. BlazingText reads text/plain."
            )
        if channel.get("TrainingInputMode", "File") != "File":
            raise ClientError(f"Channel '{name}' is in {channel['TrainingInputMode']} mode; use File mode.")
        if channel.get("S3DistributionType", "FullyReplicated") != "FullyReplicated":
            raise ClientError(f"Channel '{name}' must be FullyReplicated: BlazingText distributes the data itself.")


def only_file(folder: Path) -> Path:
    """The one file of a channel.

    Raises
    ------
    ClientError
        There is none, there are several, or it is empty.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(files) != 1:
        raise ClientError(
            f"BlazingText expects exactly one file in the channel '{folder.name}', found {len(files)}. "
            "Concatenate the files into one."
        )
    if files[0].stat().st_size == 0:
        raise ClientError(f"The file in the channel '{folder.name}' is empty.")
    return files[0]
