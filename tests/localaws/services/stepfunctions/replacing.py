"""How parts of moto are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def replace(owner: Any, **functions: Callable[..., Any]) -> None:
    """Put functions in the place of a class's or module's own, or beside them."""
    for name, function in functions.items():
        setattr(owner, name, function)
