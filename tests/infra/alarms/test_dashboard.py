"""The dashboard of a stage shows every alarm, operation, queue and table, on metrics that are published."""

import pytest

from infra.observability import dashboard
from infra.observability.dashboard import PERCENTILES, WIDTH, title_of
from infra.operations import ROUTES
from tests.bench import prices
from tests.infra.alarms.picture import PICTURE, picture
from tests.infra.alarms.published import is_published
from tests.infra.alarms.watch import watches
from tests.infra.alarms.widgets import Widget, widgets
from tests.infra.every import DEAD_LETTERS, QUEUES, every_stage
from tests.infra.stages import PROD, Stage
from tests.scaffolding.template import template


def _titled(stage: Stage, title: str) -> Widget:
    [found] = [widget for widget in widgets(stage) if widget.title == title]
    return found


@every_stage
def test_a_stage_has_one_dashboard_with_every_alarm_at_its_top(stage: Stage) -> None:
    assert stage.one("AWS::CloudWatch::Dashboard")["DashboardName"] == stage.prefix
    first = widgets(stage)[0]
    resources = template(stage.name)["Resources"]
    shown = {resources[name]["Properties"]["AlarmName"] for name in first.alarms}
    assert first.place[1] == 0
    assert shown == {f"{stage.prefix}-{name}" for name in watches(resources, stage.prefix)}


@every_stage
def test_every_metric_on_the_dashboard_is_one_that_aws_or_we_publish(stage: Stage) -> None:
    lines = [line for widget in widgets(stage) for line in widget.lines if line.metric]
    assert len(lines) > len(ROUTES) * len(PERCENTILES)
    assert [line for line in lines if line.metric and not is_published(line.metric, stage.prefix)] == []


@every_stage
def test_every_operation_has_a_graph_of_how_long_it_takes(stage: Stage) -> None:
    for function in {route.function.module: route.function for route in ROUTES}.values():
        lines = _titled(stage, title_of(function)).lines
        assert tuple(line.statistic for line in lines) == PERCENTILES
        metrics = {(line.metric.name, dict(line.metric.dimensions)["FunctionName"]) for line in lines if line.metric}
        assert metrics == {("Duration", f"${{{stage.function_ids[function.module]}}}")}


@every_stage
def test_every_queue_and_every_function_has_its_line(stage: Stage) -> None:
    assert {line.label for line in _titled(stage, "Age in queues (s)").lines} == set(QUEUES)
    assert {line.label for line in _titled(stage, "Dead letters").lines} == set(DEAD_LETTERS)
    assert {line.label for line in _titled(stage, "Errors").lines} == set(stage.rows)


@every_stage
def test_widgets_lie_side_by_side_and_within_the_page(stage: Stage) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(stage):
        x, y, width, height = widget.place
        assert x + width <= WIDTH
        own = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        assert not taken & own, widget.title
        taken |= own


def test_what_the_dashboard_counts_in_dollars_is_at_the_prices_of_the_page_on_cost() -> None:
    listed = {"writes": prices.WRITES, "reads": prices.READS, "requests": prices.HTTP_API}
    assert pytest.approx({name: price.of(1) for name, price in listed.items()}) == dashboard.DOLLARS_A_UNIT
    assert {name: price.of(1) for name, price in prices.COMPUTE.items()} == dashboard.DOLLARS_A_GB_SECOND


def test_the_picture_in_the_docs_is_of_the_dashboard_as_it_is() -> None:
    assert PICTURE.read_text() == picture(PROD), "python -m tests.infra.alarms.picture"
