"""The account that runs in this process, as far as services know it.

Services need the account, and the account serves the services. They meet here: what is above says what it needs in
:class:`Account`, what is on top enters, and nothing here looks up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from localaws.account.faults import Faults


@dataclass(frozen=True)
class Denied:
    """A call that somebody was not allowed to make.

    Attributes
    ----------
    principal_arn
        ARN of the role (not of its session), or the name of the service principal.
    action, resource
        What was refused: ``s3:PutObject`` on ``arn:aws:s3:::bucket/key``.
    """

    principal_arn: str
    action: str
    resource: str


class Account(Protocol):
    """What a service may ask of the account it belongs to.

    Attributes
    ----------
    region
        Region of the clients it hands out, unless they name one.
    endpoint
        ``http://127.0.0.1:<port>``.
    faults
        Faults to come.
    denied
        The refused calls so far.
    """

    region: str
    endpoint: str
    faults: Faults
    denied: list[Denied]

    def client(self, service: str, *, region: str | None = None, **options: Any) -> Any:
        """A boto3 client, of the administrator's unless ``options`` hold other credentials."""

    def on_exit(self, callback: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``callback`` when the account ends, the last registered first, while the server still answers."""


_current: Account | None = None


def current() -> Account:
    """The account that runs in this process.

    Raises
    ------
    RuntimeError
        None runs.
    """
    if _current is None:
        raise RuntimeError("No local AWS runs: use it inside `with LocalAWS() as aws:`.")
    return _current


def enter(account: Account) -> None:
    """Make an account the current one.

    Raises
    ------
    RuntimeError
        Another one runs: moto's state is global to the process.
    """
    global _current
    if _current is not None:
        raise RuntimeError("A local AWS already runs in this process; moto's state is global, so end that one first.")
    _current = account


def leave() -> None:
    """Have no current account any more."""
    global _current
    _current = None
