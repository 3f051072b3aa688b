"""AWS's list prices that a request of this platform meets: us-east-1, on demand, without free tiers and discounts.

As they were known on 2026-11-25. The pages named are AWS's own; those of DynamoDB, SnapStart, SNS and SQS were held
against others that quote them; those of CloudFront and WAF, of 2026-11-27, too. Read them
again before a budget hangs on them.
"""

from dataclasses import dataclass

_PRICING = "https://aws.amazon.com"
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """`dollars` for `per` units of what it is called."""

    what: str
    dollars: float
    per: int
    unit: str
    source: str

    def of(self, units: float) -> float:
        """Dollars for `units`."""
        return units * self.dollars / self.per


def _millions(what: str, dollars: float, unit: str, page: str) -> Price:
    return Price(what, dollars, MILLION, f"million {unit}", f"{_PRICING}/{page}/")


def _one(what: str, dollars: float, unit: str, page: str) -> Price:
    return Price(what, dollars, 1, unit, f"{_PRICING}/{page}/")


WRITES = _millions("DynamoDB writes", 0.625, "write request units", "dynamodb/pricing/on-demand")
READS = _millions("DynamoDB reads", 0.125, "read request units", "dynamodb/pricing/on-demand")
INVOCATIONS = _millions("Lambda requests", 0.20, "requests", "lambda/pricing")
COMPUTE = {
    "arm64": _one("Lambda time", 0.0000133334, "GB-second, arm64", "lambda/pricing"),
    "x86_64": _one("Lambda time", 0.0000166667, "GB-second, x86_64", "lambda/pricing"),
}
SNAPSHOTS = _one("SnapStart, kept", 0.0000015046, "GB-second of each function's snapshot", "lambda/pricing")
RESTORES = _one("SnapStart, restored", 0.0001397998, "GB restored", "lambda/pricing")
HTTP_API = _millions("HTTP API", 1.00, "requests of up to 512 KB", "api-gateway/pricing")
REST_API = _millions("REST API", 3.50, "requests", "api-gateway/pricing")
EVENTS = _millions("EventBridge", 1.00, "custom events of up to 64 KB", "eventbridge/pricing")
TOPIC = _millions("SNS", 0.50, "publishes of up to 64 KB; deliveries to SQS are free", "sns/pricing")
QUEUES = _millions("SQS", 0.40, "requests of up to 64 KB: sends, receives, deletes", "sqs/pricing")
LOGS = Price("CloudWatch Logs", 0.50, 10**9, "GB ingested", f"{_PRICING}/cloudwatch/pricing/")

ALARMS = _one("Alarms", 0.10, "metric of an alarm, a month", "cloudwatch/pricing")
COMPOSITES = _one("Composite alarms", 0.50, "alarm, a month", "cloudwatch/pricing")
METRICS = _one("Custom metrics", 0.30, "metric with its dimensions, a month", "cloudwatch/pricing")
DASHBOARDS = _one("Dashboards", 3.00, "dashboard, a month; three are free", "cloudwatch/pricing")
EDGE_REQUESTS = Price(
    "CloudFront", 0.01, 10_000, "10,000 HTTPS requests, of the US and Europe", f"{_PRICING}/cloudfront/pricing/"
)
EDGE_DATA = Price("CloudFront, data out", 0.085, 10**9, "GB, to the US and Europe", f"{_PRICING}/cloudfront/pricing/")
WAF_REQUESTS = _millions("WAF", 0.60, "requests, blocked ones too", "waf/pricing")
WAF_ACL = _one("WAF, web ACL", 5.00, "month", "waf/pricing")
WAF_RULE = _one("WAF, rule or managed group", 1.00, "month", "waf/pricing")

MONTH_SECONDS = 730 * 3600

ASIDE = {
    "tracing": "X-Ray 5.00 for a million traces, where `tracing` is active: the first request in a second, and one"
    " in twenty of the others",
    "register, sign in": "Cognito Essentials: 0.015 a monthly active user (Plus, with `threatProtection`: 0.02)",
    "storage": "DynamoDB 0.25 a GB-month, and 0.20 for point-in-time recovery; a lifecycle leaves about 4 KB behind",
    "event archive": "EventBridge 0.10 a GB archived, 0.023 a GB-month; half a KB an event",
    "log storage": "0.03 a GB-month, for `logRetentionDays`",
    "encryption": "a KMS key for each topic (two), 1.00 a month each and 0.03 for 10,000 requests; SNS keeps a data"
    " key for minutes, so that requests are cents. Tables and queues are under keys that cost nothing",
    "watching": "what is in [its table](#being-watched), and 0.10 a month for each metric with errors that the query of"
    " `tables-failing` finds; budgets without actions cost nothing",
    "waiting": "an idle queue is polled about 650,000 times a month: 0.26 each",
    "auditing": "each change is checked a quarter of an hour later, about 6 read request units a lifecycle: 0.75 for a"
    " million; and the whole books every `reconcileHours`: 12 for 100 million rows (docs/decisions/0027)",
    "data out": "0.09 a GB after the first 100 a month; an answer is under 1 KB",
}
"""What is paid beside the requests of a lifecycle, in dollars."""
