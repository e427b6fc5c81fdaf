"""What of moto is replaced while a local AWS runs: one register, applied as a whole and undone as a whole.

Each patch says which fault of moto it works around and which tests see that fault on moto alone, so that a patch whose
fault is gone shows as a failing test. ``python -m static.patches`` writes them as a table into the README beside.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOTO = "5.2.5"
"""The version of moto in which every fault was last seen; a test holds it to the one that is installed."""

_Replacement = TypeVar("_Replacement", bound="Callable[..., Any]")


@dataclass(frozen=True)
class Patch:
    """One function of moto that is replaced, or that moto lacks.

    Attributes
    ----------
    owner
        The class or module; for one that takes long to load its dotted name, see :func:`load`.
    name
        The function's name there.
    replacement
        What stands there instead.
    fault
        What moto does.
    gaps
        The tests that see it on moto alone: ``s3/leaves_event_bridge_out`` is that function in
        ``tests/unit/localaws/s3/moto_alone.py``.
    moto
        The version of moto that has the fault.
    """

    owner: Any
    name: str
    replacement: Callable[..., Any]
    fault: str
    gaps: tuple[str, ...]
    moto: str = MOTO

    @property
    def module(self) -> str:
        """The module of the owner, or the owner where that is one."""
        if isinstance(self.owner, str):
            return self.owner.rpartition(".")[0]
        return str(self.owner.__name__ if inspect.ismodule(self.owner) else self.owner.__module__)

    @property
    def target(self) -> str:
        """Owner and name, ``S3Response.get_bucket_notification``."""
        owner = self.owner if isinstance(self.owner, str) else self.owner.__name__
        return f"{owner.rpartition('.')[2]}.{self.name}"


PATCHES: list[Patch] = []
"""All patches, in the order in which the modules that hold them are imported."""

_lock = threading.RLock()
_users = 0
_undo = ExitStack()
_applied: set[int] = set()


def patch(owner: Any, name: str, *, fault: str, gaps: tuple[str, ...]) -> Callable[[_Replacement], _Replacement]:
    """Register the decorated function as what stands in a function's place.

    Parameters
    ----------
    owner
        As in :class:`Patch`, or a tuple of owners that share the fault.
    name, fault, gaps
        As in :class:`Patch`.
    """

    def register(replacement: _Replacement) -> _Replacement:
        owners = owner if isinstance(owner, tuple) else (owner,)
        PATCHES.extend(Patch(each, name, replacement, fault, gaps) for each in owners)
        return replacement

    return register


@contextmanager
def applied() -> Iterator[None]:
    """Have every patch in place; the last to leave takes them out.

    Patches of modules that are not loaded wait for :func:`load`.
    """
    global _users
    with _lock:
        if _users == 0:
            for known in PATCHES:
                if known.module in sys.modules:
                    _apply(known)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _undo.close()
                _applied.clear()


def load(module: str) -> None:
    """Import a module of moto and put the patches in place that waited for it."""
    with _lock:
        importlib.import_module(module)
        for known in PATCHES:
            if known.module == module and id(known) not in _applied:
                _apply(known)


def _apply(known: Patch) -> None:
    owner = known.owner
    if isinstance(owner, str):
        owner = getattr(sys.modules[known.module], owner.rpartition(".")[2])
    replacement: Any = known.replacement
    if isinstance(inspect.getattr_static(owner, known.name, None), staticmethod):
        replacement = staticmethod(replacement)
    if known.name in vars(owner):
        _undo.callback(setattr, owner, known.name, vars(owner)[known.name])
    else:
        _undo.callback(delattr, owner, known.name)
    setattr(owner, known.name, replacement)
    _applied.add(id(known))
