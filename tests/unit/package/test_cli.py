from __future__ import annotations

from pathlib import Path

import pytest

from builder import cli, libraries


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--user-dictionary", "missing.csv"], "there is no user dictionary at missing.csv"),
        ([], "pip install failed:"),
    ],
)
def test_errors_are_one_clear_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("no-such-package==0\\\n    --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    monkeypatch.setattr(libraries, "REQUIREMENTS", lock)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert cli.main(["--output", str(tmp_path / "p.zip"), *arguments]) == 1
    assert f"build.py: {message}" in capsys.readouterr().err
    assert not (tmp_path / "p.zip").exists()


def test_what_is_there_is_not_built_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zip_file = tmp_path / "p.zip"
    zip_file.touch()

    assert cli.main(["--output", str(zip_file), "--if-missing"]) == 0
    assert "is there already" in capsys.readouterr().out
