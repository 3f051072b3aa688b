"""The graphs of a stage's dashboard, from the template."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.alarms.cloudwatch import Metric
from tests.infra.stages import Stage
from tests.scaffolding.template import rendered


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a graph: a metric with its statistic, or an expression on those that have an id."""

    label: str
    id: str
    visible: bool
    metric: Metric | None
    statistic: str
    expression: str


@dataclass(frozen=True, slots=True)
class Widget:
    """One widget, where it stands: in units of which 24 are a row."""

    kind: str
    title: str
    place: tuple[int, int, int, int]
    """x, y, width, height."""
    lines: tuple[Line, ...]
    alarms: tuple[str, ...]
    """Logical ids."""


def widgets(stage: Stage) -> list[Widget]:
    """All widgets of a stage's dashboard."""
    body = json.loads(rendered(stage.one("AWS::CloudWatch::Dashboard")["DashboardBody"]))
    return [_widget(each) for each in body["widgets"]]


def _widget(each: Mapping[str, Any]) -> Widget:
    properties = each["properties"]
    return Widget(
        kind=each["type"],
        title=properties.get("title") or properties["markdown"].removeprefix("## "),
        place=(each["x"], each["y"], each["width"], each["height"]),
        lines=tuple(_lines(properties.get("metrics", []))),
        alarms=tuple(re.findall(r"\$\{(\w+)\.Arn\}", " ".join(properties.get("alarms", [])))),
    )


def _lines(metrics: list[list[Any]]) -> Iterator[Line]:
    """Each is namespace, name, dimensions by name and value, and what is said of it; or only that."""
    for *metric, said in metrics:
        names = [str(name) for name in metric]
        dimensions = tuple(sorted(zip(names[2::2], names[3::2], strict=True)))
        yield Line(
            label=said.get("label", ""),
            id=said.get("id", ""),
            visible=said.get("visible", True),
            metric=Metric(names[0], names[1], dimensions) if names else None,
            statistic=said.get("stat", "Average"),
            expression=said.get("expression", ""),
        )
