"""The story of a request, from its log lines: what it did, which events it wrote, and which consumers handled them.

It names expected steps without a line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Self

from infra.operations import CONSUMERS, Consumer
from shared.events import (
    DepositAccepted,
    Event,
    OrderCanceled,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    ProfileCreated,
)
from shared.metrics import MONEY, Metric
from shared.money import Currency

WRITES: Mapping[Metric, type[Event]] = {
    Metric.SIGN_UPS: ProfileCreated,
    Metric.MONEY_DEPOSITED: DepositAccepted,
    Metric.ORDERS_PAID: OrderPaid,
    Metric.ORDERS_CANCELED: OrderCanceled,
    Metric.ORDERS_COMPLETED: OrderCompleted,
    Metric.MONEY_REFUNDED: OrderRefunded,
}
"""The event that is written together with the effect that a metric counts."""

_SUBJECTS = ("orderId", "transactionId", "profileId")
_ADDED_BY_THE_LOGGER = {"level", "message", "timestamp", "service", "correlation_id", "stack_trace", "exception_name"}


@dataclass(frozen=True, slots=True)
class Line:
    """A log line: its time, its module (`api` is the access log), and its content."""

    at: datetime
    by: str
    says: Mapping[str, Any]

    @classmethod
    def read(cls, text: str, *, by: str, at: datetime) -> Self | None:
        """The line in `text`, with its own time if it has one, else `at`; None if it is not one of ours."""
        try:
            says = json.loads(text)
        except ValueError:
            return None
        match says:
            case {"_aws": {"Timestamp": int(milliseconds)}}:
                at = datetime.fromtimestamp(milliseconds / 1000, UTC)
            case {"timestamp": str(moment)}:
                at = datetime.fromisoformat(moment)
        line = cls(at, by, says)
        return line if isinstance(says, dict) and line.correlation_id else None

    @property
    def correlation_id(self) -> str | None:
        """The id of the request that it belongs to."""
        found = self.says.get("correlation_id") or self.says.get("requestId")
        return str(found) if found else None

    @property
    def counted(self) -> Mapping[Metric, float]:
        """The metrics in it, if it is a line of metrics."""
        values = {metric: self.says.get(metric) for metric in Metric if "_aws" in self.says}
        return {metric: value[0] if isinstance(value, list) else value for metric, value in values.items() if value}


@dataclass(slots=True)
class Step:
    """Something that happened, and what followed. `missing` marks a step that is expected, but has not happened yet."""

    at: datetime | None
    text: str
    then: list["Step"] = field(default_factory=list)
    missing: "Missing | None" = None

    def walk(self) -> Iterator["Step"]:
        """This step, and all that followed."""
        yield self
        for step in self.then:
            yield from step.walk()


@dataclass(frozen=True, slots=True)
class Missing:
    """An expected step without a line: the relay publishes an event, or a consumer handles it.

    `named` is the id to find the waiting event by: its own, or that of what it is about.
    """

    queue: str
    named: str


def stories(lines: Iterable[Line]) -> list[Step]:
    """A tree per request, in order of their start."""
    ordered = sorted(lines, key=lambda line: (line.correlation_id or "", line.at, line.by))
    trees = [_Story(list(group)).tree() for _, group in groupby(ordered, key=attrgetter("correlation_id"))]
    return sorted(trees, key=lambda tree: tree.at or datetime.max.replace(tzinfo=UTC))


class _Story:
    """One request's tree, built by kind of line: the order of lines is not always that of cause and effect."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._root = Step(lines[0].at, f"request {lines[0].correlation_id}")
        self._written: list[tuple[Metric, Line, Step]] = []
        self._events: dict[str, tuple[str, Step]] = {}
        """Published events by their id: the name of each, and its step."""
        self._consumed: dict[tuple[str, str], Step] = {}
        """The steps of consumers, by module and event id."""

    def tree(self) -> Step:
        answers = [line for line in self._lines if "route" in line.says]
        for line in answers[:1]:
            self._answered(line)
        for line in self._lines:
            if line.says.get("message") == "event published":
                self._published(line)
        for line in self._lines:
            if "eventId" in line.says and line.says.get("message") != "event published":
                self._consumed_by(line)
        for line in self._lines:
            if not {"route", "eventId"} & line.says.keys():
                self._did(line)
        self._join()
        for step in self._root.walk():
            step.then.sort(key=lambda then: then.at or datetime.max.replace(tzinfo=UTC))
        return self._root

    def _answered(self, line: Line) -> None:
        """This line comes last, but the request began before all that it led to."""
        took = line.says.get("latencyMs", line.says.get("durationMs"))
        self._root.text = f"{line.says['route']} → {line.says['status']} in {took} ms, request {line.correlation_id}"
        self._root.at = line.at - timedelta(milliseconds=float(took))

    def _published(self, line: Line) -> None:
        name, event_id = line.says["eventName"], line.says["eventId"]
        if event_id in self._events:
            self._events[event_id][1].then.append(Step(line.at, "published again"))
            return
        self._events[event_id] = name, Step(line.at, f"{name} {event_id}: published by {line.by}")

    def _consumed_by(self, line: Line) -> None:
        says, event_id = line.says, line.says["eventId"]
        if event_id not in self._events:  # republished by hand, or published outside the searched time
            self._events[event_id] = says.get("eventName", "event"), Step(line.at, f"{says['eventName']} {event_id}")
        done = (
            f"{line.by}: handled, {line.counted[Metric.EVENT_AGE]:.0f} ms after it happened"
            if line.counted
            else (f"{line.by}: attempt {says.get('attempt')} failed: {says.get('exception_name')}")
        )
        step = Step(line.at, done)
        self._events[event_id][1].then.append(step)
        if line.counted:
            self._consumed[line.by, event_id] = step

    def _did(self, line: Line) -> None:
        counted = line.counted
        about = " ".join(f"{name} {line.says[name]}" for name in _SUBJECTS if name in line.says)
        if not counted:
            more = " ".join(f"{k}={v}" for k, v in line.says.items() if k not in _ADDED_BY_THE_LOGGER)
            said = f"{line.says.get('level', '')} {line.says.get('message', '')} {more}".strip()
        else:
            said = ", ".join(_amount(metric, value, line) for metric, value in counted.items())
        step = Step(line.at, f"{line.by}: {said} {about if counted else ''}".rstrip())
        self._written += [(metric, line, step) for metric in counted if metric in WRITES]
        self._cause(line).then.append(step)

    def _cause(self, line: Line) -> Step:
        """The step to put it under: a consumer's handling of an event, or the request."""
        for (module, _), step in self._consumed.items():
            if module == line.by:
                return step
        return self._root

    def _join(self) -> None:
        """Put each event under the step that wrote it, and name what is missing."""
        unclaimed = dict(self._events)
        for metric, line, step in self._written:
            name = WRITES[metric].name()
            found = next((key for key, (event, _) in unclaimed.items() if event == name), None)
            if found:
                step.then.append(unclaimed.pop(found)[1])
            else:
                subject = next(str(line.says[key]) for key in _SUBJECTS if key in line.says)
                missing = Missing("relay", subject)
                step.then.append(Step(None, f"{name}: written, not yet published", missing=missing))
        self._root.then += [step for _, step in unclaimed.values()]
        for event_id, (name, step) in self._events.items():
            for consumer in _consumers_of(name):
                if (consumer.function.module, event_id) not in self._consumed:
                    missing = Missing(consumer.function.name, event_id)
                    said = f"{consumer.function.module}: published, not yet handled"
                    step.then.append(Step(None, said, missing=missing))


def _consumers_of(event_name: str) -> list[Consumer]:
    return [consumer for consumer in CONSUMERS if event_name in consumer.event_names]


def _amount(metric: Metric, value: float, line: Line) -> str:
    if metric not in MONEY:
        return f"{metric} {value:g}"
    currency = Currency(line.says["currency"])
    return f"{metric} {currency.to_decimal(int(value))} {currency.code}"
