"""Each alarm rings on its fault and not on a blip, has its row in the runbook, and reaches somebody."""

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from infra.observability.alarms import MOST_METRICS, Alarms, together
from infra.observability.observability import Observability
from infra.operations import SERVED, Function
from local.places import PROJECT
from tests.infra.alarms.cloudwatch import Metric
from tests.infra.alarms.faults import FAULTS, row_of
from tests.infra.alarms.trial import rings_after, rings_on_a_blip, rings_when_healthy
from tests.infra.alarms.watch import Watch, watches
from tests.infra.every import QUEUES, every_function, every_stage
from tests.infra.stages import LOCAL, STAGES, Properties, Stage, modules, settings_with
from tests.scaffolding.template import template

_ON_ROUTES = modules(route.function for route in SERVED)
_RUNBOOK = re.findall(r"^\| `([^`]+)` \|", (PROJECT / "docs/runbook.md").read_text(), re.MULTILINE)
_LOCAL = watches(template("local")["Resources"], LOCAL.prefix)
"""`local` has every alarm that there is: only where nobody confirms an address is there a function more."""

every_alarm = pytest.mark.parametrize("watch", _LOCAL.values(), ids=_LOCAL.keys())


@every_alarm
def test_an_alarm_is_quiet_in_a_healthy_hour_with_a_single_blip_unless_a_blip_is_the_fault(watch: Watch) -> None:
    assert not rings_when_healthy(watch)
    assert rings_on_a_blip(watch) == {bool(FAULTS[row_of(watch.name)].at_once)}


@every_alarm
def test_an_alarm_rings_on_its_fault_in_time_whichever_of_its_metrics_has_it(watch: Watch) -> None:
    assert rings_after(watch) == {FAULTS[row_of(watch.name)].within}


@every_alarm
def test_an_alarm_has_its_row_in_the_runbook(watch: Watch) -> None:
    assert row_of(watch.name) in _RUNBOOK


def test_every_fault_and_every_row_of_the_runbook_is_of_an_alarm_that_there_is() -> None:
    rows = {row_of(name) for name in _LOCAL}
    assert rows == set(FAULTS)
    # AWS Budgets e-mails by itself, and an edge's alarm is in the edge's own stack (tests/infra/test_edge.py).
    assert set(_RUNBOOK) - rows == {"budget", "edge-certificate-expires"}


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: str(stage.name))
def test_every_stage_has_the_same_alarms(stage: Stage) -> None:
    found = watches(template(stage.name)["Resources"], stage.prefix)
    only_where_nobody_confirms = set() if "auth.confirm_without_email" in stage.rows else {"errors-auth"}
    assert found.keys() == _LOCAL.keys() - only_where_nobody_confirms
    for name, watch in found.items():
        assert _rules(watch) == _rules(_LOCAL[name])


def _rules(watch: Watch) -> list[tuple[object, ...]]:
    asked = ("Threshold", "EvaluationPeriods", "DatapointsToAlarm", "Period", "TreatMissingData", "ComparisonOperator")
    return [tuple(part.properties.get(each) for each in asked) for part in watch.parts.values()]


@every_stage
def test_cloudwatch_takes_every_alarm(stage: Stage) -> None:
    """Ten metrics; one period; a week at most, and a day for periods below an hour."""
    for alarm in stage.all("AWS::CloudWatch::Alarm").values():
        queries = alarm.get("Metrics", [])
        assert len([query for query in queries if "MetricStat" in query]) <= MOST_METRICS
        periods = {query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}
        periods |= (
            {alarm["Period"]} if "Period" in alarm else {query["Period"] for query in queries if "Period" in query}
        )
        [period] = periods
        assert period * alarm["EvaluationPeriods"] <= (7 * 86_400 if period >= 3600 else 86_400)


@every_stage
def test_every_alarm_says_what_is_wrong_and_stays_silent_when_nothing_happens(stage: Stage) -> None:
    alarms = stage.all("AWS::CloudWatch::Alarm").values()
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}
    assert all(alarm["AlarmDescription"] for alarm in (*alarms, *stage.all("AWS::CloudWatch::CompositeAlarm").values()))


@every_function
def test_a_function_that_raises_is_seen_in_the_api_or_in_an_alarm(stage: Stage, function: Function) -> None:
    named = ("FunctionName", f"${{{stage.function_ids[function.module]}}}")
    found = watches(template(stage.name)["Resources"], stage.prefix).values()
    watching = [watch for watch in found if Metric("AWS/Lambda", "Errors", (named,)) in watch.metrics]
    assert len(watching) == (function.module not in _ON_ROUTES)


@every_stage
def test_every_queue_is_watched_for_messages_that_grow_old(stage: Stage) -> None:
    aged = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in stage.all("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateAgeOfOldestMessage"
    }
    assert aged == {stage.queue(name)[0] for name in QUEUES}


def test_the_access_log_has_what_counts_as_a_sign_in_turned_away() -> None:
    """A filter of CloudWatch Logs on JSON: strings that are equal."""
    [metric_filter] = LOCAL.all("AWS::Logs::MetricFilter").values()
    access_log = LOCAL.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]
    assert metric_filter["LogGroupName"]["Ref"] == access_log["DestinationArn"]["Fn::GetAtt"][0]
    fields = json.loads(access_log["Format"])
    assert (fields["status"], fields["route"]) == ("$context.status", "$context.routeKey")
    asked = re.findall(r'\$\.(\w+) = "([^"]+)"', metric_filter["FilterPattern"])
    slowed = LOCAL.one("AWS::ApiGatewayV2::Stage")["RouteSettings"]
    assert asked == [("status", "429"), *(("route", route) for route in slowed)]


def test_an_alarm_of_too_many_metrics_is_refused_at_synth() -> None:
    stack = cdk.Stack(cdk.App(), "Alone")
    queues = [sqs.Queue(stack, f"Queue{number}").metric_number_of_messages_sent() for number in range(MOST_METRICS + 1)]
    with pytest.raises(ValueError, match="11 metrics are too many"):
        together("SUM", queues)


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
    settings = settings_with(alarmEmail=email)
    observability = Observability(Alarms(stack, settings=settings, prefix="alone"), settings=settings, prefix="alone")
    observability.watch_dead_letters({"a-queue": sqs.Queue(stack, "Queue")})
    resources: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return resources


def _of_kind(resources: dict[str, Any], kind: str) -> list[Properties]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]
