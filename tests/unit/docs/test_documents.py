"""What the documents say of the code and the examples holds, and they can be read."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True).stdout.splitlines()
DOCUMENTS = [name for name in TRACKED if name.endswith(".md") and (ROOT / name).exists()]
WIDTH = 120

#: Examples that a user copies; `local` stands for no account.
COPIED = sorted({Path(name).parts[1] for name in TRACKED if name.startswith("examples/")} - {"local"})


def read(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text("utf-8")


def prose(document: str) -> list[str]:
    """The lines of a document that are neither code, nor a table, nor written by a verb."""
    text = re.sub(r"<!-- BEGIN_TF_DOCS -->.*?<!-- END_TF_DOCS -->", "", read(document), flags=re.DOTALL)
    text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line for line in text.splitlines() if not line.startswith("|")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_lines_fit_one_width(document: str) -> None:
    # A link can't be broken.
    assert [line for line in prose(document) if len(line) > WIDTH and " " in line.strip()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#]+)(?:#([^)]+))?\)", read(document))
    assert [link for link, _ in links if not (ROOT / document).parent.joinpath(link).exists()] == []
    for link, anchor in links:
        if anchor and link.endswith(".md"):
            headings = re.findall(
                r"^#+ (.+)$", (ROOT / document).parent.joinpath(link).read_text("utf-8"), re.MULTILINE
            )
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_contributing_names_every_folder() -> None:
    folders = {parts[0] for name in TRACKED if len(parts := Path(name).parts) > 1 and not parts[0].startswith(".")}
    folders |= {"/".join(parts[:2]) for name in TRACKED if len(parts := Path(name).parts) > 2 and parts[0] == "tests"}
    folders.remove("tests")
    text = read("CONTRIBUTING.md")
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in text] == []


@pytest.mark.parametrize("example", COPIED)
def test_examples_have_the_outputs_that_the_readme_uses(example: str) -> None:
    named = set(re.findall(r"terraform output -raw (\w+)", read("README.md")))
    outputs = set(re.findall(r'^output "(\w+)"', read(f"examples/{example}/outputs.tf"), re.MULTILINE))
    assert len(named) > 3
    assert named - outputs == set()


def test_a_throttled_file_is_tried_again_as_often_as_the_documents_say() -> None:
    numbers = {"six": 6, "twenty": 20}
    [word] = re.findall(r"Calls are throttled and tried again, (\w+) times", read("docs/scaling.md"))
    block = read("statemachine.tf").split("Lambda.TooManyRequestsException", 1)[1]
    [attempts] = re.findall(r"MaxAttempts +=[ ]*(\d+)", block)[:1]
    assert numbers[word] == int(attempts)


def test_the_memory_of_a_new_account_is_the_default() -> None:
    [largest] = re.findall(r"Member must have value less than or equal to (\d+)", read("docs/troubleshooting.md"))
    assert f"optional(number, {largest})" in read("variables.tf")
