"""The walls of the local AWS: imports go down, from the server to the account, and in no circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
PACKAGE = TESTS / "localaws"
STEP_FUNCTIONS = ("localaws", "services", "stepfunctions")
# From the ground up: what stands on a floor may import what stands below it, or beside it in the same room.
FLOORS = ("account", "access", "services", "server", "__main__")
STEP_FUNCTIONS_FLOORS = ("language", "machine", "integrations", "map", "api", "tasks")
NEIGHBORS = ("blazingtext", "demo", "e2e", "on_aws", "sample", "static", "terraform_cli", "unit")


def _module(path: Path) -> str:
    parts = path.relative_to(TESTS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _imported(source: str) -> set[str]:
    """Names of modules, and of what is taken from them, that a source text imports anywhere, in functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _graph() -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        graph[module] = set()
        for name in _imported(path.read_text("utf-8")):
            target = name if name in MODULES else name.rpartition(".")[0]
            if target in MODULES:
                graph[module].add(target)
    return graph


GRAPH = _graph()


def test_no_circle() -> None:
    try:
        list(TopologicalSorter(GRAPH).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def _upward(package: tuple[str, ...], floors: tuple[str, ...]) -> list[str]:
    """Imports, below a package, of a higher floor."""

    def floor(module: str) -> int | None:
        parts = tuple(module.split("."))
        is_inside = len(parts) > len(package) and parts[: len(package)] == package
        return floors.index(parts[len(package)]) if is_inside else None

    return [
        f"{module} imports {target}"
        for module, targets in GRAPH.items()
        for target in targets
        if (here := floor(module)) is not None and (there := floor(target)) is not None and there > here
    ]


def test_no_arrow_up() -> None:
    assert _upward(("localaws",), FLOORS) == []


def test_no_arrow_up_in_step_functions() -> None:
    assert _upward(STEP_FUNCTIONS, STEP_FUNCTIONS_FLOORS) == []


def test_services_do_not_know_each_other() -> None:
    def service(module: str) -> str | None:
        parts = module.split(".")
        return parts[2] if parts[:2] == ["localaws", "services"] and len(parts) > 2 else None

    assert [
        f"{module} imports {target}"
        for module, targets in GRAPH.items()
        for target in targets
        if service(module) and service(target) not in (None, service(module))
    ] == []


def test_the_package_itself_is_for_users() -> None:
    """Whoever imports ``localaws`` from inside of it waits for all of it."""
    inside = [module for module, targets in GRAPH.items() if "localaws" in targets]
    assert inside == []


def test_neighbors_are_not_imported() -> None:
    assert [
        f"{module} imports {name}"
        for module, path in MODULES.items()
        for name in _imported(path.read_text("utf-8"))
        if name.split(".")[0] in NEIGHBORS
    ] == []


def test_no_import_in_a_function() -> None:
    """An import inside a function hides an arrow."""
    found = [
        f"{module}: {ast.unparse(node)}"
        for module, path in MODULES.items()
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []
