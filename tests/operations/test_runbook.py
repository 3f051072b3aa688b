"""Rows of docs/runbook.md, played: the fault, the alarm's condition, what the row says to type, and the healing.

That each alarm rings on its fault, in time and not on a blip, is shown in tests/infra/alarms. Played are those rows
that say what to type, and those whose fault the emulator can have; NOT_PLAYED says why others are not.

What the emulator does not do itself is done to it where each test says so: it has no dead letters of EventBridge's
targets, it measures no age of a stream's records, and no test can wait for 23 hours.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from local.places import PROJECT
from shared.dynamodb import from_item, to_item
from tests.e2e.api import Api, User, exact
from tests.e2e.emulated import frozen_order
from tests.grants.grants import grants, taken_away
from tests.infra.stages import Stage
from tests.scaffolding.waiting import until

RUNBOOK = (PROJECT / "docs/runbook.md").read_text()
ROWS = dict(re.findall(r"^\| `([^`]+)` \|(.*)\|$", RUNBOOK, re.MULTILINE))
"""What each row says, by its alarm."""

CONSUMER = "notifications-notify"
LONG_AGO = "2020-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever is woken by an alarm, and has the runbook."""

    api: Api
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def types(self, row: str, **words: str) -> str:
        """What the command of a row prints, typed as the row has it with its `<words>` filled in."""
        [command] = re.findall(r"`STAGE=… (make [^`]+)`", ROWS[row])
        for word, value in words.items():
            command = command.replace(f"<{word}>", value)
        assert "<" not in command, command
        done = subprocess.run(
            ["bash", "-c", f"STAGE=local {command}"],
            cwd=PROJECT,
            env={**os.environ, "AWS_ENDPOINT_URL": self.api.stack["awsEndpoint"]},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    def alarm(self, name: str) -> dict[str, Any]:
        """An alarm of the stage."""
        full_name = f"{self.api.stack['stackName']}-{name}"
        [alarm] = self.api.aws("cloudwatch").describe_alarms(AlarmNames=[full_name])["MetricAlarms"]
        return dict(alarm)

    def rings(self, name: str) -> bool:
        """Whether the condition of an alarm holds."""
        alarm = self.alarm(name)
        several = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
        return sum(map(self._measured, several or [alarm])) > float(alarm["Threshold"])

    def _measured(self, metric: dict[str, Any]) -> float:
        measure: Callable[[dict[str, str]], float] = getattr(self, f"_{_snake(metric['MetricName'])}")
        return measure({each["Name"]: each["Value"] for each in metric["Dimensions"]})

    def _throttles(self, _dimensions: dict[str, str]) -> float:
        """The emulator has room for every function."""
        return 0

    def _approximate_number_of_messages_visible(self, dimensions: dict[str, str]) -> float:
        sqs, queues = self.api.aws("sqs"), self.api.stack["queues"]
        url = queues[dimensions["QueueName"].removeprefix(f"{self.api.stack['stackName']}-")]
        names = ["ApproximateNumberOfMessages"]
        return float(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]])

    def _errors(self, dimensions: dict[str, str]) -> float:
        """How often a function has raised: Lambda puts each time into its log."""
        name = dimensions["FunctionName"].removeprefix(f"{self.api.stack['stackName']}-")
        return len([line for line in self.log(name) if "Traceback" in line and not line.startswith("{")])

    def _reconciliation_findings(self, _dimensions: dict[str, str]) -> float:
        """The largest count that was published, by the log."""
        lines = self.log("reconciliation-report-audit")
        return max((json.loads(line)["ReconciliationFindings"][0] for line in lines if "_aws" in line), default=0)

    def _executions_failed(self, dimensions: dict[str, str]) -> float:
        executions = self.api.aws("stepfunctions").list_executions(
            stateMachineArn=dimensions["StateMachineArn"], statusFilter="FAILED"
        )["executions"]
        return len([each for each in executions if each["startDate"] >= self.began])

    def log(self, function: str) -> list[str]:
        """What a function has logged since."""
        pages = (
            self.api.aws("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=self.api.log_group(function),
                startTime=int(self.began.timestamp() * 1000),
            )
        )
        return [event["message"] for page in pages for event in page["events"]]

    def finds(self, row: str) -> None:
        """Wait until the audit of changes has found a row."""
        until(lambda: any(f'"row":"{row}"' in line for line in self.log("reconciliation-check-changes")))

    def queue(self, name: str) -> str:
        """The address of a queue."""
        return self.api.stack["queues"][name]

    def empties(self, queue: str) -> None:
        """Purge a queue, as a row says, or after a test."""
        self.api.aws("sqs").purge_queue(QueueUrl=self.queue(queue))

    @contextmanager
    def without(self, module: str, action: str, on: str = "") -> Iterator[None]:
        """Take an action away from a function while the block runs, on what has `on` in its name."""
        found = [
            each
            for each in grants(Stage("local"))
            if (each.module, each.action) == (module, action) and on in each.resource
        ]
        assert found
        with ExitStack() as stack:
            for grant in reversed(found):
                stack.enter_context(taken_away(self.api, grant))
            yield

    @contextmanager
    def stream_gives_up(self, module: str) -> Iterator[None]:
        """Have a function's streams put batches away after a second, not after 23 hours."""
        lambda_ = self.api.aws("lambda")
        name = f"{self.api.stack['stackName']}-{module.replace('.', '-').replace('_', '-')}"
        mappings = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        for mapping in mappings:
            lambda_.update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=1)
        try:
            yield
        finally:
            for mapping in mappings:
                as_it_was = mapping["MaximumRecordAgeInSeconds"]
                lambda_.update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=as_it_was)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@pytest.fixture
def operator(api: Api) -> Operator:
    """Who is woken."""
    return Operator(api)


@contextmanager
def unhurried(api: Api, queue: str, **attributes: str) -> Iterator[None]:
    """Have a queue with other times, so that five attempts take seconds."""
    sqs, url = api.aws("sqs"), api.stack["queues"][queue]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(attributes))["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def test_dead_letters_consumer(operator: Operator, user: User) -> None:
    alarm = f"dead-letters-{CONSUMER}"
    with unhurried(operator.api, CONSUMER, VisibilityTimeout="1"):
        with operator.without("notifications.notify", "dynamodb:PutItem"):
            user.with_money(5)
            until(lambda: operator.rings(alarm))
        assert user.notification_types() == []

        printed = operator.types("dead-letters-<consumer>", consumer=CONSUMER)

        assert "redrive: 1 found, 1 sent back" in printed
        assert "AccessDenied" in printed  # the reason that the letter carries
        until(user.notification_types, lambda types: types == ["DepositAccepted"])
    assert not operator.rings(alarm)


def test_dead_letters_consumer_undelivered(operator: Operator, user: User) -> None:
    """The rule's target is its dead-letter queue for a while: the emulator would drop what it can't deliver."""
    consumer = "billing-return-payment"
    alarm = f"dead-letters-{consumer}-undelivered"
    order = user.with_money(100).order_in("PAID")
    events, sqs, bus = operator.api.aws("events"), operator.api.aws("sqs"), operator.api.stack["stackName"]
    rule = f"{bus}-{consumer}"
    [target] = events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    url = operator.queue(f"{consumer}-undelivered-dead-letters")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": target["Id"], "Arn": arn}])
    try:
        assert user.execute(order, "CANCEL").status_code == HTTPStatus.OK
        until(lambda: operator.rings(alarm))
    finally:
        events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])
    assert exact(user.get("/billing/account"))["balance"] == 90

    printed = operator.types("dead-letters-<consumer>-undelivered", consumer=consumer)

    assert "redrive: 1 found, 1 sent back" in printed
    user.until("/billing/account", lambda account: account["balance"] == 100)
    assert not operator.rings(alarm)


def test_dead_letters_relay(operator: Operator, user: User) -> None:
    dynamodb, table = operator.api.aws("dynamodb"), operator.api.stack["tables"]["orders"]
    order = user.with_money(100).order_in("PAID")
    user.until("/notifications", lambda page: len(page["items"]) == 2)
    key = to_item({"profileId": user.profile_id, "sk": f"ORDER#{order['id']}"})
    assert user.execute(order, "COMPLETE").status_code == HTTPStatus.OK
    user.until("/notifications", lambda page: len(page["items"]) == 3)
    sound = from_item(dynamodb.get_item(TableName=table, Key=key)["Item"])
    dynamodb.put_item(TableName=table, Item=to_item(sound | {"event": "no event"}))
    until(lambda: operator.rings("dead-letters-relay"))

    dynamodb.put_item(TableName=table, Item=to_item(sound))
    printed = operator.types("dead-letters-relay", order=order["id"])
    operator.empties("relay-dead-letters")

    assert "republish: 2 events found, 2 put on the bus" in printed  # OrderPaid in its entry, OrderCompleted
    assert not operator.rings("dead-letters-relay")


def test_dead_letters_relay_service(operator: Operator, user: User) -> None:
    user.until("/billing/account", lambda account: "balance" in account)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    with operator.stream_gives_up("events.relay"), operator.without("events.relay", "events:PutEvents"):
        user.with_money(5)
        until(lambda: operator.rings("dead-letters-relay-billing"))
    assert user.notification_types() == []

    printed = operator.types("dead-letters-relay-<service>", service="billing", since=since)

    assert "0 put on the bus" not in printed
    until(user.notification_types, lambda types: types == ["DepositAccepted"])
    operator.empties("relay-billing-dead-letters")


def test_dead_letters_reconciliation_check_changes(operator: Operator, user: User) -> None:
    queue = "reconciliation-check-changes"
    with unhurried(operator.api, queue, VisibilityTimeout="1", DelaySeconds="0"):
        with operator.without("reconciliation.check_changes", "dynamodb:BatchGetItem"):
            user.with_money(5)
            until(lambda: operator.rings(f"dead-letters-{queue}"))
        with frozen_order(operator.api) as row:
            printed = operator.types("dead-letters-reconciliation-check-changes")
            operator.finds(row)

    assert " sent back" in printed
    assert not operator.rings(f"dead-letters-{queue}")


def test_dead_letters_changes_service(operator: Operator, user: User) -> None:
    module = "reconciliation.note_changes"
    user.until("/billing/account", lambda account: "balance" in account)
    with (
        operator.stream_gives_up(module),
        operator.without(module, "sqs:SendMessage", on="MessagingQueue"),
        frozen_order(operator.api) as row,
    ):
        until(lambda: operator.rings("dead-letters-changes-orders"))

        printed = operator.types("dead-letters-changes-<service>")

        assert f"{row:80} the order has been frozen for too long" in printed
    operator.empties("changes-orders-dead-letters")
    operator.empties("changes-billing-dead-letters")


def test_books_disagree(operator: Operator) -> None:
    with frozen_order(operator.api) as row:
        printed = operator.types("books-disagree")

        assert f"{row:80} the order has been frozen for too long" in printed
        assert "1 findings" in printed
        assert operator.rings("books-disagree")

    assert "0 findings" in operator.types("books-disagree")


def test_audit_failed(operator: Operator) -> None:
    """Its steps are tried once, not for minutes."""
    machines = operator.api.aws("stepfunctions")
    machine = {each["Name"]: each["Value"] for each in operator.alarm("audit-failed")["Dimensions"]}["StateMachineArn"]
    definition = machines.describe_state_machine(stateMachineArn=machine)["definition"]
    hurried = re.sub(r'"MaxAttempts": ?12', '"MaxAttempts":0', definition)
    assert hurried != definition
    machines.update_state_machine(stateMachineArn=machine, definition=hurried)
    try:
        with operator.without("reconciliation.audit_part", "dynamodb:Scan"):
            printed = operator.types("audit-failed")
        assert "reconcile: the audit failed: " in printed
        assert operator.rings("audit-failed")

        assert "0 findings" in operator.types("audit-failed")
    finally:
        machines.update_state_machine(stateMachineArn=machine, definition=definition)


def test_relay_late(operator: Operator, user: User) -> None:
    """The emulator does not say how old a stream's oldest record is: that it waits is seen by what it leads to."""
    assert operator.alarm("relay-late")["MetricName"] == "IteratorAge"
    with operator.without("events.relay", "events:PutEvents"):
        user.with_money(5)
        until(lambda: operator.rings("errors-events"))
        assert user.notification_types() == []

    until(user.notification_types, lambda types: types == ["DepositAccepted"])


