"""pip, apart from how the user has it set up."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

from .messages import BuildError

NO_PIP = f"{sys.executable} has no pip: install it (python3 -m ensurepip, or your system's python3-pip)"

#: Where packages come from, and how they are reached. Nothing else is taken from the user's files and environment:
#: ``user``, ``prefix``, ``root`` and ``require-virtualenv`` each break ``--target``, ``constraint`` the pins.
#: https://pip.pypa.io/en/stable/cli/pip/#general-options
NETWORK = {
    "cache-dir",
    "cert",
    "client-cert",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-cache-dir",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
    "use-deprecated",
    "use-feature",
}

#: pip's own order, the last one wins. https://pip.pypa.io/en/stable/topics/configuration/#precedence-override-order
SECTIONS = ("global", "install", ":env:")


def pip(command: str, *options: str) -> None:
    """Run pip, showing what it says only if it fails.

    Raises
    ------
    BuildError
        It fails.
    """
    done = _run(environment(), command, *options)
    if done.returncode:
        raise BuildError(f"pip {command} failed:\n{done.stdout.strip()}")


def environment() -> dict[str, str]:
    """This process's environment, where pip finds the user's network settings and no other."""
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("PIP_")}
    settings = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in network_settings().items()}
    return {**inherited, **settings, "PIP_CONFIG_FILE": os.devnull}


def network_settings() -> dict[str, str]:
    """What pip's files and environment variables say of the network, by the name of the option.

    Raises
    ------
    BuildError
        One of the files can't be read.
    """
    # `user = true`, meant for installing, would make `pip config` too look at one file only.
    listed = _run({**os.environ, "PIP_USER": "0"}, "config", "list")
    if listed.returncode:
        raise BuildError(f"pip config list failed:\n{listed.stdout.strip()}")
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in found and name in NETWORK:
            found[section][name] = str(ast.literal_eval(value))
    return {name: value for section in SECTIONS for name, value in found[section].items()}


def _run(environment: dict[str, str], command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", command, *options],
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
