"""pip takes the user's network, and nothing else of how it is set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.messages import BuildError
from builder.pip import environment, network_settings, pip


def use(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    """Let pip read a configuration file."""
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))


SETTINGS = {
    "constraint": "constraints.txt",
    "dry-run": "1",
    "prefix": "elsewhere",
    "require-virtualenv": "1",
    "root": "elsewhere",
    "user": "1",
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_installs_whatever_the_user_tells_pip(
    name: str, place: str, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("constraints.txt").write_text("deep==2\n", encoding="utf-8")
    text = f"[global]\nfind-links = {index}\n"
    if place == "file":
        text += f"[install]\n{name} = {SETTINGS[name]}\n"
    else:
        monkeypatch.setenv(f"PIP_{name.upper().replace('-', '_')}", SETTINGS[name])
    use(monkeypatch, tmp_path / "pip.conf", text)

    pip("install", f"--target={tmp_path / 'tree'}", "deep==1")

    assert (tmp_path / "tree" / "deep.py").is_file()
    assert not Path("elsewhere").exists()
    # These tests run in a virtual environment, where `require-virtualenv` does no harm.
    assert not {f"PIP_{name.upper().replace('-', '_')}" for name in SETTINGS} & environment().keys()


def test_the_network_is_the_users(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = "[global]\nindex-url = https://a.example/simple\nproxy = http://1\nfind-links =\n  /x\n  /y\nuser = 1\n"
    install, other = "[install]\nproxy = http://2\n", "[download]\nproxy = http://3\n"
    use(monkeypatch, tmp_path / "pip.conf", common + install + other)
    monkeypatch.setenv("PIP_INDEX_URL", "https://b.example/simple")
    monkeypatch.setenv("PIP_CERT", "ca.pem")

    found = network_settings()

    assert found["find-links"].split() == ["/x", "/y"]
    assert (found["cert"], found["index-url"], found["proxy"]) == ("ca.pem", "https://b.example/simple", "http://2")
    assert "user" not in found


def test_a_file_that_pip_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path / "pip.conf", "index-url = without a section\n")

    with pytest.raises(BuildError, match="pip config list failed:"):
        network_settings()
