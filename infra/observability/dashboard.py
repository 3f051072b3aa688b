"""The dashboard of a stage: is it up, is it fast, is money right, are events on time, what does it cost.

It is generated: a new operation, queue or table gets its graph or line automatically. docs/decisions/0035 explains why
its latencies by route are those of functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.api import Api
from infra.observability.alarms import FIVE_MINUTES, Alarms
from infra.observability.own_metrics import own_metrics
from infra.operations import NOTE_CHANGES, RELAY, SERVED, Function
from infra.settings import StageSettings
from shared.metrics import MONEY, Metric
from shared.money import PLACES

WIDTH = 24
"""The height of a row, in CloudWatch's units."""
PERCENTILES = ("p50", "p95", "p99")
_HOUR = cdk.Duration.hours(1)
DOLLARS_A_UNIT = {"writes": 0.625e-6, "reads": 0.125e-6, "requests": 1e-6}
"""List prices of us-east-1, as tests/bench/prices.py has them with their sources."""
DOLLARS_A_GB_SECOND = {"arm64": 0.0000133334, "x86_64": 0.0000166667}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the dashboard shows."""

    alarms: Alarms
    api: Api
    functions: Mapping[str, lambda_.Function]
    tables: Mapping[str, dynamodb.Table]
    queues: Mapping[str, sqs.Queue]
    dead_letter_queues: Mapping[str, sqs.Queue]
    audit: sfn.StateMachine


class Dashboard(Construct):
    """One for each stage."""

    def __init__(self, scope: Construct, watched: Watched, *, settings: StageSettings, prefix: str) -> None:
        super().__init__(scope, "Dashboard")
        self._watched = watched
        self._settings = settings
        self._prefix = prefix
        self._dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=prefix, default_interval=cdk.Duration.hours(3)
        )
        status = cloudwatch.AlarmStatusWidget(title="Alarms", alarms=watched.alarms.all, width=WIDTH, height=6)
        self._dashboard.add_widgets(status)
        self._row("Is it up?", self._up())
        self._row("Is it fast?", self._fast())
        self._row("Operations: how long each takes (ms)", self._operations(), width=4, height=4)
        self._row("Is money right?", self._money())
        self._row("Are events on time?", self._events())
        self._row("What does it cost?", self._cost())

    def _row(
        self, heading: str, graphs: Mapping[str, Sequence[cloudwatch.IMetric]], *, width: int = 6, height: int = 6
    ) -> None:
        self._dashboard.add_widgets(cloudwatch.TextWidget(markdown=f"## {heading}", width=WIDTH, height=1))
        self._dashboard.add_widgets(
            *(
                cloudwatch.GraphWidget(
                    title=title, left=metrics, width=width, height=height, left_y_axis=cloudwatch.YAxisProps(min=0)
                )
                for title, metrics in graphs.items()
            )
        )

    def _up(self) -> dict[str, list[cloudwatch.IMetric]]:
        api = self._watched.api.http_api
        functions = self._watched.functions
        return {
            "Requests": [api.metric_count(label="all", statistic="SampleCount", period=FIVE_MINUTES)],
            "Refused and failed": [
                api.metric_client_error(label="4xx", statistic="Sum", period=FIVE_MINUTES),
                api.metric_server_error(label="5xx", statistic="Sum", period=FIVE_MINUTES),
            ],
            "Errors": [each.metric_errors(label=module, period=FIVE_MINUTES) for module, each in functions.items()],
            "Sign-ins": self._own("SignUps", "SignInsRefused", "SignInsThrottled"),
        }

    def _fast(self) -> dict[str, list[cloudwatch.IMetric]]:
        api = self._watched.api.http_api
        tables = self._watched.tables.items()
        throttled = (
            table.metric(f"{kind}ThrottleEvents", statistic="Sum", period=FIVE_MINUTES, label=f"{service} {kind}")
            for service, table in tables
            for kind in ("Read", "Write")
        )
        return {
            "Answers (ms)": [api.metric_latency(statistic=p, period=FIVE_MINUTES, label=p) for p in PERCENTILES],
            "In functions (ms)": [
                api.metric_integration_latency(statistic=p, period=FIVE_MINUTES, label=p) for p in PERCENTILES
            ],
            "Functions at once in the account": [
                cloudwatch.Metric(
                    namespace="AWS/Lambda", metric_name=name, statistic=statistic, period=FIVE_MINUTES, label=label
                )
                for name, statistic, label in (
                    ("ConcurrentExecutions", "Maximum", "running"),
                    ("Throttles", "Sum", "turned away"),
                )
            ],
            "Tables throttle": list(throttled),
        }

    def _operations(self) -> dict[str, list[cloudwatch.IMetric]]:
        return {
            title_of(function): [
                self._watched.functions[function.module].metric_duration(statistic=p, period=FIVE_MINUTES, label=p)
                for p in PERCENTILES
            ]
            for function in dict.fromkeys(route.function for route in SERVED)
        }

    def _money(self) -> dict[str, list[cloudwatch.IMetric]]:
        audit = self._watched.audit
        return {
            "Orders": self._own("OrdersCreated", "OrdersPaid", "OrdersCanceled", "OrdersCompleted", "PaymentsDeclined"),
            f"Money ({self._settings.currency})": [self._in_major_units(metric) for metric in MONEY],
            "Conflicts and replays": self._own("ConflictsRetried", "IdempotencyReplays"),
            "Audit": [
                *self._own("ReconciliationFindings", statistic="Maximum"),
                audit.metric_failed(label="audits failed", period=FIVE_MINUTES),
            ],
        }

    def _events(self) -> dict[str, list[cloudwatch.IMetric]]:
        watched = self._watched
        return {
            "Age when consumed (ms)": [
                *self._own("EventAge", statistic="p50"),
                *self._own("EventAge", statistic="p99"),
            ],
            "Age in streams (ms)": [
                watched.functions[reader.module].metric(
                    "IteratorAge", statistic="Maximum", period=FIVE_MINUTES, label=reader.module
                )
                for reader in (RELAY, NOTE_CHANGES)
            ],
            "Age in queues (s)": [
                queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=FIVE_MINUTES, label=name)
                for name, queue in watched.queues.items()
            ],
            "Dead letters": [
                queue.metric_approximate_number_of_messages_visible(
                    statistic="Maximum", period=FIVE_MINUTES, label=name
                )
                for name, queue in watched.dead_letter_queues.items()
            ],
        }

    def _cost(self) -> dict[str, list[cloudwatch.IMetric]]:
        tables = self._watched.tables.items()
        used = {
            kind: {
                f"{kind}{number}": table.metric(name, statistic="Sum", period=_HOUR, label=f"{service} {kind}")
                for number, (service, table) in enumerate(tables)
            }
            for kind, name in (("writes", "ConsumedWriteCapacityUnits"), ("reads", "ConsumedReadCapacityUnits"))
        }
        requests = {"requests0": self._watched.api.http_api.metric_count(statistic="SampleCount", period=_HOUR)}
        times = {
            f"time{number}": function.metric_duration(statistic="Sum", period=_HOUR)
            for number, function in enumerate(self._watched.functions.values())
        }
        gb = self._settings.memory_mb / 1024
        a_ms = gb / 1000 * DOLLARS_A_GB_SECOND[self._settings.architecture]
        return {
            "Dollars an hour, at list prices": [
                _dollars("DynamoDB writes", used["writes"], DOLLARS_A_UNIT["writes"]),
                _dollars("DynamoDB reads", used["reads"], DOLLARS_A_UNIT["reads"]),
                _dollars("API Gateway", requests, DOLLARS_A_UNIT["requests"]),
                _dollars("Lambda time", times, a_ms),
            ],
            "Write units": list(used["writes"].values()),
            "Read units": list(used["reads"].values()),
            "Invocations": [
                function.metric_invocations(label=module, period=_HOUR)
                for module, function in self._watched.functions.items()
            ],
        }

    def _in_major_units(self, metric: Metric) -> cloudwatch.IMetric:
        [minor] = own_metrics(self._prefix, metric, currency=self._settings.currency)
        line = metric.lower()
        return cloudwatch.MathExpression(
            expression=f"{line} / {10 ** PLACES[self._settings.currency]}",
            using_metrics={line: minor},
            label=metric,
            period=FIVE_MINUTES,
        )

    def _own(self, *names: str, statistic: str = "Sum") -> list[cloudwatch.IMetric]:
        """Our own metrics, each from all services that publish it."""
        found = [
            (name, metric)
            for name in names
            for metric in own_metrics(self._prefix, name, statistic=statistic, currency=self._settings.currency)
        ]
        several = len({name for name, _ in found}) < len(found)
        return [
            metric.with_(period=FIVE_MINUTES, label=_label(name, metric, statistic) if several else name)
            for name, metric in found
        ]


def title_of(function: Function) -> str:
    """The title of an operation's graph: its routes, without the API's prefix."""
    routes = [route for route in SERVED if route.function == function]
    methods = "|".join(dict.fromkeys(route.method for route in routes))
    return f"{methods} {', '.join(dict.fromkeys(route.path for route in routes))}"


def _label(name: str, metric: cloudwatch.Metric, statistic: str) -> str:
    """The label of a line where several services publish the metric."""
    service = (metric.dimensions or {}).get("service", "")
    return f"{service} {name if statistic == 'Sum' else statistic}".strip()


def _dollars(label: str, metrics: Mapping[str, cloudwatch.IMetric], each: float) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression=f"SUM([{', '.join(metrics)}]) * {each:.12f}", using_metrics=dict(metrics), label=label, period=_HOUR
    )
