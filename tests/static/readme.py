"""Write the README's inputs and outputs from ``variables.tf`` and ``outputs.tf``, or check that they stand there."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"^  description = <<-EOT\n(.*?)^  EOT", re.MULTILINE | re.DOTALL)
_STRING = re.compile(r'^  description = "((?:[^"\\]|\\.)*)"$', re.MULTILINE)
_DEFAULT = re.compile(r"^  default +=", re.MULTILINE)


def _description(body: str) -> str:
    if heredoc := _HEREDOC.search(body):
        return textwrap.dedent(heredoc[1]).strip()
    if string := _STRING.search(body):
        return string[1].replace('\\"', '"')
    raise ValueError(f"a block without a description:\n{body}")


def entries(source: str) -> list[tuple[str, str, bool]]:
    """Name, description and whether it must be given, of each block of a Terraform file."""
    return [(name, _description(body), _DEFAULT.search(body) is None) for name, body in _BLOCK.findall(source)]


def render(readme: str) -> str:
    """Put the blocks' names and descriptions between the README's markers."""
    inputs = [
        f"### `{name}`{' (required)' if required else ''}\n\n{description}"
        for name, description, required in entries((ROOT / "variables.tf").read_text("utf-8"))
    ]
    inputs.sort(key=lambda entry: "(required)" not in entry.splitlines()[0])
    outputs = [f"- `{name}`: {text}" for name, text, _ in entries((ROOT / "outputs.tf").read_text("utf-8"))]
    for marker, text in (("inputs", "\n\n".join(inputs)), ("outputs", "\n".join(outputs))):
        begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
        head, rest = readme.split(begin)
        readme = f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}"
    return readme


def main() -> int:
    """Write the README; with ``--check``, only say whether that would change it."""
    path = ROOT / "README.md"
    before = path.read_text("utf-8")
    after = render(before)
    if "--check" in sys.argv:
        if before != after:
            print("README.md does not have the inputs and outputs of variables.tf and outputs.tf: run `make docs`.")
        return int(before != after)
    path.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
