"""Alarms: on what nobody would see otherwise, and that they reach somebody."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from infra.observability import Observability
from infra.operations import NOTE_CHANGES, RELAY, ROUTES, Function
from tests.infra.every import every_function, every_stage
from tests.infra.stages import Properties, Stage, modules, settings_with

_ON_ROUTES = modules(route.function for route in ROUTES)


@every_stage
def test_every_alarm_says_what_is_wrong_and_stays_silent_when_nothing_happens(stage: Stage) -> None:
    alarms = stage.all("AWS::CloudWatch::Alarm").values()
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}
    assert {alarm["ComparisonOperator"] for alarm in alarms} == {"GreaterThanThreshold"}
    assert all(alarm["AlarmDescription"] for alarm in alarms)


@every_function
def test_a_function_that_raises_is_seen_in_the_api_or_in_an_alarm_of_its_own(stage: Stage, function: Function) -> None:
    named = [{"Name": "FunctionName", "Value": {"Ref": stage.function_ids[function.module]}}]
    alarms = [alarm for alarm in stage.alarms("Errors") if alarm["Dimensions"] == named]
    if function.module in _ON_ROUTES:
        assert alarms == []
        return
    [alarm] = alarms
    assert (alarm["Namespace"], alarm["Statistic"], alarm["Threshold"]) == ("AWS/Lambda", "Sum", 0)


@every_stage
def test_an_api_that_fails_raises_an_alarm(stage: Stage) -> None:
    [api] = stage.all("AWS::ApiGatewayV2::Api")
    [alarm] = stage.alarms("5xx")
    assert alarm["Namespace"] == "AWS/ApiGateway"
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": api}}]
    assert alarm["Statistic"] == "Average"
    assert 0 < alarm["Threshold"] <= 0.01


@every_stage
def test_events_that_wait_in_a_stream_raise_an_alarm(stage: Stage) -> None:
    longest = {stage.function_ids[RELAY.module]: 60_000, stage.function_ids[NOTE_CHANGES.module]: 600_000}
    alarms = list(stage.alarms("IteratorAge"))
    assert {alarm["Dimensions"][0]["Value"]["Ref"]: alarm["Threshold"] for alarm in alarms} == longest
    assert [(alarm["Namespace"], alarm["Statistic"]) for alarm in alarms] == [("AWS/Lambda", "Maximum")] * 2


@every_stage
def test_an_audit_that_comes_to_nothing_raises_an_alarm(stage: Stage) -> None:
    [alarm] = stage.alarms("ExecutionsFailed")
    [machine] = stage.all("AWS::StepFunctions::StateMachine")
    assert alarm["Namespace"] == "AWS/States"
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)


@pytest.mark.parametrize("email", ["on-call@example.com", "nobody"])
def test_alarms_are_mailed_to_the_stages_address_if_it_has_one(email: str) -> None:
    resources = _watching(email)
    [alarm] = _of_kind(resources, "AWS::CloudWatch::Alarm")
    if email == "nobody":
        assert "AlarmActions" not in alarm
        assert not _of_kind(resources, "AWS::SNS::Topic")
        return
    [topic] = [name for name, each in resources.items() if each["Type"] == "AWS::SNS::Topic"]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
    assert [(each["Protocol"], each["Endpoint"]) for each in _of_kind(resources, "AWS::SNS::Subscription")] == [
        ("email", email)
    ]
    [key] = _of_kind(resources, "AWS::KMS::Key")
    assert {"Service": "cloudwatch.amazonaws.com"} in [each["Principal"] for each in key["KeyPolicy"]["Statement"]]
    [policy] = _of_kind(resources, "AWS::SNS::TopicPolicy")
    publishers = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in publishers] == [{"Service": "cloudwatch.amazonaws.com"}]


def _watching(email: str) -> dict[str, Any]:
    """A dead-letter queue and the alarm on it, by themselves."""
    stack = cdk.Stack(cdk.App(), "Alone")
    observability = Observability(stack, settings=settings_with(alarmEmail=email), prefix="alone")
    observability.watch_dead_letters({"a-queue": sqs.Queue(stack, "Queue")})
    resources: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return resources


def _of_kind(resources: dict[str, Any], kind: str) -> list[Properties]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]
