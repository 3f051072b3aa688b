"""What is watched, and when it rings. For each alarm, the runbook has a row, and tests/infra/alarms a fault.

Alarms on M of N periods ignore a blip; those on faults that matter even once are AT_ONCE. docs/decisions/0034.
"""

from collections import defaultdict
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from infra.api import Api
from infra.identity import Identity
from infra.observability.alarms import FIVE_MINUTES, MINUTE, SUSTAINED, Alarms, together
from infra.observability.own_metrics import SIGN_INS_THROTTLED, own_metrics
from infra.operations import AUTHORIZER, CHECK_CHANGES, ROUTES, SERVED, TAKES_CREDENTIALS
from infra.settings import StageSettings
from reconciliation.rules import SETTLING_SECONDS

LATEST = cdk.Duration.minutes(10)
"""The oldest age of a message in a queue: five attempts take five minutes, then it is a dead letter."""
LATEST_CHECK = cdk.Duration.seconds(SETTLING_SECONDS + 3600)
"""The same for changes to check, which wait a quarter of an hour by design."""
LATEST_EVENT = cdk.Duration.minutes(2)
"""The oldest age of an event when a consumer gets it."""
SLOWEST = cdk.Duration.seconds(3)
"""For 99 of 100 requests. Above the objective: it rings on slowness that burns no budget yet but that users notice."""
NEAR_THE_QUOTA = 0.8