def test_changes_late(operator: Operator) -> None:
    """The same of the audit's reader."""
    assert operator.alarm("changes-late")["MetricName"] == "IteratorAge"
    queue = "reconciliation-check-changes"
    with unhurried(operator.api, queue, DelaySeconds="0"), ExitStack() as until_the_end:
        with operator.without("reconciliation.note_changes", "sqs:SendMessage"):
            row = until_the_end.enter_context(frozen_order(operator.api))
            until(lambda: operator.rings("errors-reconciliation"))
        operator.finds(row)


def test_errors_service(operator: Operator, user: User) -> None:
    """Its log says why, and the work is handed over again."""
    with operator.without("events.relay", "events:PutEvents"):
        user.with_money(5)
        until(lambda: operator.rings("errors-events"))
        until(lambda: "AccessDenied" in "".join(operator.log("events-relay")))

    until(user.notification_types, lambda types: types == ["DepositAccepted"])


def test_authorizer_failing(operator: Operator, user: User) -> None:
    alarm = "authorizer-failing"
    with operator.without("auth.authorize", "dynamodb:GetItem"):
        assert user.get("/billing/account").status_code >= HTTPStatus.UNAUTHORIZED
        until(lambda: operator.rings(alarm))
        until(lambda: "AccessDenied" in "".join(operator.log("auth-authorize")))

    assert user.get("/billing/account").status_code == HTTPStatus.OK


def test_api_failing(operator: Operator, user: User) -> None:
    """API Gateway's own count is the answers that clients get."""
    alarm = operator.alarm("api-failing")
    with operator.without("billing.get_account", "dynamodb:GetItem"):
        answers = [user.get("/billing/account").status_code for _ in range(5)]
        assert sum(status >= HTTPStatus.INTERNAL_SERVER_ERROR for status in answers) / len(answers) > alarm["Threshold"]
        request_id = user.get("/billing/account").headers["x-request-id"]
        lines = [line for line in operator.log("billing-get-account") if request_id in line]
        assert any("an AWS call failed" in line for line in lines)

    assert user.get("/billing/account").status_code == HTTPStatus.OK


def test_alarms_on_several_metrics_and_on_other_alarms_are_deployed_as_the_template_has_them(api: Api) -> None:
    cloudwatch = api.aws("cloudwatch")
    described = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100)
    named = {each["AlarmName"]: each for each in (*described["MetricAlarms"], *described["CompositeAlarms"])}
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for declared in Stage("local").all(kind).values():
            alarm = named[declared["AlarmName"]]
            expressions = [query.get("Expression") for query in declared.get("Metrics", [])]
            assert [query.get("Expression") for query in alarm.get("Metrics", [])] == expressions
    rule = named["order-billing-local-availability-burning-fast"]["AlarmRule"]
    assert re.findall(r"alarm:([\w-]+)", rule) == [
        f"order-billing-local-availability-burning-fast-{window}" for window in ("long", "short")
    ]


_NO_METRICS = "the emulator measures no {}, and the row only says where to look"
NOT_PLAYED = {
    **dict.fromkeys(("queue-late-<consumer>", "queue-late-reconciliation-check-changes"), _NO_METRICS.format("ages")),
    "events-late": "two minutes are too long for a test, and the row only says where to look",
    **dict.fromkeys(("functions-throttled", "concurrency-high"), _NO_METRICS.format("concurrency")),
    **dict.fromkeys(("tables-throttled", "tables-failing"), "the emulator's tables take everything"),
    "sign-ins-throttled": "the emulator turns nobody away",
    **dict.fromkeys(("api-slow", "latency-burning-fast", "latency-burning-slow"), _NO_METRICS.format("latencies")),
    **dict.fromkeys(("availability-burning-fast", "availability-burning-slow"), "it is api-failing, for longer"),
    "budget": "the emulator costs nothing",
    "edge-certificate-expires": "the emulator has no CloudFront; tests/infra/test_edge.py tries its commands",
}


def test_every_row_is_played_or_says_why_not() -> None:
    rows = {"test_" + re.sub(r"\W+", "_", row.replace("<", "").replace(">", "")): row for row in ROWS}
    played = {rows[name] for name in globals() if name in rows}
    assert played | NOT_PLAYED.keys() == ROWS.keys()
    assert not played & NOT_PLAYED.keys()
    assert [row for row in NOT_PLAYED if re.search("make (?!reconcile)", ROWS[row])] == []
