"""Active tracing, if a stage enables it: functions record a sample, and the topic passes the trace on."""

from typing import Any

import pytest

from infra.operations import functions
from tests.infra.every import every_stage
from tests.infra.stages import Stage, listed, resources_with, statements_of
from tests.scaffolding.template import referred

TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def resources() -> dict[str, dict[str, Any]]:
    """The resources of the local stage, traced, by logical id."""
    return resources_with(tracing="active")


def _of(resources: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]


def test_every_function_of_a_traced_stage_records_and_may(resources: dict[str, dict[str, Any]]) -> None:
    traced = _of(resources, "AWS::Lambda::Function")
    assert {function["Description"] for function in traced} == set(functions())
    assert {function["TracingConfig"]["Mode"] for function in traced} == {"Active"}
    for function in traced:
        role = resources[referred(function["Role"])]["Properties"]
        assert any(set(listed(statement["Action"])) >= TRACES for statement in statements_of(role))


def test_the_topic_of_a_traced_stage_passes_its_trace_on(resources: dict[str, dict[str, Any]]) -> None:
    notices = [topic for topic in _of(resources, "AWS::SNS::Topic") if topic["TopicName"].endswith("-notices")]
    assert [topic["TracingConfig"] for topic in notices] == ["Active"]


@every_stage
def test_no_stage_is_traced_that_does_not_ask_for_it(stage: Stage) -> None:
    assert stage.settings.tracing == "off"
    assert [function for function in stage.all("AWS::Lambda::Function").values() if "TracingConfig" in function] == []
    assert [topic for topic in stage.all("AWS::SNS::Topic").values() if "TracingConfig" in topic] == []
