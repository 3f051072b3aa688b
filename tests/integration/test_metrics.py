"""Business metrics: each is counted once, where it happens, and CloudWatch can read its line."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from infra.observability.own_metrics import OWN_METRICS
from shared.metrics import Metric
from tests.integration.factories import (
    create_order,
    deposit,
    execute,
    keyed,
    order_in,
    sign_in,
    with_profile,
    withdraw,
)
from tests.scaffolding.world import User, World

FUNCTIONS = Path(__file__).parents[2] / "functions"

type Counted = Counter[tuple[str, str]]
"""Sums, by metric and service."""


def metric_lines(text: str) -> list[dict[str, Any]]:
    """The lines in the embedded metric format."""
    return [line for line in map(json.loads, text.splitlines()) if "_aws" in line]


def sums(text: str) -> Counted:
    """The metrics that CloudWatch would extract."""
    counted: Counted = Counter()
    for line in metric_lines(text):
        [directive] = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            counted[metric["Name"], line["service"]] += sum(line[metric["Name"]])
    return counted


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Any:
    """Returns the counts since the last call, without the ages of events."""

    def since() -> dict[str, float]:
        return {name: value for (name, _), value in sums(capsys.readouterr().out).items() if name != "EventAge"}

    return since


def test_each_step_of_an_orders_life_is_counted(world: World, ada: User, counted: Any) -> None:
    deposit(world, ada, 100)
    assert counted() == {"MoneyDeposited": 10000}
    order = create_order(world, ada, 3).json["id"]
    assert counted() == {"OrdersCreated": 1}
    execute(world, ada, order, "CONFIRM")
    assert counted() == {"OrdersPaid": 1, "MoneyPaid": 3000}
    execute(world, ada, order, "CANCEL")
    assert counted() == {"OrdersCanceled": 1}
    world.settle()
    assert counted() == {"MoneyRefunded": 3000}
    withdraw(world, ada, 12.5)
    assert counted() == {"MoneyWithdrawn": 1250}
    execute(world, ada, order_in(world, ada, "PAID"), "COMPLETE")
    assert counted()["OrdersCompleted"] == 1


def test_nothing_is_counted_twice_however_often_it_is_asked_for(world: World, ada: User, counted: Any) -> None:
    key = keyed()["idempotency-key"]
    for _ in range(3):
        deposit(world, ada, 100, key)
    assert counted() == {"MoneyDeposited": 10000, "IdempotencyReplays": 2}
    order = create_order(world, ada, 3).json["id"]
    counted()
    for _ in range(3):
        execute(world, ada, order, "CONFIRM")
    for _ in range(3):
        execute(world, ada, order, "CANCEL")
    world.settle(times=3)
    world.republish()
    world.settle()
    assert counted() == {"OrdersPaid": 1, "MoneyPaid": 3000, "OrdersCanceled": 1, "MoneyRefunded": 3000}


def test_what_is_refused_is_counted_as_that(world: World, ada: User, counted: Any) -> None:
    order = create_order(world, ada, 3).json["id"]
    counted()
    execute(world, ada, order, "CONFIRM")
    assert counted() == {"PaymentsDeclined": 1}
    world.open_user_pool()
    sign_in(world, "nobody")
    assert counted() == {"SignInsRefused": 1}


def test_editing_an_order_counts_nothing(world: World, ada: User, counted: Any) -> None:
    order = create_order(world, ada, 3).json["id"]
    counted()
    execute(world, ada, order, "EDIT", productQuantity=4)
    assert counted() == {}


def test_the_dashboard_and_the_alarms_know_what_is_published_by_whom(
    world: World, ada: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows of infra/observability/own_metrics.py are what the code's own lines say, dimension by dimension."""
    with_profile(world, ada)
    deposit(world, ada, 1000, "k")
    deposit(world, ada, 1000, "k")
    withdraw(world, ada, 10)
    for state in ("COMPLETED", "CANCELED"):
        order_in(world, ada, state)
    poor = User()
    execute(world, poor, create_order(world, poor, 1).json["id"], "CONFIRM")
    canceled = order_in(world, ada, "PAID")
    execute(world, ada, canceled, "CANCEL")
    world.open_user_pool()
    sign_in(world, "nobody")
    world.settle()
    published: dict[str, set[str]] = defaultdict(set)
    for line in metric_lines(capsys.readouterr().out):
        [directive] = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            row = OWN_METRICS[metric["Name"]]
            assert (metric["Unit"], directive["Dimensions"]) == (
                row.unit,
                [["currency", "service"]] if row.by_currency else [["service"]],
            ), metric
            published[metric["Name"]].add(line["service"])
    seldom = {Metric.CONFLICTS_RETRIED, Metric.RECONCILIATION_FINDINGS}
    assert published.keys() == set(Metric) - seldom
    for name, services in published.items():
        assert services <= set(OWN_METRICS[name].services), name
    assert {name for name in OWN_METRICS if OWN_METRICS[name].services} == set(Metric)


def test_every_service_that_retries_conflicts_is_on_the_dashboard() -> None:
    retrying = {path.parent.name for path in FUNCTIONS.glob("*/*.py") if "on_conflict(" in path.read_text()}
    assert retrying == set(OWN_METRICS[Metric.CONFLICTS_RETRIED].services)
