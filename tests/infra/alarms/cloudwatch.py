"""Evaluates alarms of a template by CloudWatch's documented rules, on metrics that a test makes up.

* Every minute, on the periods that end then:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
* Missing data, M of N, and the evaluation range:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
* Statistics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
* Rules of composite alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html

How many periods the evaluation range has is not documented; the examples there have two more than are evaluated.
"""

import math
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from tests.infra.alarms.expressions import Point, value
from tests.scaffolding.template import rendered

type Properties = Mapping[str, Any]

MINUTE = 60
EXTRA_PERIODS = 2
_INSIGHTS = re.compile(r'SELECT SUM\((\w+)\) FROM SCHEMA\("([\w/]+)", ([\w, ]+)\)')
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class State(StrEnum):
    """Of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True, order=True)
class Metric:
    """One metric: what AWS calls it, and its dimensions (of a query of Metrics Insights, their names alone)."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, properties: Properties) -> Self:
        """The metric that an alarm's properties, or a `Metric` within them, name."""
        dimensions = ((each["Name"], rendered(each["Value"])) for each in properties.get("Dimensions", []))
        return cls(properties["Namespace"], properties["MetricName"], tuple(sorted(dimensions)))


@dataclass(slots=True)
class Samples:
    """Published values: for each metric and minute, how often each value."""

    _values: dict[Metric, dict[int, Counter[float]]] = field(default_factory=lambda: defaultdict(dict))

    def publish(self, metric: Metric, minute: int, values: Mapping[float, int]) -> None:
        """Replace the minute's values with `values`, each as often as stated."""
        self._values[metric][minute] = Counter(values)

    def statistic(self, metric: Metric, statistic: str, minutes: range) -> Point:
        """A statistic of what was published in `minutes`; None when nothing was."""
        values: Counter[float] = Counter()
        for minute in minutes:
            values.update(self._values[metric].get(minute, {}))
        return _statistic(statistic, values) if values else None


def _statistic(name: str, values: Counter[float]) -> float:
    count, total = values.total(), sum(value * times for value, times in values.items())
    plain = {
        "Sum": total,
        "Average": total / count,
        "SampleCount": count,
        "Maximum": max(values),
        "Minimum": min(values),
    }
    if name in plain:
        return float(plain[name])
    if percentile := re.fullmatch(r"p(\d+(?:\.\d+)?)", name):
        return _nearest_rank(values, float(percentile[1]) / 100)
    if rank := re.fullmatch(r"PR\((\d*):(\d*)\)", name):
        low, high = float(rank[1] or "-inf"), float(rank[2] or "inf")
        return 100 * sum(times for value, times in values.items() if low < value <= high) / count
    raise ValueError(f"a statistic that this does not know: {name}")


