"""The local AWS: one in-process moto server, strict and complete enough to stand for AWS in a test."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from localaws.access import documents, iam, roles
from localaws.account.calls import CURRENT_CALL, Call, limit_body, read_body, read_call
from localaws.account.current import Denied, enter, leave
from localaws.account.errors import AwsError, render
from localaws.account.faults import Faults, WSGIApplication
from localaws.account.isolation import isolated
from localaws.account.patches import applied
from localaws.services import sagemaker
from localaws.services.s3.delete_objects import delete_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

ACCOUNT_ID = "123456789012"
ADMINISTRATOR = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

_log = logging.getLogger("localaws")
_session_lock = threading.Lock()


@cache
def _session() -> boto3.Session:
    """Return the one session, which keeps the service models it has read. It makes one client at a time."""
    return boto3.Session()


class _QuietHandler(WSGIRequestHandler):
    def log(self, kind: str, message: str, *args: Any) -> None:
        logging.getLogger("localaws.http").debug("%s - " + message, self.address_string(), *args)


def _refuse_unread(environ: dict[str, Any]) -> WSGIApplication | None:
    """Refuse what role enforcement cannot read: anonymous requests, and a role's calls of unknown operations."""
    if environ["PATH_INFO"].startswith("/moto-api"):
        return None
    if "HTTP_AUTHORIZATION" not in environ and "X-Amz-Signature" not in environ.get("QUERY_STRING", ""):
        read_body(environ)
        return Response("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", 403)
    if "HTTP_X_AMZ_SECURITY_TOKEN" in environ:
        read_body(environ)
        return Response(f"localaws cannot tell which call {environ['REQUEST_METHOD']} {environ['PATH_INFO']} is.", 501)
    return None


class LocalAWS:
    """An AWS account on a loopback port.

    Everything is held in memory and gone when the ``with`` block ends. moto's state is global to
    the process, so only one local AWS runs at a time.

    Parameters
    ----------
    region
        Region of the clients it hands out.
    port
        Port to listen on; 0 takes a free one.

    Attributes
    ----------
    endpoint
        ``http://127.0.0.1:<port>``, what ``AWS_ENDPOINT_URL`` takes.
    faults
        Faults to come, see :class:`localaws.account.faults.Faults`.
    denied
        The :class:`localaws.account.current.Denied` calls so far.
    """

    account_id = ACCOUNT_ID

    def __init__(self, *, region: str = "us-east-1", port: int = 0) -> None:
        self.region = region
        self.faults = Faults()
        self.denied: list[Denied] = []
        self.endpoint = ""
        self._port = port
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        enter(self)
        self._exit.callback(leave)
        try:
            self._start()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._exit.close()

    def _start(self) -> None:
        server = make_server("127.0.0.1", self._port, self._serve, threaded=True, request_handler=_QuietHandler)
        self._exit.callback(server.server_close)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="localaws", daemon=True)
        # moto makes sessions too, and builds the URLs of its own calls from MOTO_PORT.
        self._exit.enter_context(isolated(MOTO_PORT=str(server.server_port)))
        self._exit.enter_context(applied())
        sagemaker.training_faults.clear()
        self._exit.enter_context(
            mock.patch.dict(default_user_config, {"stepfunctions": {"execute_state_machine": True}})
        )
        moto_api_backend.reset()
        thread.start()
        self._exit.callback(thread.join)
        self._exit.callback(server.shutdown)

    def on_exit(self, callback: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``callback`` when the ``with`` block ends, the last registered first, while the server still answers."""
        self._exit.callback(callback, *args, **kwargs)

    def client(self, service: str, *, region: str | None = None, **options: Any) -> Any:
        """A boto3 client of the account's administrator, whom nothing is denied by role enforcement.

        Parameters
        ----------
        service
            boto3's name of the service.
        region
            The client's region; by default the account's.
        options
            Passed on to boto3, such as ``config`` or the credentials of someone else.
        """
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, proxies={})
        if "config" in options:
            config = config.merge(options.pop("config"))
        with _session_lock:
            return _session().client(
                service,
                endpoint_url=self.endpoint,
                region_name=region or self.region,
                config=config,
                **{**ADMINISTRATOR, **options},
            )

    def environment(self) -> dict[str, str]:
        """Environment variables with which Terraform, the AWS CLI and SDKs speak to this account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ADMINISTRATOR["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ADMINISTRATOR["aws_secret_access_key"],
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        limit_body(environ)
        call = read_call(environ)
        if call is None:
            return (_refuse_unread(environ) or self._moto)(environ, start_response)
        CURRENT_CALL.set(call)
        try:
            answer: Iterable[bytes] = self._application(call)(environ, start_response)
            return answer
        except AwsError as error:
            refusal = error
        except Exception as error:
            # SDKs do not try again what answers 501.
            missing = isinstance(error, NotImplementedError)
            _log.error("%s:%s failed: %r", call.service, call.operation, error, exc_info=not missing)
            refusal = AwsError("InternalFailure", repr(error), 501 if missing else 500)
        # A client that is still sending would see a reset instead of the answer.
        read_body(environ)
        return render(refusal, call)(environ, start_response)

    def _application(self, call: Call) -> WSGIApplication:
        caller = iam.identify(call)
        application: WSGIApplication = self._moto
        if fault := self.faults.take(call, caller.arn):
            application = fault.befall(application)
        iam.authorize(call, caller, self.denied)
        documents.check(call, caller.principal.account)
        roles.check(call, caller.principal.account, self.denied)
        if (call.service, call.operation) == ("s3", "DeleteObjects"):
            application = delete_objects(call, caller, self.denied, application)
        return application
