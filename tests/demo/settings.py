"""What a demo is run with: the user's choices, and sensible settings for a corpus of this size."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo import module
from demo.errors import DemoError
from preprocess.config import Job
from preprocess.errors import InvalidConfigurationError, InvalidInputError
from preprocess.table.opening import open_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Json = dict[str, Any]

#: Name of the object that closes a folder where the settings have none.
MARKER = "_SUCCESS"
#: The notebook's labels: bad reviews and good ones, without those in between.
SAMPLE_LABEL_MAP = {"1": "0", "2": "0", "4": "1", "5": "1"}
#: About what a token of Japanese text takes in a CSV, in bytes.
TOKEN_BYTES = 12
TOKENS_TO_TRAIN_ON = 2_500_000
HEADER_BYTES = 2**16

ADVICE = "Name the columns with TEXT_COLUMN=... and LABEL_COLUMN=..., and whatever else in a file with SETTINGS=..."

#: Settings that name what only the user's account has; here the module makes its own, or goes without.
OF_AN_ACCOUNT = (
    "failure_topic",
    "input.bucket",
    "input.manage_notification",
    "kms_key_arn",
    "permissions_boundary_arn",
    "preprocess.package",
    "vpc",
)


@dataclass(frozen=True)
class Settings:
    """One demo.

    Attributes
    ----------
    csv
        The user's file or folder of files, or ``None`` for the sample.
    chosen
        Variables of the module as the user chose them, by a file of settings and by options.
    left_out
        Names of those that the user chose and that can't be had here.
    out
        Folder for what the run leaves.
    cache
        Folder that keeps the Lambda's package from one demo to the next.
    """

    csv: Path | None
    chosen: Json
    left_out: tuple[str, ...]
    out: Path
    cache: Path
    sample_rows: int = 20_000

    @property
    def mode(self) -> str:
        """What is learned."""
        return str(self.chosen["training"]["mode"])

    @property
    def folder(self) -> Folder | None:
        """The user's folder, where it is one."""
        return Folder(self.csv, self.marker) if self.csv is not None and self.csv.is_dir() else None

    @property
    def marker(self) -> str:
        """Name of the object that closes a folder."""
        return self.chosen.get("input", {}).get("marker") or MARKER

    def variables(self, corpus_bytes: int) -> Json:
        """Input variables of ``examples/local``.

        Parameters
        ----------
        corpus_bytes
            Size of the file, or of all files.
        """
        folder = self.folder is not None
        # A file of a folder would start a run besides.
        input_ = {"each_file": False, "marker": self.marker} if folder else {"each_file": True}
        training = {"hyperparameters": self.hyperparameters(corpus_bytes)}
        return merged({"name": "local"}, self.chosen, {"input": input_, "training": training})

    def hyperparameters(self, corpus_bytes: int) -> dict[str, str]:
        """The user's hyperparameters, and for the others what suits a corpus of this size.

        BlazingText's defaults are for corpora of a gigabyte: in a small one hardly a word occurs five times, and five
        epochs teach nothing.
        """
        small = corpus_bytes < 1_000_000
        suited = {"min_count": "5" if not small else "2" if corpus_bytes > 20_000 else "1"}
        if self.mode == "supervised":
            # Two million buckets of word n-grams would make a model of 80 MB out of any corpus.
            suited |= {"vector_dim": "10", "epochs": "25" if small else "10", "buckets": "200000"}
            if self.chosen["corpus"].get("validation_fraction", 0.1) > 0:
                suited |= {"early_stopping": "True", "patience": "4", "min_epochs": "5"}
        else:
            tokens = max(1, corpus_bytes // TOKEN_BYTES)
            epochs = min(50, max(5, round(TOKENS_TO_TRAIN_ON / tokens)))
            suited |= {"vector_dim": "50" if small else "100", "epochs": str(epochs)}
        own = self.chosen["training"].get("hyperparameters") or {}
        if str(own.get("early_stopping")).lower() == "false":
            suited = {name: value for name, value in suited.items() if name not in ("patience", "min_epochs")}
        return suited | {name: _text(value) for name, value in own.items()}


@dataclass(frozen=True)
class Folder:
    """A folder of files that one run goes over.

    Which of them are read is for the module to say.
    """

    path: Path
    marker: str = MARKER

    @property
    def files(self) -> list[Path]:
        """Everything in it, at any depth, except markers: those within would start runs of their own."""
        return sorted(path for path in self.path.rglob("*") if path.is_file() and path.name != self.marker)


def collect(
    file: Path | None, options: Json, *, csv: Path | None, out: Path, cache: Path, sample_rows: int, runtime: str
) -> Settings:
    """Put the settings together: the demo's defaults, the user's file of settings, and the options, which win.

    Parameters
    ----------
    file
        Variables of the module as ``*.tfvars`` or ``*.tfvars.json``.
    options
        Variables of the module, of which only those are there that the user named.

    Raises
    ------
    DemoError
        The file can't be read.
    """
    named = module.read(file) if file else {}
    left_out = tuple(name for name in OF_AN_ACCOUNT if _take(named, name) is not None)
    words = named.get("preprocess", {}).get("user_dictionary")
    if file and words:
        named["preprocess"]["user_dictionary"] = str((file.parent / words).resolve())
    here = {
        "runtime": runtime,
        "architecture": architecture(),
        "build_directory": str(cache / "packages"),
        "python": sys.executable,
    }
    chosen = merged({"training": {"mode": "skipgram"}}, named, options, {"preprocess": here})
    supervised = chosen["training"]["mode"] == "supervised"
    corpus: Json = {"text_column": "review_body"}
    if supervised:
        corpus["label_column"] = "star_rating"
    if supervised and csv is None and "label_column" not in chosen.get("corpus", {}):
        corpus["label_map"] = SAMPLE_LABEL_MAP
    if csv is not None and ".tsv" in _first_name(csv).lower():
        corpus["delimiter"] = "\t"
    return Settings(csv, merged({"corpus": corpus}, chosen), left_out, out, cache, sample_rows)


def merged(*layers: Mapping[str, Any]) -> Json:
    """Merge settings, the later ones over the earlier, object by object."""
    result: Json = {}
    for layer in layers:
        for name, value in layer.items():
            before = result.get(name)
            # A map of labels or tags is one setting.
            both = isinstance(before, dict) and isinstance(value, dict) and name not in ("label_map", "tags")
            result[name] = merged(before or {}, value) if both else value
    return result


def _take(settings: Json, name: str) -> Any:
    """Take a setting out, and give its value."""
    outer, _, inner = name.partition(".")
    if inner:
        return (settings.get(outer) or {}).pop(inner, None)
    return settings.pop(outer, None)


def _first_name(csv: Path) -> str:
    if not csv.is_dir():
        return csv.name
    return next((path.name for path in Folder(csv).files if path.name[0] not in "_."), "")


def _text(value: Any) -> str:
    """A value as Terraform makes a text of it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def architecture() -> str:
    """This machine's architecture in Lambda's words.

    Raises
    ------
    DemoError
        Lambda's packages do not run on this machine.
    """
    machine = platform.machine().lower()
    known = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
    if sys.platform != "linux" or machine not in known:
        raise DemoError(
            f"The demo runs the Lambda's own package, which is for Linux on x86_64 or arm64, not for {sys.platform} on "
            f"{machine}. Open the repository in its dev container, or use a Linux machine or WSL."
        )
    return known[machine]


def check(settings: Settings) -> None:
    """Find what would fail later, before anything is started.

    Raises
    ------
    DemoError
        Says what is wrong and what to write instead, in the module's or the function's own words.
    """
    variables = module.complete(settings.variables(1))
    runtime = variables["preprocess"]["runtime"]
    if shutil.which(runtime) is None and runtime != own_runtime():
        raise DemoError(f"{runtime} is not on the PATH: install it, or leave --runtime out.")
    if settings.folder is not None:
        if not settings.folder.files:
            raise DemoError(f"There is no file in {settings.csv}.")
    elif settings.csv is not None:
        _check_header(settings.csv, variables)


def own_runtime() -> str:
    """Lambda's name of this Python."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def _check_header(path: Path, variables: Json) -> None:
    """Read the header as the function does; bad files of a folder are named by the run itself."""
    if not path.is_file():
        raise DemoError(f"There is no file {path}.")
    supervised = variables["training"]["mode"] == "supervised"
    unused = {} if supervised else {"label_column": None, "label_map": None}
    settings = {**variables["corpus"], **variables["tokenizer"], **unused}
    nowhere = {"input": {"bucket": "-", "key": path.name}, "output": {"bucket": "-", "prefix": "/"}}
    try:
        table = Job.from_event({**nowhere, "config": settings}).table
        with path.open("rb", buffering=0) as file:
            open_table(file, path.name, table, HEADER_BYTES)
    except (InvalidConfigurationError, InvalidInputError) as error:
        end = "" if str(error).endswith("?") else "."
        raise DemoError(f"{path.name}: {error}{end} {ADVICE}") from None
