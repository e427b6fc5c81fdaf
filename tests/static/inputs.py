"""Write docs/inputs.md from ``variables.tf`` and ``outputs.tf``, or check that it is what they say."""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "inputs.md"
#: terraform-docs writes between the same two lines.
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"

_BLOCK = re.compile(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_ATTRIBUTE = r"^  {name} += (.*?)\n(?=  \w|\n  \w|\Z)"
_HEREDOC = re.compile(r"<<-EOT\n(.*?)^  EOT", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A variable or an output. ``default`` is ``None`` where a value must be given."""

    name: str
    description: str
    type: str | None
    default: str | None

    def markdown(self) -> str:
        """The entry as a section."""
        lines = [f"### `{self.name}`", "", self.description]
        if self.type is None:
            return "\n".join(lines)
        lines += ["", f"Type: `{self.type}`"] if "\n" not in self.type else ["", "```hcl", self.type, "```"]
        return "\n".join([*lines, "", "Required." if self.default is None else f"Default: `{self.default}`"])


def attribute(body: str, name: str) -> str | None:
    """An attribute of a block, as it is written."""
    found = re.search(_ATTRIBUTE.format(name=name), body, re.MULTILINE | re.DOTALL)
    return textwrap.dedent("  " + found[1]).strip() if found else None


def entries(source: str) -> list[Entry]:
    """The blocks of a Terraform file, in its order.

    Raises
    ------
    ValueError
        One has no description.
    """
    found = []
    for name, body in _BLOCK.findall(source):
        heredoc, string = _HEREDOC.search(body), attribute(body, "description")
        if string is None:
            raise ValueError(f"{name} has no description")
        unquoted = string[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        text = textwrap.dedent(heredoc[1]).strip() if heredoc else unquoted
        kind = attribute(body, "type")
        found.append(Entry(name, text, kind, attribute(body, "default")))
    return found


def render(document: str) -> str:
    """Put inputs and outputs between the document's markers."""
    inputs = entries((ROOT / "variables.tf").read_text("utf-8"))
    inputs.sort(key=lambda entry: entry.default is not None)
    outputs = entries((ROOT / "outputs.tf").read_text("utf-8"))
    listed = "\n".join(f"- `{entry.name}`: {entry.description}" for entry in outputs)
    text = "\n\n".join(["## Inputs", *(entry.markdown() for entry in inputs), "## Outputs", listed])
    head, _, rest = document.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Write the document; with ``--check``, only say whether that would change it."""
    before = DOCUMENT.read_text("utf-8")
    after = render(before)
    if "--check" not in sys.argv:
        DOCUMENT.write_text(after, "utf-8")
        return 0
    if before != after:
        print("docs/inputs.md does not have the inputs and outputs of variables.tf and outputs.tf: run `make docs`.")
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
