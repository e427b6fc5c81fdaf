"""The register of patches: each names a fault that moto has, and each is undone."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import Any

import moto
import pytest

from localaws import LocalAWS
from localaws.account.patches import MOTO, PATCHES, Patch, applied
from unit.localaws import gaps

# Faults that something else than a patch works around.
WITHOUT_PATCH = {
    "stepfunctions/answers_errors_without_their_names",  # stepfunctions.machine.refusals
}


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert moto.__version__ == MOTO
    assert {patch.moto for patch in PATCHES} == {MOTO}


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.target)
def test_each_patch_names_its_fault_and_a_test_that_sees_it(patch: Patch) -> None:
    assert patch.fault
    assert patch.gaps
    for gap in patch.gaps:
        service, _, name = gap.partition("/")
        assert name in gaps.faults(service)


def test_each_fault_has_its_patch() -> None:
    known = {f"{service}/{name}" for service in gaps.SERVICES for name in gaps.faults(service)}
    assert known - {gap for patch in PATCHES for gap in patch.gaps} == WITHOUT_PATCH


def _now(patch: Patch) -> Any:
    owner = getattr(importlib.import_module(patch.module), patch.target.split(".")[0], None)
    return inspect.getattr_static(owner or importlib.import_module(patch.module), patch.name, None)


def test_all_are_in_place_while_it_runs_and_undone_afterwards() -> None:
    loaded = [patch for patch in PATCHES if not isinstance(patch.owner, str)]
    before = [_now(patch) for patch in loaded]
    for _ in range(2):
        with LocalAWS():
            for patch in loaded:
                found = _now(patch)
                assert getattr(found, "__func__", found) is patch.replacement
        assert [_now(patch) for patch in loaded] == before


LATE = """
import sys
from localaws.account import patches
import localaws
assert "moto.ec2.responses" not in sys.modules
with patches.applied():
    patches.load("moto.ec2.responses")
    from moto.ec2.responses import EC2Response
    assert EC2Response.create_network_interface_permission.__module__ == "localaws.services.sagemaker.api"
assert not hasattr(EC2Response, "create_network_interface_permission")
with patches.applied():
    assert EC2Response.create_network_interface_permission.__module__ == "localaws.services.sagemaker.api"
"""


def test_what_takes_long_to_load_is_patched_when_it_is_needed() -> None:
    """In a process of its own, since other tests load it in this one."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, check=False, cwd=gaps.TESTS, text=True)
    assert done.returncode == 0, done.stderr


def test_two_users_share_the_patches() -> None:
    patch = PATCHES[0]
    before = _now(patch)
    with applied():
        with applied():
            pass
        assert _now(patch) is not before
    assert _now(patch) is before
