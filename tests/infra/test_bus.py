"""The event bus: who subscribes to what, and what is archived for replay."""

import pytest

from infra.operations import CONSUMERS, Consumer
from shared.events import EVENTS, Event
from tests.infra.every import every_consumer, every_stage
from tests.infra.stages import STAGES, Properties, Stage
from tests.scaffolding.template import referred, rendered


def _rule(stage: Stage, consumer: Consumer) -> Properties:
    return stage.named("AWS::Events::Rule", consumer.function.name, "Name")[1]


def _rules(stage: Stage) -> list[Properties]:
    """The rules that events are heard by; the others are schedules."""
    return [rule for rule in stage.all("AWS::Events::Rule").values() if "EventPattern" in rule]


@every_stage
def test_a_stage_has_one_bus_with_one_rule_for_each_consumer(stage: Stage) -> None:
    [bus] = stage.all("AWS::Events::EventBus")
    rules = _rules(stage)
    assert sorted(rule["Name"] for rule in rules) == sorted(f"{stage.prefix}-{c.function.name}" for c in CONSUMERS)
    assert {referred(rule["EventBusName"]) for rule in rules} == {bus}
    assert {rule["State"] for rule in rules} == {"ENABLED"}


@every_stage
def test_nobody_from_outside_puts_events_on_the_bus(stage: Stage) -> None:
    assert not stage.all("AWS::Events::EventBusPolicy")
    assert "Policy" not in stage.one("AWS::Events::EventBus")


@every_consumer
def test_a_consumer_hears_its_events_from_those_who_produce_them(stage: Stage, consumer: Consumer) -> None:
    pattern = _rule(stage, consumer)["EventPattern"]
    assert set(pattern) == {"source", "detail-type"}
    assert sorted(pattern["detail-type"]) == sorted(consumer.event_names)
    assert set(pattern["source"]) == {event.producer for event in consumer.hears}


@every_consumer
def test_an_event_reaches_its_consumer_whole(stage: Stage, consumer: Consumer) -> None:
    """What a consumer reads is the envelope as EventBridge makes it, by topic or not."""
    [target] = _rule(stage, consumer)["Targets"]
    assert not {"Input", "InputPath", "InputTransformer"} & set(target)
    queue, _ = stage.queue(consumer.function.name)
    if consumer.by_topic:
        topic, _ = stage.topic()
        assert referred(target["Arn"]) == topic
        subscription = _subscription(stage, queue)
        assert referred(subscription["TopicArn"]) == topic
        assert subscription["Protocol"] == "sqs"
        assert subscription["RawMessageDelivery"] is True
        assert "FilterPolicy" not in subscription
    else:
        assert referred(target["Arn"]) == queue


def _subscription(stage: Stage, queue: str) -> Properties:
    subscriptions = stage.all("AWS::SNS::Subscription").values()
    [own] = [each for each in subscriptions if referred(each["Endpoint"]) == queue]
    return own


@every_consumer
def test_what_could_not_be_delivered_to_a_queue_is_kept(stage: Stage, consumer: Consumer) -> None:
    queue, _ = stage.queue(consumer.function.name)
    kept, _ = stage.queue(f"{consumer.function.name}-undelivered-dead-letters")
    if consumer.by_topic:
        where = _subscription(stage, queue)["RedrivePolicy"]["deadLetterTargetArn"]
    else:
        [target] = _rule(stage, consumer)["Targets"]
        where = target["DeadLetterConfig"]["Arn"]
    assert referred(where) == kept


@every_stage
def test_the_books_are_audited_as_often_as_the_stage_says(stage: Stage) -> None:
    [schedule] = [rule for rule in stage.all("AWS::Events::Rule").values() if "ScheduleExpression" in rule]
    hours = stage.settings.reconcile_hours
    assert schedule["ScheduleExpression"] == f"rate({hours // 24} days)"
    [target] = schedule["Targets"]
    assert referred(target["Arn"]) in stage.all("AWS::StepFunctions::StateMachine")
    assert schedule["State"] == "ENABLED"


@every_stage
def test_what_a_rule_could_not_deliver_is_kept(stage: Stage) -> None:
    targets = [target for rule in _rules(stage) for target in rule["Targets"]]
    assert [rendered(target["Arn"]) for target in targets if "DeadLetterConfig" not in target] == []


@every_stage
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_heard_by_somebody(event: type[Event], stage: Stage) -> None:
    patterns = [rule["EventPattern"] for rule in _rules(stage)]
    heard = [p for p in patterns if event.name() in p["detail-type"] and event.producer in p["source"]]
    assert heard


@every_stage
def test_every_event_can_be_replayed_for_as_long_as_the_stage_says(stage: Stage) -> None:
    archives = list(stage.all("AWS::Events::Archive").values())
    if not stage.settings.event_archive_days:
        assert archives == []
        return
    [archive], [bus] = archives, stage.all("AWS::Events::EventBus")
    assert "ArchiveName" not in archive
    assert referred(archive["SourceArn"]) == bus
    assert archive["RetentionDays"] == stage.settings.event_archive_days
    assert archive["EventPattern"] == {"source": sorted({event.producer for event in EVENTS})}


def test_only_the_local_cloud_keeps_no_archive() -> None:
    assert [stage.name for stage in STAGES if not stage.settings.event_archive_days] == ["local"]


@every_stage
def test_the_topic_is_encrypted_with_a_key_that_eventbridge_may_use(stage: Stage) -> None:
    _, topic = stage.topic()
    key = stage.all("AWS::KMS::Key")[referred(topic["KmsMasterKeyId"])]
    assert key["EnableKeyRotation"] is True
    statements = key["KeyPolicy"]["Statement"]
    [users] = [each for each in statements if each["Principal"] == {"Service": "events.amazonaws.com"}]
    assert users["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    # EventBridge sends no source with its requests to KMS: a condition on it would drop every event.
    assert "Condition" not in users
    owners = [each for each in statements if each is not users]
    assert [rendered(each["Principal"]["AWS"]) for each in owners] == [
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
    ]


@every_stage
def test_only_eventbridge_publishes_on_the_topic_and_over_tls(stage: Stage) -> None:
    topic, _ = stage.topic()
    policies = stage.all("AWS::SNS::TopicPolicy").values()
    [policy] = [each for each in policies if list(map(referred, each["Topics"])) == [topic]]
    statements = policy["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert [(each["Principal"], each["Action"]) for each in allowed] == [
        ({"Service": "events.amazonaws.com"}, "sns:Publish")
    ]
    refused = [each["Condition"] for each in statements if each["Effect"] == "Deny"]
    assert refused == [{"Bool": {"aws:SecureTransport": "false"}}]
