"""The form of answers: pages, and fields that are left out."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult

from localaws.services.stepfunctions.machine.refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT_PAGE = 100


def page(items: Sequence[Any], size: int | None, token: str | None) -> tuple[Sequence[Any], str | None]:
    """One page of a listing and the token of the next.

    Raises
    ------
    RefusalError
        The token is none that a listing gave.
    """
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError as error:
        raise RefusalError("ValidationException", f"Invalid Token: '{token}'") from error
    end = start + (size or _DEFAULT_PAGE)
    following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return items[start:end], following


def present(**fields: Any) -> ActionResult:
    """A result without the fields that have no value."""
    return ActionResult({name: value for name, value in fields.items() if value is not None})
