"""The metrics that AWS documents, by namespace and name, with their sets of dimensions."""

from collections.abc import Mapping

from infra.observability.own_metrics import OWN_METRICS
from tests.infra.alarms.cloudwatch import Metric

type Dimensions = frozenset[str]

_DOCS = "https://docs.aws.amazon.com"
SOURCES = {
    "AWS/ApiGateway": f"{_DOCS}/apigateway/latest/developerguide/http-api-metrics.html",
    "AWS/Cognito": f"{_DOCS}/cognito/latest/developerguide/metrics-for-cognito-user-pools.html",
    "AWS/DynamoDB": f"{_DOCS}/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    "AWS/Lambda": f"{_DOCS}/lambda/latest/dg/monitoring-metrics-types.html",
    "AWS/SQS": f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    "AWS/States": f"{_DOCS}/step-functions/latest/dg/procedure-cw-metrics.html",
}


def _sets(*dimensions: str) -> tuple[Dimensions, ...]:
    return tuple(frozenset(each.split()) for each in dimensions)


_OF_API = _sets("ApiId", "ApiId Stage")
_OF_FUNCTION = _sets("", "FunctionName", "FunctionName Resource")
_OF_TABLE = _sets("TableName", "TableName GlobalSecondaryIndexName")
_OF_POOL = _sets("UserPool UserPoolClient")

PUBLISHED: Mapping[tuple[str, str], tuple[Dimensions, ...]] = {
    **{("AWS/ApiGateway", name): _OF_API for name in ("4xx", "5xx", "Count", "IntegrationLatency", "Latency")},
    **{
        ("AWS/Cognito", name): _OF_POOL
        for name in (
            "SignInSuccesses",
            "SignInThrottles",
            "SignUpSuccesses",
            "SignUpThrottles",
            "TokenRefreshThrottles",
        )
    },
    **{
        ("AWS/DynamoDB", name): _OF_TABLE
        for name in (
            *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"),
        )
    },
    ("AWS/DynamoDB", "SystemErrors"): _sets("Operation TableName"),
    **{
        ("AWS/Lambda", name): _OF_FUNCTION
        for name in ("ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles")
    },
    **{
        ("AWS/SQS", name): _sets("QueueName")
        for name in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible")
    },
    **{
        ("AWS/States", name): _sets("StateMachineArn")
        for name in ("ExecutionsFailed", "ExecutionsStarted", "ExecutionsSucceeded")
    },
}


def is_published(metric: Metric, own_namespace: str) -> bool:
    """Whether AWS or we publish it, with just these dimensions."""
    dimensions = frozenset(name for name, _ in metric.dimensions)
    if metric.namespace != own_namespace:
        return dimensions in PUBLISHED.get((metric.namespace, metric.name), ())
    own = OWN_METRICS.get(metric.name)
    if own is None or dimensions != {
        *(["service"] if own.services else []),
        *(["currency"] if own.by_currency else []),
    }:
        return False
    return dict(metric.dimensions).get("service") in (own.services or (None,))
