"""The path of events: stream → relay → bus → rule → (topic →) queue → consumer, a dead-letter queue behind each."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.event_sources import CARRIES_EVENT, feed_from_queue, feed_from_stream
from infra.operations import Consumer
from infra.settings import StageSettings
from infra.standards.retention import removal_policy
from infra.topics import new_topic
from shared.dead_letters import ATTEMPTS
from shared.events import EVENTS


class Messaging(Construct):
    """The event bus of a stage, its sources and its targets."""

    def __init__(self, scope: Construct, *, settings: StageSettings, prefix: str) -> None:
        super().__init__(scope, "Messaging")
        self._prefix = prefix
        self.queues: dict[str, sqs.Queue] = {}
        self.dead_letter_queues: dict[str, sqs.Queue] = {}
        self.bus = events.EventBus(self, "Bus", event_bus_name=prefix)
        if settings.event_archive_days:
            archive = self.bus.archive(
                "Archive",
                description="All events, for replay",
                event_pattern=events.EventPattern(source=sorted({event.producer for event in EVENTS})),
                retention=cdk.Duration.days(settings.event_archive_days),
            )
            archive.apply_removal_policy(removal_policy(settings))
        # Events for users fan out: other channels to users subscribe here.
        self.topic = new_topic(
            self, f"{prefix}-notices", publisher="events.amazonaws.com", traced=settings.tracing == "active"
        )

    def relay(self, relay: lambda_.Function, tables: Mapping[str, dynamodb.Table]) -> None:
        """Feed `relay` from the streams of `tables`, and let it put their events on the bus."""
        self.bus.grant_put_events_to(relay)
        self._let_put_away(relay, "relay")
        for service, table in tables.items():
            feed_from_stream(relay, table, self.dead_letter_queue(f"relay-{service}"), only=CARRIES_EVENT)

    def consume(self, consumer: Consumer, function: lambda_.Function) -> None:
        """Give `consumer` a queue for the events that it subscribes to, and feed `function` from it."""
        name = consumer.function.name
        queue = self.queue(name, timeout=cdk.Duration.seconds(consumer.function.timeout_seconds * 6))
        target: events.IRuleTarget
        if consumer.by_topic:
            self.topic.add_subscription(
                subscriptions.SqsSubscription(
                    queue, raw_message_delivery=True, dead_letter_queue=self.dead_letter_queue(f"{name}-undelivered")
                )
            )
            target = targets.SnsTopic(self.topic, dead_letter_queue=self.dead_letter_queue(f"{name}-topic-undelivered"))
        else:
            target = targets.SqsQueue(queue, dead_letter_queue=self.dead_letter_queue(f"{name}-undelivered"))
        events.Rule(
            self,
            f"Rule-{name}",
            rule_name=f"{self._prefix}-{name}",
            description=f"Events for {consumer.function.module}",
            event_bus=self.bus,
            event_pattern=events.EventPattern(
                source=sorted({event.producer for event in consumer.hears}),
                detail_type=list(consumer.event_names),
            ),
            targets=[target],
        )
        self._let_put_away(function, name)
        feed_from_queue(function, queue)

    def _let_put_away(self, function: lambda_.Function, name: str) -> None:
        """Let `function` put dead letters away with their reason, into the queue of that name."""
        dead_letters = self.dead_letter_queue(name)
        function.add_environment("DEAD_LETTER_QUEUE", dead_letters.queue_url)
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead_letters.queue_arn])
        )

    def queue(self, name: str, *, timeout: cdk.Duration, delay: cdk.Duration | None = None) -> sqs.Queue:
        """A queue with a dead-letter queue; `delay` is the delay of a message, `timeout` its visibility timeout."""
        self.queues[name] = sqs.Queue(
            self,
            f"Queue-{name}",
            queue_name=f"{self._prefix}-{name}",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Six times the consumer's timeout, as Lambda recommends, so that no message is handled twice at once.
            visibility_timeout=timeout,
            delivery_delay=delay,
            retention_period=cdk.Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letter_queue(name), max_receive_count=ATTEMPTS),
        )
        return self.queues[name]

    def dead_letter_queue(self, name: str) -> sqs.Queue:
        """The dead-letter queue with that name, which must exist."""
        if name in self.dead_letter_queues:
            return self.dead_letter_queues[name]
        self.dead_letter_queues[name] = sqs.Queue(
            self,
            f"DeadLetters-{name}",
            queue_name=f"{self._prefix}-{name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        return self.dead_letter_queues[name]