class Observability:
    """The watches of a stage."""

    def __init__(self, alarms: Alarms, *, settings: StageSettings, prefix: str) -> None:
        self._alarms = alarms
        self._settings = settings
        self._prefix = prefix

    def watch_dead_letters(self, queues: Mapping[str, sqs.Queue]) -> None:
        """Ring on the first message in any of the dead-letter queues."""
        for name, queue in queues.items():
            self._alarms.add(
                f"dead-letters-{name}",
                queue.metric_approximate_number_of_messages_visible(statistic="max", period=MINUTE),
                "A message could not be processed. See the runbook: docs/runbook.md",
            )

    def watch_queues(self, queues: Mapping[str, sqs.Queue]) -> None:
        """Ring when messages grow old in a queue: its consumer is stopped, too slow, or always fails."""
        for name, queue in queues.items():
            latest = LATEST_CHECK if name == CHECK_CHANGES.name else LATEST
            self._alarms.add(
                f"queue-late-{name}",
                queue.metric_approximate_age_of_oldest_message(statistic="max", period=MINUTE),
                f"Messages wait for {name} for longer than {latest.to_human_string()}.",
                above=latest.to_seconds(),
                of=SUSTAINED,
            )

    def watch_streams(self, relay: lambda_.Function, note_changes: lambda_.Function) -> None:
        """Ring when events wait in the streams for a minute, or changes for ten."""
        for name, reader, longest, what in (
            ("relay-late", relay, MINUTE, "Events wait in a table's stream."),
            ("changes-late", note_changes, cdk.Duration.minutes(10), "Changes wait to be audited."),
        ):
            age = reader.metric("IteratorAge", statistic="max", period=MINUTE)
            self._alarms.add(name, age, what, above=longest.to_milliseconds(), of=SUSTAINED)

    def watch_events(self) -> None:
        """Ring when consumers get events late, wherever they waited."""
        ages = own_metrics(self._prefix, "EventAge", statistic="Maximum")
        self._alarms.add(
            "events-late",
            together("MAX", ages),
            f"Consumers get events that are older than {LATEST_EVENT.to_human_string()}.",
            above=LATEST_EVENT.to_milliseconds(),
            of=SUSTAINED,
        )

    def watch_api(self, api: Api) -> None:
        """Ring when more than 1 % of the requests fail on our side, and when the slowest 1 % are too slow."""
        failed = api.http_api.metric_server_error(statistic="avg", period=MINUTE)
        self._alarms.add("api-failing", failed, "The API answers with 5xx.", above=0.01, of=SUSTAINED)
        slow = api.http_api.metric_latency(statistic="p99", period=FIVE_MINUTES)
        self._alarms.add(
            "api-slow",
            slow,
            f"One request in a hundred takes longer than {SLOWEST.to_human_string()}.",
            above=SLOWEST.to_milliseconds(),
            of=SUSTAINED,
        )

    def watch_sign_ins(self, api: Api, identity: Identity) -> None:
        """Ring when requests with credentials are throttled, by the API's limit or by Cognito's.

        API Gateway has no metric for 429 alone; the access log has each.
        """
        routes = [route.key for route in ROUTES if route.function.module in TAKES_CREDENTIALS]
        on_them = " || ".join(f'($.route = "{route}")' for route in routes)
        logs.MetricFilter(
            self._alarms,
            SIGN_INS_THROTTLED,
            log_group=api.access_log,
            filter_pattern=logs.FilterPattern.literal(f'{{ ($.status = "429") && ({on_them}) }}'),
            metric_namespace=self._prefix,
            metric_name=SIGN_INS_THROTTLED,
            metric_value="1",
        )
        of_pool = [
            cloudwatch.Metric(
                namespace="AWS/Cognito",
                metric_name=name,
                dimensions_map={
                    "UserPool": identity.user_pool.user_pool_id,
                    "UserPoolClient": identity.client.user_pool_client_id,
                },
                statistic="Sum",
                period=MINUTE,
            )
            for name in ("SignInThrottles", "SignUpThrottles", "TokenRefreshThrottles")
        ]
        self._alarms.add(
            "sign-ins-throttled",
            together("SUM", [*own_metrics(self._prefix, SIGN_INS_THROTTLED), *of_pool]),
            "Requests to register, sign in or refresh are throttled: there are too many.",
            of=SUSTAINED,
        )

    def watch_books(self, audit: sfn.StateMachine) -> None:
        """Ring when reconciliation has findings, and when it fails."""
        [findings] = own_metrics(self._prefix, "ReconciliationFindings", statistic="Maximum")
        self._alarms.add(
            "books-disagree",
            findings.with_(period=cdk.Duration.hours(1)),
            "Reconciliation has findings; its log names the rows.",
        )
        self._alarms.add(
            "audit-failed", audit.metric_failed(period=FIVE_MINUTES), "The whole books could not be audited."
        )

    def watch_functions(self, functions: Mapping[str, lambda_.Function]) -> None:
        """Ring when asynchronous functions fail, when the authorizer fails, and when Lambda throttles.

        Failures of HTTP operations show as the API's 5xx.
        """
        served = {route.function.module for route in SERVED}
        by_service: dict[str, list[lambda_.Function]] = defaultdict(list)
        for module, function in functions.items():
            if module not in served and module != AUTHORIZER.module:
                by_service[module.partition(".")[0]].append(function)
        for service, members in by_service.items():
            self._alarms.add(
                f"errors-{service}",
                together("SUM", [function.metric_errors(period=FIVE_MINUTES) for function in members]),
                f"A function of {service} repeatedly raises, times out or runs out of memory.",
                of=(2, 6),  # two of the last six periods of five minutes: some functions run rarely
            )
        authorizer = functions[AUTHORIZER.module]
        self._alarms.add(
            "authorizer-failing",
            together("SUM", [authorizer.metric_errors(period=MINUTE), authorizer.metric_throttles(period=MINUTE)]),
            "The authorizer fails: signed-in users get errors.",
            of=SUSTAINED,
        )
        # Without a dimension: of all functions of the account in this region, which share one quota.
        throttles = cloudwatch.Metric(namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=MINUTE)
        self._alarms.add(
            "functions-throttled", throttles, "Lambda throttles invocations: too many run at once.", of=SUSTAINED
        )
        concurrency = cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name="ConcurrentExecutions", statistic="Maximum", period=MINUTE
        )
        self._alarms.add(
            "concurrency-high",
            concurrency,
            f"More functions run at once than {NEAR_THE_QUOTA:.0%} of what the account may (lambdaConcurrency).",
            above=round(self._settings.lambda_concurrency * NEAR_THE_QUOTA),
            of=SUSTAINED,
        )

    def watch_tables(self, tables: Mapping[str, dynamodb.Table]) -> None:
        """Ring when DynamoDB throttles requests, and when DynamoDB itself fails."""
        throttled = [
            table.metric(name, statistic="Sum", period=MINUTE)
            for table in tables.values()
            for name in ("ReadThrottleEvents", "WriteThrottleEvents")
        ]
        self._alarms.add(
            "tables-throttled",
            together("SUM", throttled),
            "DynamoDB throttles a table's reads or writes.",
            of=SUSTAINED,
        )
        # DynamoDB reports them by table and operation, more metrics than one alarm allows; a fault of DynamoDB affects
        # all.
        failing = cloudwatch.MathExpression(
            expression='SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", Operation, TableName)',
            using_metrics={},
            period=MINUTE,
        )
        self._alarms.add("tables-failing", failing, "DynamoDB itself answers with 500.", of=SUSTAINED)