def _nearest_rank(values: Counter[float], share: float) -> float:
    """AWS does not document its interpolation; the nearest rank is a value that was published."""
    rank, seen = math.ceil(share * values.total()), 0
    for each in sorted(values):
        seen += values[each]
        if seen >= rank:
            return each
    raise AssertionError("a rank above the count")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A metric alarm of a template."""

    properties: Properties

    @property
    def metrics(self) -> list[Metric]:
        """Every metric that it looks at."""
        return [metric for metric, _, _ in self._sources().values()]

    @property
    def minutes_seen(self) -> int:
        """How far back it looks."""
        return self._periods * self._period // MINUTE

    def state(self, samples: Samples, minute: int, before: State) -> State:
        """Its state at the end of `minute`, when it was in the state `before`."""
        length = self._period // MINUTE
        ends = [minute + 1 - number * length for number in reversed(range(self._periods))]
        points = [self._point(samples, range(end - length, end)) for end in ends]
        return evaluated(
            [None if point is None else self._breaches(point) for point in points],
            most_recent=self.properties["EvaluationPeriods"],
            to_alarm=self.properties.get("DatapointsToAlarm", self.properties["EvaluationPeriods"]),
            missing=self.properties.get("TreatMissingData", "missing"),
            before=before,
        )

    @property
    def _periods(self) -> int:
        """Those of the evaluation range."""
        return int(self.properties["EvaluationPeriods"]) + EXTRA_PERIODS

    @property
    def _period(self) -> int:
        [period] = {period for _, _, period in self._sources().values()}
        return period

    def _breaches(self, point: float) -> bool:
        return _COMPARED[self.properties["ComparisonOperator"]](point, self.properties["Threshold"])

    def _sources(self) -> dict[str, tuple[Metric, str, int]]:
        """Metric, statistic and period (s) of what it reads, by the id that its expressions know it by."""
        if "MetricName" in self.properties:
            statistic = self.properties.get("Statistic") or self.properties["ExtendedStatistic"]
            return {"m": (Metric.of(self.properties), statistic, self.properties["Period"])}
        return {query["Id"]: source for query in self.properties["Metrics"] if (source := _source(query))}

    def _point(self, samples: Samples, minutes: range) -> Point:
        points = {
            name: samples.statistic(metric, statistic, minutes)
            for name, (metric, statistic, _) in self._sources().items()
        }
        if "MetricName" in self.properties:
            return points["m"]
        # An expression may come before those that it refers to.
        for query in reversed(self.properties["Metrics"]):
            if query["Id"] not in points:
                points[query["Id"]] = value(query["Expression"], points)
        [watched] = [query["Id"] for query in self.properties["Metrics"] if query.get("ReturnData", True)]
        return points[watched]


def _source(query: Properties) -> tuple[Metric, str, int] | None:
    if stat := query.get("MetricStat"):
        return Metric.of(stat["Metric"]), stat["Stat"], stat["Period"]
    if insights := _INSIGHTS.fullmatch(query["Expression"]):
        name, namespace, dimensions = insights.groups()
        return (
            Metric(namespace, name, tuple((each, "*") for each in sorted(dimensions.split(", ")))),
            "Sum",
            query["Period"],
        )
    return None


def evaluated(
    breaching: Sequence[bool | None], *, most_recent: int, to_alarm: int, missing: str, before: State
) -> State:
    """The state after the datapoints of the evaluation range, the oldest first; None is missing."""
    present = [each for each in breaching if each is not None][-most_recent:]
    lacking = most_recent - len(present)
    if lacking and missing == "breaching":
        present += [True] * lacking
    elif lacking and missing in {"missing", "ignore"}:
        if not present or (_premature(breaching, to_alarm) and missing == "ignore"):
            return before if missing == "ignore" else State.INSUFFICIENT_DATA
        if _premature(breaching, to_alarm):
            return State.ALARM
    return State.ALARM if present.count(True) >= to_alarm else State.OK


def _premature(breaching: Sequence[bool | None], to_alarm: int) -> bool:
    """Only breaches, the oldest at least as old as it takes to alarm."""
    known = [place for place, each in enumerate(breaching) if each is not None]
    return all(breaching[place] for place in known) and len(breaching) - known[0] >= to_alarm


def holds(rule: str, states: Mapping[str, State]) -> bool:
    """Whether the rule of a composite alarm holds, of alarms by their names: ALARM("…"), AND, OR, NOT."""
    asked = re.compile(r'(ALARM|OK|INSUFFICIENT_DATA)\("([^"]+)"\)')
    plain = asked.sub(lambda found: str(states[found[2]] == found[1]), rule)
    plain = re.sub(r"\b(AND|OR|NOT)\b", lambda found: found[0].lower(), plain)
    if not re.fullmatch(r"(True|False|and|or|not|[() ])+", plain):
        raise ValueError(f"a rule that this does not know: {rule}")
    return bool(eval(plain, {"__builtins__": {}}))  # noqa: S307 - nothing but the words above


def history(alarm: Alarm, samples: Samples, minutes: range) -> Iterator[State]:
    """The state of an alarm at the end of each of the minutes, from OK on."""
    state = State.OK
    for minute in minutes:
        state = alarm.state(samples, minute, state)
        yield state
