"""Lambda and AWS on 127.0.0.1 for one process: hands events over, takes answers, and replays what AWS answered.

The runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import re
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from tests.scaffolding.request_units import Units

_RUNTIME = "/2018-06-01/runtime"
_SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AWSEvents": "events",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AmazonSQS": "sqs",
    "AWSStepFunctions": "stepfunctions",
}
"""By the first half of the header X-Amz-Target."""
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_SECONDS_TO_ANSWER = 900
_FREE = Units()
_ANY_TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """What AWS answered to one call."""

    service: str
    operation: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    units: Units = _FREE


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call as it came in, and what it was answered; moments in seconds of time.perf_counter()."""

    service: str
    operation: str
    parameters: dict[str, Any]
    signed: bool
    request_bytes: int
    answer: AwsAnswer
    began: float
    ended: float


@dataclass(slots=True)
class Invocation:
    """One event on its way through the function."""

    began: float
    waiting: list[AwsAnswer]
    """What AWS will answer, in this order for each operation."""
    calls: list[AwsCall] = field(default_factory=list)
    ended: float = 0.0
    answer: bytes = b""
    log_bytes: int = 0
    """Of the function's output until its answer."""
    cpu_seconds: float = 0.0
    """Of the process until its answer."""
    peak_bytes: int = 0
    """The most memory that the process has had until its answer."""


class Loopback(ThreadingHTTPServer):
    """Hands the same event over again and again; `at_answer` is called at each answer, before the process goes on."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, event: bytes, answers: list[AwsAnswer], files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.event = event
        self.answers = answers
        self.files = files
        """What can be fetched by GET, by path."""
        self.fetched: list[str] = []
        self.invocations: list[Invocation] = []
        self.wrong: list[str] = []
        self.at_answer: Callable[[Invocation], None] = lambda _invocation: None
        self.at_failure: Callable[[], None] = lambda: None
        self._lock = Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that was ended resets its connections; anything else is told."""
        if not isinstance(sys.exception(), ConnectionResetError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_port}"

    def begin(self) -> Invocation:
        """The next event is handed over."""
        invocation = Invocation(time.perf_counter(), list(self.answers))
        self.invocations.append(invocation)
        return invocation

    def end(self, answer: bytes) -> None:
        """The function has answered."""
        invocation = self.invocations[-1]
        invocation.ended = time.perf_counter()
        invocation.answer = answer
        if invocation.waiting:
            left = ", ".join(f"{each.service}.{each.operation}" for each in invocation.waiting)
            self.wrong.append(f"calls that it made before were not made: {left}")
        self.at_answer(invocation)

    def fail(self, what: str) -> None:
        """Something is not as it must be; the process ends."""
        self.wrong.append(what)
        self.at_failure()

    def take(self, service: str, operation: str) -> AwsAnswer | None:
        """What AWS answered to the next call of this operation."""
        with self._lock:
            waiting = self.invocations[-1].waiting if self.invocations else []
            found = next((each for each in waiting if (each.service, each.operation) == (service, operation)), None)
            if found:
                waiting.remove(found)
            else:
                self.wrong.append(f"a call that it did not make before: {service}.{operation}")
            return found

    def note(self, call: AwsCall) -> None:
        """A call was answered."""
        with self._lock:
            self.invocations[-1].calls.append(call)


class _Handler(BaseHTTPRequestHandler):
    server: Loopback
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == f"{_RUNTIME}/invocation/next":
            self.server.begin()
            headers = {
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _SECONDS_TO_ANSWER) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:bench",
                "Lambda-Runtime-Trace-Id": _ANY_TRACE,
            }
            self._answer(HTTPStatus.OK, self.server.event, headers)
        elif (found := self.server.files.get(self.path)) is not None:
            self.server.fetched.append(self.path)
            self._answer(HTTPStatus.OK, found, {})
        else:
            self.server.fail(f"GET {self.path} was not expected")
            self._answer(HTTPStatus.NOT_FOUND, b"{}", {})

    def do_POST(self) -> None:
        began = time.perf_counter()
        body = self._body()
        if not self.path.startswith(_RUNTIME):
            self._aws(body, began)
            return
        if self.path.endswith("/response"):
            self.server.end(body)
        else:
            self.server.fail(f"it failed: {body.decode(errors='replace')[:2000]}")
        self._answer(HTTPStatus.ACCEPTED, b"{}", {})

    def _aws(self, body: bytes, began: float) -> None:
        target, _, operation = self.headers.get("x-amz-target", "").partition(".")
        if invoked := _INVOKE.fullmatch(self.path):
            service, operation = "lambda", "Invoke"
            parameters = {"FunctionName": invoked[1], "Payload": body.decode()}
        else:
            service, parameters = _SERVICES.get(target, target or self.path), json.loads(body or b"{}")
            operation = operation.rpartition(".")[2]
        found = self.server.take(service, operation)
        if found is None:
            self._answer(HTTPStatus.BAD_REQUEST, b'{"__type": "NotRecorded"}', {})
            return
        call = AwsCall(
            service=service,
            operation=operation,
            parameters=parameters,
            signed="authorization" in self.headers,
            request_bytes=len(body),
            answer=found,
            began=began,
            ended=time.perf_counter(),
        )
        self.server.note(call)
        self._answer(HTTPStatus(found.status), found.body, found.headers)

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # the process has been ended

    def log_message(self, *_: object) -> None:  # the table is what this program prints
        return
