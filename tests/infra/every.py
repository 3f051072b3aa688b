"""Parameters of repeated tests: each stage, and in it each function, table, route, consumer, queue."""

from collections.abc import Iterable

import pytest

from infra.operations import CHECK_CHANGES, CONSUMERS, SERVED, Consumer, Function, Route
from infra.tables import TABLES, TableShape
from tests.infra.stages import STAGES, Stage

_OF_CONSUMERS = tuple(consumer.function.name for consumer in CONSUMERS)
QUEUES = (*_OF_CONSUMERS, CHECK_CHANGES.name)
DEAD_LETTERS = (
    *QUEUES,
    *(f"{name}-undelivered" for name in _OF_CONSUMERS),
    *(f"{consumer.function.name}-topic-undelivered" for consumer in CONSUMERS if consumer.by_topic),
    "relay",
    *(f"relay-{table.service}" for table in TABLES if table.has_events),
    "changes-billing",
    "changes-orders",
)
"""What each dead-letter queue stands behind."""

QUEUE_NAMES = (*QUEUES, *(f"{name}-dead-letters" for name in DEAD_LETTERS))


def _named(stage: Stage, thing: str, value: object) -> object:
    return pytest.param(stage, value, id=f"{stage.name}-{thing}")


def _every(argument: str, values: Iterable[tuple[str, object]]) -> pytest.MarkDecorator:
    each = [_named(stage, thing, value) for thing, value in values for stage in STAGES]
    return pytest.mark.parametrize(("stage", argument), each)


def _route_name(route: Route) -> str:
    return f"{route.method} {route.path}"


def functions_of(stages: Iterable[Stage]) -> list[tuple[Stage, Function]]:
    """Every function of the stages."""
    return [(stage, function) for stage in stages for function in stage.rows.values()]


def consumers_named() -> list[tuple[str, Consumer]]:
    """Every consumer by its module."""
    return [(consumer.function.module, consumer) for consumer in CONSUMERS]


def tables_named() -> list[tuple[str, TableShape]]:
    """Every table by its service."""
    return [(table.service, table) for table in TABLES]


every_stage = pytest.mark.parametrize("stage", STAGES, ids=[stage.name for stage in STAGES])
every_function = pytest.mark.parametrize(
    ("stage", "function"), [_named(stage, function.module, function) for stage, function in functions_of(STAGES)]
)
every_table = _every("table", tables_named())
every_table_with_events = _every("table", [(name, table) for name, table in tables_named() if table.has_events])
every_route = _every("route", [(_route_name(route), route) for route in SERVED])
every_consumer = _every("consumer", consumers_named())
every_queue = _every("name", [(name, name) for name in QUEUE_NAMES])
every_main_queue = _every("name", [(name, name) for name in QUEUES])
every_dead_letter_queue = _every("name", [(name, f"{name}-dead-letters") for name in DEAD_LETTERS])
