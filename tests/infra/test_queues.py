"""Every queue: encrypted, with limited attempts, and with a reader or an alarm."""

import json
from typing import Any

from infra.operations import CHECK_CHANGES, NOTE_CHANGES, Consumer
from tests.infra.every import (
    QUEUE_NAMES,
    every_consumer,
    every_dead_letter_queue,
    every_main_queue,
    every_queue,
    every_stage,
)
from tests.infra.stages import Properties, Stage, listed
from tests.scaffolding.template import referred, rendered

_FOURTEEN_DAYS = 14 * 24 * 3600


@every_stage
def test_a_stage_has_the_queues_of_its_consumers_and_a_dead_letter_queue_behind_each_way(stage: Stage) -> None:
    names = sorted(queue["QueueName"] for queue in stage.all("AWS::SQS::Queue").values())
    assert names == sorted(f"{stage.prefix}-{name}" for name in QUEUE_NAMES)


@every_queue
def test_a_queue_keeps_messages_for_fourteen_days_encrypted(stage: Stage, name: str) -> None:
    _, queue = stage.queue(name)
    assert queue["MessageRetentionPeriod"] == _FOURTEEN_DAYS
    assert queue["SqsManagedSseEnabled"] is True


@every_queue
def test_a_queue_refuses_plain_http(stage: Stage, name: str) -> None:
    queue, _ = stage.queue(name)
    refusal = {
        "Action": "sqs:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
    }
    assert refusal in _policy(stage, queue)


def _policy(stage: Stage, queue: str) -> list[Properties]:
    policies = stage.all("AWS::SQS::QueuePolicy").values()
    own = [policy for policy in policies if queue in map(referred, policy["Queues"])]
    return [statement for policy in own for statement in policy["PolicyDocument"]["Statement"]]


@every_main_queue
def test_a_message_that_fails_five_times_goes_to_the_queues_own_dead_letter_queue(stage: Stage, name: str) -> None:
    _, queue = stage.queue(name)
    dead_letters, _ = stage.queue(f"{name}-dead-letters")
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
        "maxReceiveCount": 5,
    }


@every_consumer
def test_a_message_is_hidden_for_six_times_as_long_as_its_consumer_may_take(stage: Stage, consumer: Consumer) -> None:
    _, queue = stage.queue(consumer.function.name)
    assert queue["VisibilityTimeout"] >= 6 * stage.function(consumer.function.module)["Timeout"]


@every_consumer
def test_a_consumer_reads_its_queue_and_reports_the_messages_that_failed(stage: Stage, consumer: Consumer) -> None:
    queue, _ = stage.queue(consumer.function.name)
    [source] = stage.sources(consumer.function.module)
    assert referred(source["EventSourceArn"]) == queue
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source.get("Enabled", True) is True
    assert "FilterCriteria" not in source


@every_consumer
def test_only_the_consumers_own_rule_or_the_topic_sends_to_its_queue(stage: Stage, consumer: Consumer) -> None:
    queue, _ = stage.queue(consumer.function.name)
    [sender] = [statement for statement in _policy(stage, queue) if statement["Effect"] == "Allow"]
    if consumer.by_topic:
        source, _ = stage.topic()
        assert sender["Principal"] == {"Service": "sns.amazonaws.com"}
    else:
        source, _ = stage.named("AWS::Events::Rule", consumer.function.name, "Name")
        assert sender["Principal"] == {"Service": "events.amazonaws.com"}
    assert "sqs:SendMessage" in listed(sender["Action"])
    assert set(listed(sender["Action"])) <= {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    [[only]] = [condition.values() for condition in sender["Condition"].values()]
    assert referred(only) == source


@every_dead_letter_queue
def test_a_dead_letter_queue_is_the_end(stage: Stage, name: str) -> None:
    logical_id, queue = stage.queue(name)
    assert "RedrivePolicy" not in queue
    assert [m for m in stage.function_ids if logical_id in map(_source, stage.sources(m))] == []


def _source(mapping: Properties) -> str:
    return referred(mapping["EventSourceArn"])


@every_dead_letter_queue
def test_the_first_message_in_a_dead_letter_queue_raises_an_alarm(stage: Stage, name: str) -> None:
    queue, _ = stage.queue(name)
    [alarm] = [
        alarm
        for alarm in stage.alarms("ApproximateNumberOfMessagesVisible")
        if alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
    ]
    assert alarm["Namespace"] == "AWS/SQS"
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "Maximum",
        "GreaterThanThreshold",
        0,
    )
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")


@every_dead_letter_queue
def test_something_puts_messages_into_every_dead_letter_queue(stage: Stage, name: str) -> None:
    queue, _ = stage.queue(name)
    assert queue in {referred(target) for target in _dead_letter_targets(stage)}


def _dead_letter_targets(stage: Stage) -> list[Any]:
    redrives = [queue.get("RedrivePolicy", {}) for queue in stage.all("AWS::SQS::Queue").values()]
    redrives += [each.get("RedrivePolicy", {}) for each in stage.all("AWS::SNS::Subscription").values()]
    targets = [redrive["deadLetterTargetArn"] for redrive in redrives if redrive]
    rules = stage.all("AWS::Events::Rule").values()
    targets += [
        each["DeadLetterConfig"]["Arn"] for rule in rules for each in rule["Targets"] if "DeadLetterConfig" in each
    ]
    environments = [stage.function(module)["Environment"]["Variables"] for module in stage.rows]
    targets += [each["DEAD_LETTER_QUEUE"] for each in environments if "DEAD_LETTER_QUEUE" in each]
    mappings = stage.all("AWS::Lambda::EventSourceMapping").values()
    return targets + [
        each["DestinationConfig"]["OnFailure"]["Destination"] for each in mappings if "DestinationConfig" in each
    ]


@every_consumer
def test_eventbridge_and_sns_may_put_what_they_could_not_deliver_into_the_dead_letter_queue(
    stage: Stage, consumer: Consumer
) -> None:
    queue, _ = stage.queue(f"{consumer.function.name}-undelivered-dead-letters")
    senders = [statement for statement in _policy(stage, queue) if statement["Effect"] == "Allow"]
    service = "sns.amazonaws.com" if consumer.by_topic else "events.amazonaws.com"
    [sender] = senders
    assert sender["Action"] == "sqs:SendMessage"
    assert sender["Principal"] == {"Service": service}
    assert rendered(sender["Resource"]) == f"${{{queue}.Arn}}"


@every_stage
def test_changes_wait_until_events_have_had_time_to_arrive(stage: Stage) -> None:
    _, queue = stage.queue(CHECK_CHANGES.name)
    assert queue["DelaySeconds"] == 15 * 60
    assert queue["VisibilityTimeout"] >= 6 * stage.function(CHECK_CHANGES.module)["Timeout"]


@every_stage
def test_the_audit_hears_of_every_change_of_the_books_and_of_nothing_else(stage: Stage) -> None:
    begins = {
        referred(source["EventSourceArn"]): json.loads(source["FilterCriteria"]["Filters"][0]["Pattern"])
        for source in stage.sources(NOTE_CHANGES.module)
    }
    kinds = {
        stage.table("billing"): ["ACCOUNT", "ENTRY#", "PAYMENT"],
        stage.table("orders"): ["ORDER#"],
    }
    assert begins == {
        table: {"dynamodb": {"Keys": {"sk": {"S": [{"prefix": kind} for kind in each]}}}}
        for table, each in kinds.items()
    }
