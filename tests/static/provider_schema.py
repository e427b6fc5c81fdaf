"""Write ``aws_provider_6.json``: what version 6 of the AWS provider has of the types that the Terraform files use.

npm's ``@cdktf/provider-aws`` is generated from the provider's schema: each resource's ``index.js`` turns its settings
into Terraform's. It is 37 MB, so what is needed of it is kept here. (The provider itself answers
``terraform providers schema -json``, for whoever has it installed.)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from static.provider import SCHEMA, terraform_files, uses

#: The last one that was published; its package.json says which version of the provider it is made from.
PACKAGE = "@cdktf/provider-aws@21.22.1"

_FUNCTION = re.compile(r"^function (\w+ToTerraform)\(struct\) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_CLASS = re.compile(r"^class \w+ extends cdktf\.Terraform(?:Resource|DataSource) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_SYNTHESIS = re.compile(r"^    synthesizeAttributes\(\) \{(.*?)^    \}", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"^ +(\w+): (.*),$", re.MULTILINE)
_CONVERTER = re.compile(r"\b(\w+ToTerraform)\b")
_COMPUTED = re.compile(r"(?:Attribute\('|\(this, \")(\w+)['\"]")

Node = dict[str, Any]


def parse(source: str) -> Node:
    """The attributes and blocks of a resource, nested as in the schema; an attribute has nothing below it."""
    functions = dict(_FUNCTION.findall(source))

    def nodes(body: str) -> Node:
        return {name: below(expression) for name, expression in _SETTING.findall(body)}

    def below(expression: str) -> Node:
        found = [name for name in _CONVERTER.findall(expression) if name in functions]
        return nodes(functions[found[0]]) if found else {}

    resource = _CLASS.search(source)
    synthesis = _SYNTHESIS.search(resource[1]) if resource else None
    if not resource or not synthesis:
        raise ValueError("this is not the source of a resource")
    computed: Node = {name: {} for name in _COMPUTED.findall(resource[1])}
    return dict(sorted((computed | nodes(synthesis[1])).items()))


def extract(read: Callable[[str], str], wanted: set[tuple[str, str]]) -> Node:
    """What the package has of each kind and type.

    Parameters
    ----------
    read
        Gives a file of the package.
    wanted
        Kinds (``resource``, ``data``) and types.

    Raises
    ------
    KeyError
        There is no such type.
    """
    provider = json.loads(read("package.json"))["cdktf"]["provider"]
    found: Node = {"source": PACKAGE, "version": provider["version"], "data": {}, "resource": {}}
    for kind, type_ in sorted(wanted):
        folder = type_.removeprefix("aws_").replace("_", "-")
        prefix = "data-aws-" if kind == "data" else ""
        found[kind][type_] = parse(read(f"lib/{prefix}{folder}/index.js"))
    return found


def main() -> int:
    """Download the package with npm and write the file; 1 where a type does not exist."""
    wanted = {(kind, type_) for path in terraform_files() for kind, type_, _ in uses(path.read_text("utf-8"))}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as package:
            members = {member.name.removeprefix("package/"): member for member in package}

            def read(name: str) -> str:
                stream = package.extractfile(members[name])
                assert stream is not None
                return stream.read().decode()

            try:
                schema = extract(read, wanted)
            except KeyError as error:
                print(f"{PACKAGE} has no {error}: the AWS provider has no such type", file=sys.stderr)
                return 1
    SCHEMA.write_text(json.dumps(schema, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
