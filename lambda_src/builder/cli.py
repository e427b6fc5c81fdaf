"""From the command line to the package."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from .archive import compile_sources, source_code_hash, trim, write_zip
from .dictionary import pack_dictionary
from .libraries import install
from .lock import alone
from .messages import BuildError, say
from .runtimes import DEFAULT_RUNTIME, GLIBC, MACHINES

SOURCES = Path(__file__).resolve().parents[1] / "preprocess"


def main(arguments: list[str] | None = None) -> int:
    """Build the package that the command line asks for."""
    parser = argparse.ArgumentParser(description="Build the Lambda function's deployment package.")
    parser.add_argument("--output", type=Path, required=True, help="zip file to write")
    parser.add_argument("--runtime", choices=GLIBC, default=DEFAULT_RUNTIME, help="(default: %(default)s)")
    parser.add_argument("--architecture", choices=sorted(MACHINES), default="x86_64", help="(default: %(default)s)")
    parser.add_argument("--user-dictionary", type=Path, help="words of your own, in Sudachi's CSV format")
    parser.add_argument("--if-missing", action="store_true", help="do nothing where the zip is already there")
    parser.add_argument("note", nargs="?", help="unused: what Terraform shows where it can't start Python")
    options = parser.parse_args(arguments)
    try:
        with alone(options.output):
            if options.if_missing and options.output.exists():
                say(f"{options.output} is there already")
            else:
                build(options.output, options.runtime, options.architecture, options.user_dictionary)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(output: Path, runtime: str, architecture: str, user_dictionary: Path | None = None) -> None:
    """Write the package for this runtime and architecture to ``output``.

    Raises
    ------
    BuildError
        pip fails, the user dictionary does not compile, or the package is too large.
    """
    version = runtime.removeprefix("python")
    if user_dictionary is not None and not user_dictionary.is_file():
        raise BuildError(f"there is no user dictionary at {user_dictionary}")
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "package"
        say(f"Installing the libraries for {runtime} on {architecture}")
        install(tree, runtime, architecture)
        trim(tree)
        say("Packing the dictionary")
        pack_dictionary(tree, user_dictionary)
        shutil.copytree(SOURCES, tree / "preprocess", ignore=shutil.ignore_patterns("__pycache__"))
        compile_sources(tree, version)
        unzipped = write_zip(tree, output)
    say(f"Wrote {output}: {output.stat().st_size / 1e6:.1f} MB, unzipped {unzipped / 1e6:.1f} MB")
    say(f'For preprocess.package: source_code_hash = "{source_code_hash(output)}"')
