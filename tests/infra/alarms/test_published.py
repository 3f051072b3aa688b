"""AWS or we publish every metric of an alarm; a misspelled one is found."""

import copy
import json
from typing import Any

import pytest

from tests.infra.alarms.cloudwatch import Metric
from tests.infra.alarms.published import SOURCES, is_published
from tests.infra.alarms.watch import watches
from tests.infra.every import every_stage
from tests.infra.stages import LOCAL, Stage
from tests.scaffolding.template import template


def unpublished(resources: dict[str, Any], prefix: str) -> list[Metric]:
    """The metrics in the alarms of a template that neither AWS nor we publish."""
    looked_at = [metric for watch in watches(resources, prefix).values() for metric in watch.metrics]
    return [metric for metric in looked_at if not is_published(metric, prefix)]


@every_stage
def test_every_metric_of_an_alarm_is_one_that_aws_or_we_publish(stage: Stage) -> None:
    assert unpublished(template(stage.name)["Resources"], stage.prefix) == []


@pytest.mark.parametrize(
    ("alarm", "right", "wrong"),
    [
        ("relay-late", "IteratorAge", "IteratorsAge"),
        ("api-failing", "5xx", "5XXError"),  # what REST APIs call it
        ("api-failing", "ApiId", "ApiName"),
        ("tables-failing", "SystemErrors", "SystemError"),
        ("tables-throttled", "ReadThrottleEvents", "ReadThrottledEvents"),
        ("events-late", "EventAge", "EventsAge"),
        ("events-late", '"notifications"', '"notification"'),
        ("books-disagree", "order-billing-local", "order-billing-locale"),
        ("availability-burning-fast-long", "5xx", "5XX"),
    ],
)
def test_a_metric_that_is_misspelled_is_found(alarm: str, right: str, wrong: str) -> None:
    resources = copy.deepcopy(template("local")["Resources"])
    [name] = [
        each
        for each, resource in resources.items()
        if resource.get("Properties", {}).get("AlarmName") == f"{LOCAL.prefix}-{alarm}"
    ]
    properties = resources[name]["Properties"]
    kept = properties.pop("AlarmName")
    resources[name]["Properties"] = json.loads(json.dumps(properties).replace(right, wrong)) | {"AlarmName": kept}
    assert unpublished(resources, LOCAL.prefix)


def test_aws_says_of_each_namespace_what_it_publishes() -> None:
    namespaces = {
        metric.namespace
        for watch in watches(template("local")["Resources"], LOCAL.prefix).values()
        for metric in watch.metrics
    } - {LOCAL.prefix}
    assert namespaces == set(SOURCES)
