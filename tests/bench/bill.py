"""What a user's doings are billed for: from the calls, instructions and log lines that `make bench` counted.

All dollars are for a million of what is billed.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from infra.api import ACCESS_LOG
from tests.bench import prices
from tests.bench.prices import Price

type Figures = Mapping[str, Any]
"""A situation of the benchmark: `instructions`, `coldInstructions`, `calls`, `logLines`, `logBytes`."""

INSTRUCTIONS_PER_MS = 3_000_000
"""Of one whole processor. Lambda gives a function as much of one as it has of WHOLE_CPU_MB."""
WHOLE_CPU_MB = 1769
COLD_SHARE = 0.001
"""Of the invocations, those that start a new copy; the start is billed too."""
WAITS_MS = {"TransactWriteItems": 8, "PutEvents": 10, "Invoke": 6, "cognito-idp": 50}
"""From sending a call to its answer, by operation or service; of Invoke without what the called function takes."""
WAIT_MS = 4
"""Of every other call, each to DynamoDB."""
LINE_BYTES = 26
"""What CloudWatch counts for each line beside its text."""
_AS_LOGGED = ("JKJaXmPLvHcESHA=", "POST /api/v1/orders/{id}/execute", "200", "34", "- -")
ACCESS_LOG_BYTES = len(json.dumps(dict(zip(ACCESS_LOG, _AS_LOGGED, strict=True)), separators=(",", ":")))
"""Of a request that went well, with the longest of our routes."""
ANSWER_BYTES = 1000
"""An answer with its headers, as the edge sends it; most are smaller."""
LAMBDA_LOG_BYTES = 420
"""START, END and REPORT of one invocation with their overhead, where the log level is DEBUG."""
SQS_REQUESTS = ("send", "receive", "delete")

AUTHORIZER = "auth.authorize"
RELAY, RELAY_FULL = "events.relay 1 event", "events.relay 10 events"
RELAY_MOST = 10
NOTIFY = "notifications.notify"
CALLED = {"orders.execute_order CONFIRM": "billing.pay_order"}
"""What a situation calls, and waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a stage is set to, and how busy it is; the defaults are the stage's."""

    memory_mb: int = 512
    architecture: str = "arm64"
    log_level: str = "INFO"
    authorizer_is_cached: bool = False
    """Of a lifecycle's requests, only the first then asks the authorizer."""
    snap_start: bool = False
    rest_api: bool = False
    edge: bool = False
    batch: int = 1
    """How many events share an invocation behind a stream or a queue."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Units of each price, for one of what is billed; `ms` are billed milliseconds of Lambda."""

    units: Mapping[Price, float] = field(default_factory=dict)
    ms: float = 0

    def __add__(self, other: Self) -> "Bill":
        units = {price: self.units.get(price, 0) + other.units.get(price, 0) for price in {**self.units, **other.units}}
        return Bill(units, self.ms + other.ms)

    def times(self, count: float) -> "Bill":
        """The bill for `count` of it."""
        return Bill({price: units * count for price, units in self.units.items()}, self.ms * count)

    @property
    def dollars(self) -> float:
        """For a million."""
        return sum(price.of(units) * prices.MILLION for price, units in self.units.items())

    def dollars_for(self, *what: Price) -> float:
        """For a million, of these prices alone."""
        return sum(price.of(self.units.get(price, 0)) * prices.MILLION for price in what)


def total(bills: Iterable[Bill]) -> Bill:
    """All of them together."""
    return sum(bills, Bill())


