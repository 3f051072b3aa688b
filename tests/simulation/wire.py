"""The wire between functions and AWS: every call counted, and any one of them made to go wrong.

Nothing inside the functions is replaced, and no call is listed by hand: hooks of botocore see whatever is called.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any, get_args

from botocore.exceptions import ClientError, ReadTimeoutError

from shared import aws
from tests.scaffolding.world import Service


class Crash(BaseException):
    """The function's process has ended; no code of ours catches it."""


class Fault(StrEnum):
    """What can go wrong with a call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    TIMEOUT_BEFORE = "timeout, no effect"
    TIMEOUT_AFTER = "timeout, done"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    CANCELED_THROTTLED = "canceled: throttled"
    CANCELED_FOR_CAPACITY = "canceled: capacity"
    SENT_TWICE = "sent twice"


PASSING = frozenset({Fault.CONFLICT, Fault.CANCELED_THROTTLED, Fault.CANCELED_FOR_CAPACITY, Fault.SENT_TWICE})
"""Faults that are over when the same is asked again at once: no client may be told of one."""

_CANCELED_FOR = {
    Fault.CONFLICT: "TransactionConflict",
    Fault.CANCELED_THROTTLED: "ThrottlingError",
    Fault.CANCELED_FOR_CAPACITY: "ProvisionedThroughputExceeded",
}
"""The reasons for which a transaction is canceled, of those that pass."""


_TRANSACTIONS = {"TransactWriteItems", "TransactGetItems"}
_CONFLICTING = {"TransactWriteItems", "PutItem", "UpdateItem"}
_SENT_AGAIN = {"TransactWriteItems", "PutItem", "UpdateItem", "PutEvents", "Invoke"}


def faults_of(operation: str) -> list[Fault]:
    """The faults that a call of an AWS operation can have."""
    excluded = set() if operation in _TRANSACTIONS else {Fault.CANCELED_THROTTLED, Fault.CANCELED_FOR_CAPACITY}
    excluded |= set() if operation in _CONFLICTING | _TRANSACTIONS else {Fault.CONFLICT}
    excluded |= set() if operation in _SENT_AGAIN else {Fault.SENT_TWICE}
    return [fault for fault in Fault if fault not in excluded]


class Wire:
    """All calls that functions make while it is tapped, and the fault of one of them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        """The AWS operations that were called, in order."""
        self.fault: tuple[int, Fault] | None = None
        """Which call goes wrong (its place among `calls`), and how."""
        self.before_call: Callable[[int], object] = lambda _place: None
        """What else happens in the world just before a call."""
        self.within_read: Callable[[int], bool] = lambda _place: False
        """What else happens while several items are read, after one of them; whether anything does."""
        self.read_early = 0
        """Which of them is read before that, by its place; the others are read after it."""
        self.after_write: Callable[[], None] = lambda: None
        """Called after every call that may have written."""
        self._quiet = False
        self._again = False
        self._read: dict[str, Any] = {}

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Calls of the harness itself: neither counted nor touched."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    @contextmanager
    def tapped(self) -> Iterator["Wire"]:
        """See and touch the calls of all clients of the functions."""
        registered: list[tuple[Any, str, Callable[..., object]]] = []
        for service in get_args(Service.__value__):
            events = aws.client(service).meta.events
            for operation in aws.client(service).meta.service_model.operation_names:
                for moment, hook in (("before-call", self._before), ("after-call", self._after)):
                    name = f"{moment}.{service}.{operation}"
                    react: Callable[..., object] = partial(hook, operation)
                    events.register_first(name, react)
                    registered.append((events, name, react))
            events.register_last("needs-retry." + service, self._needs_retry)
            registered.append((events, "needs-retry." + service, self._needs_retry))
        try:
            yield self
        finally:
            for events, name, react in registered:
                events.unregister(name, react)

    def _before(self, operation: str, *, params: dict[str, Any], **_: object) -> None:
        if self._quiet:
            return
        place = len(self.calls)
        self.calls.append(operation)
        self.before_call(place)
        if operation == "BatchGetItem":
            self._read = json.loads(params["body"])["RequestItems"]
        match self._fault_at(place):
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.TIMEOUT_BEFORE:
                raise ReadTimeoutError(endpoint_url="https://aws")
            case Fault.THROTTLED:
                raise _error("ThrottlingException", operation)
            case (Fault.CONFLICT | Fault.CANCELED_THROTTLED | Fault.CANCELED_FOR_CAPACITY) as fault if (
                operation in _TRANSACTIONS
            ):
                raise _canceled(operation, _CANCELED_FOR[fault])
            case Fault.CONFLICT:
                raise _error("TransactionConflictException", operation)
            case Fault.SENT_TWICE:
                self._again = True

    def _after(self, operation: str, *, parsed: dict[str, Any], **_: object) -> None:
        if self._quiet:
            return
        place = len(self.calls) - 1
        if operation == "BatchGetItem":
            self._tear(place, self._read, parsed)
        if operation in _CONFLICTING:
            self.after_write()
        match self._fault_at(place):
            case Fault.CRASH_AFTER:
                raise Crash
            case Fault.TIMEOUT_AFTER:
                raise ReadTimeoutError(endpoint_url="https://aws")

    def _tear(self, place: int, read: dict[str, Any], answer: dict[str, Any]) -> None:
        """Several items are each read at a moment of their own: all but one, once more."""
        if not self.within_read(place):
            return
        [(table, request)] = read.items()
        early = request["Keys"][self.read_early]
        others = [key for key in request["Keys"] if key != early]
        rest: Any = {table: {**request, "Keys": others}}
        with self.quiet():
            later = aws.client("dynamodb").batch_get_item(RequestItems=rest)
        kept = [item for item in answer["Responses"][table] if item.items() >= early.items()]
        answer["Responses"][table] = kept + later["Responses"].get(table, [])

    def _needs_retry(self, **_: object) -> Any:
        """The first answer of a call sent twice is lost, and the SDK sends it again at once."""
        if self._again and not self._quiet:
            self._again = False
            return 0
        return None

    def _fault_at(self, place: int) -> Fault | None:
        return self.fault[1] if self.fault and self.fault[0] == place else None


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def _canceled(operation: str, reason: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "canceled"},
        "CancellationReasons": [{"Code": reason}, {"Code": "None"}],
    }
    return ClientError(answer, operation)
