"""All alarms of a stage, metric and composite, each to be fed with samples."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.alarms.cloudwatch import Alarm, Metric, Samples, history, holds
from tests.scaffolding.template import rendered

type Resources = Mapping[str, Mapping[str, Any]]

METRIC_ALARM, COMPOSITE_ALARM = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


@dataclass(frozen=True, slots=True)
class Watch:
    """An alarm that notifies: its rule, and the metric alarms in the rule, by logical id."""

    name: str
    rule: str
    parts: Mapping[str, Alarm]

    @property
    def metrics(self) -> list[Metric]:
        """Every metric that it looks at, once."""
        return sorted({metric for part in self.parts.values() for metric in part.metrics})

    @property
    def minutes_seen(self) -> int:
        """How far back it looks."""
        return max(part.minutes_seen for part in self.parts.values())

    def rings(self, samples: Samples, minutes: range) -> Iterator[bool]:
        """Whether it is in ALARM at the end of each of the minutes."""
        histories = {name: list(history(part, samples, minutes)) for name, part in self.parts.items()}
        for number in range(len(minutes)):
            yield holds(self.rule, {name: states[number] for name, states in histories.items()})

    def first_ring(self, samples: Samples, minutes: range) -> int | None:
        """How many minutes after their beginning it rings; None if it doesn't."""
        return next((number for number, rings in enumerate(self.rings(samples, minutes), 1) if rings), None)


def watches(resources: Resources, prefix: str) -> dict[str, Watch]:
    """What rings in a template, by its name without the stage's prefix. Parts of composite alarms are no alarms of
    their own."""
    metric_alarms = {
        name: Alarm(each["Properties"]) for name, each in resources.items() if each["Type"] == METRIC_ALARM
    }
    found: list[tuple[str, str, Mapping[str, Alarm]]] = []
    within: set[str] = set()
    for each in resources.values():
        if each["Type"] == COMPOSITE_ALARM:
            rule = re.sub(r"\$\{(\w+)\.Arn\}", r"\1", rendered(each["Properties"]["AlarmRule"]))
            parts = {name: metric_alarms[name] for name in re.findall(r'ALARM\("(\w+)"\)', rule)}
            within |= parts.keys()
            found.append((each["Properties"]["AlarmName"], rule, parts))
    found += [
        (alarm.properties["AlarmName"], f'ALARM("{name}")', {name: alarm})
        for name, alarm in metric_alarms.items()
        if name not in within
    ]
    named = [Watch(name.removeprefix(f"{prefix}-"), rule, parts) for name, rule, parts in found]
    return {watch.name: watch for watch in named}
