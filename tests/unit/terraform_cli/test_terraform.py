"""The Terraform wrapper."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from terraform_cli import terraform
from terraform_cli.terraform import PROVIDER, Terraform, TerraformError, environment, find_mirror

TESTS = Path(__file__).parents[2]
# The built-in provider needs neither mirror nor registry.
CONFIGURATION = """
variable "word" { type = string }
resource "terraform_data" "word" { input = var.word }
output "word" { value = terraform_data.word.output }
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def fake_terraform(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(exist_ok=True)
    binary = folder / "terraform"
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(binary.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_apply_plan_output_destroy_leave_the_source_alone(module: Path, work: Path) -> None:
    lines: list[str] = []
    subject = Terraform(module, workdir=work, on_line=lines.append)
    subject.init()
    subject.validate()
    subject.apply({"word": "言葉"})
    assert subject.output() == {"word": "言葉"}
    assert not subject.plan({"word": "言葉"})
    assert subject.plan({"word": "別"})
    subject.destroy({"word": "言葉"})
    assert any("Apply complete!" in line for line in lines)
    assert [path.name for path in module.iterdir()] == ["main.tf"]


def test_a_module_reaches_the_rest_of_its_repository(tmp_path: Path, work: Path) -> None:
    root = tmp_path / "repository"
    example = root / "examples" / "one"
    example.mkdir(parents=True)
    (root / "main.tf").write_text('output "file" { value = file("${path.module}/text") }\n')
    (root / "text").write_text("hello")
    (root / "terraform.tfstate").write_text("not a state")
    (example / "main.tf").write_text('module "it" { source = "../.." }\noutput "file" { value = module.it.file }\n')
    subject = Terraform(example, workdir=work, root=root)
    subject.init()
    subject.apply({})
    assert subject.output() == {"file": "hello"}
    assert sorted(path.name for path in root.rglob("*")) == [
        "examples",
        "main.tf",
        "main.tf",
        "one",
        "terraform.tfstate",
        "text",
    ]


def test_a_failure_tells_what_terraform_said(module: Path, work: Path) -> None:
    (module / "main.tf").write_text('output "it" { value = var.missing }\n')
    subject = Terraform(module, workdir=work)
    subject.init()
    with pytest.raises(TerraformError, match=r"(?s)terraform validate failed \(exit code 1\).*undeclared input"):
        subject.validate()


def test_no_terraform(monkeypatch: pytest.MonkeyPatch, module: Path, work: Path) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TerraformError, match=r"put terraform 1\.9 or later on the PATH"):
        Terraform(module, workdir=work)


@pytest.mark.parametrize(
    ("version", "message"), [("1.8.5", r"1\.8 is too old: this module needs 1\.9"), ("?", "failed")]
)
def test_an_unfit_terraform(
    version: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Path, work: Path
) -> None:
    fake_terraform(tmp_path / "bin", f"""echo '{{"terraform_version": "{version}"}}'""", monkeypatch)
    with pytest.raises(TerraformError, match=message):
        Terraform(module, workdir=work)


def test_a_newer_terraform_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_terraform(tmp_path / "bin", """echo '{"terraform_version": "1.10.2"}'""", monkeypatch)
    assert terraform.binary() == str(tmp_path / "bin" / "terraform")


def test_a_mirror_is_found_a_few_levels_down_and_no_deeper(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / PROVIDER).mkdir(parents=True)
    assert find_mirror(tmp_path, depth=2) == tmp_path / "a" / "b"
    assert find_mirror(tmp_path, depth=1) is None
    assert find_mirror(tmp_path / "a" / "b", depth=0) == tmp_path / "a" / "b"


def test_the_search_for_a_mirror_ends_in_time(tmp_path: Path) -> None:
    (tmp_path / "a" / PROVIDER).mkdir(parents=True)
    assert find_mirror(tmp_path, seconds=-1) is None


def test_a_mirror_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing.rc"))
    monkeypatch.setattr(terraform, "find_mirror", lambda: tmp_path / 'with "quotes"')
    configuration = Path(environment(work)["TF_CLI_CONFIG_FILE"])
    assert configuration.parent == work
    text = configuration.read_text()
    assert str(tmp_path) in text
    assert '\\"quotes\\"' in text
    assert text.count(f'["{PROVIDER}"]') == 2


def test_without_a_mirror_the_registry_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing.rc"))
    monkeypatch.setattr(terraform, "find_mirror", lambda: None)
    assert "TF_CLI_CONFIG_FILE" not in environment(work)


def test_the_users_own_configuration_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    own = tmp_path / "own.rc"
    own.write_text("")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert environment(work)["TF_CLI_CONFIG_FILE"] == str(own)
    assert not work.exists()


def test_an_interruption_ends_all_that_terraform_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Path, work: Path
) -> None:
    script = (
        """case "$1" in version) echo '{"terraform_version": "1.11.0"}';; """
        """*) trap '' INT; sleep 300 & echo $!; wait;; esac"""
    )
    fake_terraform(tmp_path / "bin", script, monkeypatch)
    monkeypatch.setattr(terraform, "GRACE_SECONDS", 0.2)
    children: list[int] = []

    def interrupt(line: str) -> None:
        children.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Terraform(module, workdir=work, on_line=interrupt).init()
    deadline = time.monotonic() + 5
    while _runs(children[0]):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell ignores interrupts for what it starts in the background; children inherit that, and no trap undoes it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_terraform_says_so_and_writes_its_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Path, work: Path
) -> None:
    state = tmp_path / "state"
    script = (
        """case "$1" in version) echo '{"terraform_version": "1.11.0"}';; """
        f"""*) trap 'echo Interrupt received.; sleep 0.5; echo written > {state}; exit 1' INT; """
        """echo ready; while :; do sleep 0.05; done;; esac"""
    )
    fake_terraform(tmp_path / "bin", script, monkeypatch)

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Terraform(module, workdir=work, on_line=interrupt, grace_seconds=20).init()
    assert state.read_text() == "written\n"


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_aws_settings_of_two_accounts_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Path, work: Path
) -> None:
    script = """case "$1" in version) echo '{"terraform_version": "1.11.0"}';; *) env;; esac"""
    fake_terraform(tmp_path / "bin", script, monkeypatch)
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("TF_DATA_DIR", "/elsewhere")
    lines: list[str] = []
    Terraform(module, workdir=work, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, on_line=lines.append).init()
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:1" in lines
    assert f"AWS_CONFIG_FILE={os.devnull}" in lines
    assert not [line for line in lines if line.startswith(("AWS_PROFILE", "TF_DATA_DIR"))]
    lines.clear()
    Terraform(module, workdir=work, on_line=lines.append).init()
    assert "AWS_PROFILE=production" in lines


def test_much_output_on_both_streams_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Path, work: Path
) -> None:
    noise = "i=0; while [ $i -lt 20000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done; exit 1"
    script = f"""case "$1" in version) echo '{{"terraform_version": "1.11.0"}}';; *) {noise};; esac"""
    fake_terraform(tmp_path / "bin", script, monkeypatch)
    watchdog = threading.Timer(30, os._exit, [1])
    watchdog.start()
    with pytest.raises(TerraformError, match="err 19999") as failure:
        Terraform(module, workdir=work).init()
    watchdog.cancel()
    assert len(str(failure.value).splitlines()) == terraform.TAIL_LINES + 1


def test_command_line(module: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "terraform_cli", *arguments],
            cwd=module,
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("fmt", "-check", "main.tf").returncode == 0
    assert "Terraform v" in run("version").stdout
    assert run("nonsense").returncode != 0
