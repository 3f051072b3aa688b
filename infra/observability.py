"""Alarms on what no one would see otherwise, and where they go."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.api import Api
from infra.settings import StageSettings
from infra.topics import new_topic

_LONGEST_RELAY_DELAY = cdk.Duration.minutes(1)


class Observability(Construct):
    """The alarms of a stage; they e-mail `alarmEmail`."""

    def __init__(self, scope: Construct, *, settings: StageSettings, prefix: str) -> None:
        super().__init__(scope, "Observability")
        self._prefix = prefix
        self._topic: sns.Topic | None = None
        if settings.alarm_email != "nobody":
            self._topic = new_topic(self, f"{prefix}-alarms", publisher="cloudwatch.amazonaws.com")
            self._topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))

    def watch_dead_letters(self, queues: Mapping[str, sqs.Queue]) -> None:
        """Alarm on the first message in any of the dead-letter queues."""
        for name, queue in queues.items():
            self._alarm(
                f"dead-letters-{name}",
                queue.metric_approximate_number_of_messages_visible(statistic="max", period=cdk.Duration.minutes(1)),
                "A message could not be processed. See the runbook: docs/runbook.md",
            )

    def watch_relay(self, relay: lambda_.Function) -> None:
        """Alarm when events wait in the streams for longer than a minute."""
        self._watch_stream("relay-late", relay, "Events wait in a table's stream.", longest=_LONGEST_RELAY_DELAY)

    def watch_changes(self, note_changes: lambda_.Function) -> None:
        """Alarm when changes wait in the streams to be noted for the audit."""
        self._watch_stream(
            "changes-late", note_changes, "Changes wait to be audited.", longest=cdk.Duration.minutes(10)
        )

    def watch_api(self, api: Api) -> None:
        """Alarm when more than a hundredth of the requests of five minutes fail on our side."""
        failed = api.http_api.metric_server_error(statistic="avg", period=cdk.Duration.minutes(5))
        self._alarm("api-failing", failed, "The API answers with 5xx.", above=0.01)

    def watch_books(self, audit: sfn.StateMachine) -> None:
        """Alarm when reconciliation finds that the books don't agree, and when it can't tell."""
        metric = cloudwatch.Metric(
            namespace=self._prefix,
            metric_name="ReconciliationFindings",
            dimensions_map={"service": "reconciliation"},
            statistic="max",
            period=cdk.Duration.hours(1),
        )
        self._alarm("books-disagree", metric, "Reconciliation has findings; its log names the rows.")
        self._alarm(
            "audit-failed", audit.metric_failed(period=cdk.Duration.minutes(5)), "The whole books could not be audited."
        )

    def watch_errors(self, functions: Mapping[str, lambda_.Function]) -> None:
        """Alarm when a function raises; operations answer even when they fail, so that one that raises is broken."""
        for module, function in functions.items():
            self._alarm(
                f"errors-{module.replace('.', '-')}",
                function.metric_errors(period=cdk.Duration.minutes(5)),
                f"{module} raises, times out or runs out of memory.",
            )

    def _watch_stream(self, name: str, reader: lambda_.Function, description: str, *, longest: cdk.Duration) -> None:
        self._alarm(
            name,
            reader.metric("IteratorAge", statistic="max", period=cdk.Duration.minutes(1)),
            description,
            above=longest.to_milliseconds(),
            evaluation_periods=3,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        *,
        above: float = 0,
        evaluation_periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._prefix}-{name}",
            alarm_description=description,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=evaluation_periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
            alarm.add_ok_action(actions.SnsAction(self._topic))