@dataclass(frozen=True, slots=True)
class Biller:
    """Bills by the figures of `situations` (by name) for a stage with `settings`."""

    situations: Mapping[str, Figures]
    settings: Settings = field(default_factory=Settings)

    def milliseconds(self, name: str) -> int:
        """Billed for one invocation, what it calls and waits for included, a rare start aside."""
        figures = self.situations[name]
        waits = sum(
            WAITS_MS.get(operation, WAITS_MS.get(service, WAIT_MS)) for service, operation, *_ in _calls(figures)
        )
        called = self.milliseconds(CALLED[name]) if name in CALLED else 0
        return math.ceil(self._cpu_ms(figures["instructions"]) + waits + called)

    def invocation(self, name: str, *, share: float = 1, waited_for: bool = True) -> Bill:
        """One invocation and the request units of its calls; `share` of one where several events share it.

        What it calls is another invocation. `waited_for`: SnapStart, where it is on, is for it.
        """
        figures, gigabytes = self.situations[name], self.settings.memory_mb / 1024
        snapped = self.settings.snap_start and waited_for
        start_ms = 0 if snapped else self._cpu_ms(figures["coldInstructions"]) * COLD_SHARE
        ms = self.milliseconds(name) + start_ms * share
        units = {
            prices.INVOCATIONS: share,
            prices.COMPUTE[self.settings.architecture]: ms / 1000 * gigabytes,
            prices.READS: sum(call[2] for call in _calls(figures)),
            prices.WRITES: sum(call[3] for call in _calls(figures)),
            prices.LOGS: self._log_bytes(figures) + (LAMBDA_LOG_BYTES * share if self._is_talkative else 0),
            prices.RESTORES: gigabytes * COLD_SHARE * share if snapped else 0,
        }
        return Bill({price: count for price, count in units.items() if count}, ms)

    def request(self, name: str) -> Bill:
        """One request over HTTP, without the authorizer."""
        called = [self.invocation(CALLED[name])] if name in CALLED else []
        api = prices.REST_API if self.settings.rest_api else prices.HTTP_API
        logged = ACCESS_LOG_BYTES + LINE_BYTES
        edge = {prices.EDGE_REQUESTS: 1, prices.WAF_REQUESTS: 1, prices.EDGE_DATA: ANSWER_BYTES}
        before = [Bill(edge)] if self.settings.edge else []
        return total([*before, Bill({api: 1, prices.LOGS: logged}), self.invocation(name), *called])

    def event(self, *consumers: str, is_told: bool = True) -> Bill:
        """One event: out of its table, over the bus, to the queues of `consumers`; `is_told`: and to the user."""
        batch = self.settings.batch
        relayed = self.invocation(RELAY, waited_for=False)
        if batch >= RELAY_MOST:
            relayed = self.invocation(RELAY_FULL, waited_for=False).times(1 / RELAY_MOST)
        told = [Bill({prices.TOPIC: 1}), self.consumed(NOTIFY)] if is_told else []
        return total([relayed, Bill({prices.EVENTS: 1}), *told, *(self.consumed(name) for name in consumers)])

    def signed_in(self, *names: str) -> Bill:
        """Requests of one signed-in user in one sitting, with what the authorizer is asked."""
        asked = min(1, len(names)) if self.settings.authorizer_is_cached else len(names)
        return total([self.invocation(AUTHORIZER).times(asked), *(self.request(name) for name in names)])

    def consumed(self, name: str) -> Bill:
        """One message of a queue: sent alone, received and deleted with the others of its batch."""
        share = 1 / self.settings.batch
        requests = 1 + (len(SQS_REQUESTS) - 1) * share
        return Bill({prices.QUEUES: requests}) + self.invocation(name, share=share, waited_for=False)

    def _cpu_ms(self, instructions: int) -> float:
        share = min(1, self.settings.memory_mb / WHOLE_CPU_MB)
        return instructions / INSTRUCTIONS_PER_MS / share

    @property
    def _is_talkative(self) -> bool:
        return self.settings.log_level == "DEBUG"

    @staticmethod
    def _log_bytes(figures: Figures) -> int:
        return int(figures["logBytes"]) + int(figures["logLines"]) * LINE_BYTES


def _calls(figures: Figures) -> Sequence[tuple[str, str, float, float]]:
    calls: Sequence[tuple[str, str, float, float]] = figures["calls"]
    return calls
