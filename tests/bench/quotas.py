"""What ends the growth of a stage: limits of our own, of AWS by nature, and of AWS by default, in orders a second."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.bench.bill import Biller
from tests.bench.lifecycles import complete

_DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_EVENTBRIDGE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"

WANTED = 10_000
REQUESTS, EVENTS = 5, 2
"""Of a complete lifecycle."""
_PARTITION_WRITES = 1000
_TABLE_WRITES, _TABLE_READS = 40_000, 40_000
ORDER_WRITES = {
    "orders": ("orders.create_order", "orders.execute_order CONFIRM", "orders.execute_order COMPLETE"),
    "billing": ("billing.pay_order",),
}
"""The situations that write to the table of a service, in one lifecycle."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`allows`: lifecycles a second until it is reached, of one user or (`of_all`) of all together."""

    what: str
    allows: int
    of_all: bool
    lifted: str
    source: str


def writes(situations: Mapping[str, Any], service: str) -> float:
    """Write request units on the table of `service` in one lifecycle."""
    return float(sum(call[3] for name in ORDER_WRITES[service] for call in situations[name]["calls"]))


def limits(biller: Biller, throttle_rate: int) -> list[Limit]:
    """All of them, the first to be met first; those of one user before those of all."""
    return sorted(_limits(biller, throttle_rate), key=lambda limit: (limit.of_all, limit.allows))


def _limits(biller: Biller, throttle_rate: int) -> Iterator[Limit]:
    situations = biller.situations
    pay_ms = biller.milliseconds("billing.pay_order")
    busy_ms = complete(biller).ms
    ordering, paying = writes(situations, "orders"), writes(situations, "billing")
    reads = REQUESTS * situations["auth.authorize"]["calls"][0][2]
    yield Limit(
        "one account pays one order after the other: each transaction is conditional on the entry before it",
        math.floor(1000 / pay_ms),
        of_all=False,
        lifted="retries with jitter carry it; more would take sub-accounts whose balances are added up",
        source=f"{_DYNAMODB}/transaction-apis.html",
    )
    yield Limit(
        f"one user's orders lie in one partition: {_PARTITION_WRITES:,} write units a second, {ordering:g} a lifecycle;"
        " and 10 GB, about 4 million orders, since a local index keeps them together",
        math.floor(_PARTITION_WRITES / ordering),
        of_all=False,
        lifted="a shard in the partition key, and a global index in the local one's place",
        source=f"{_DYNAMODB}/bp-partition-key-design.html",
    )
    yield Limit(
        f"the stage's own `throttleRate`, {throttle_rate} requests a second of all callers",
        math.floor(throttle_rate / REQUESTS),
        of_all=True,
        lifted="the setting",
        source="[settings](settings.md)",
    )
    yield Limit(
        f"Lambda, 1,000 at a time in a region; a lifecycle keeps one busy for {busy_ms:.0f} ms",
        math.floor(1_000_000 / busy_ms),
        of_all=True,
        lifted="quota (tens of thousands); each function grows by 1,000 copies in 10 s, no faster",
        source=_LAMBDA,
    )
    yield Limit(
        f"HTTP API, 10,000 requests a second in a region, {REQUESTS} a lifecycle",
        10_000 // REQUESTS,
        of_all=True,
        lifted="quota; above it, several accounts or regions behind one name",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
    )
    yield Limit(
        f"orders table, {_TABLE_WRITES:,} write units a second, {ordering:g} a lifecycle",
        math.floor(_TABLE_WRITES / ordering),
        of_all=True,
        lifted="quota; on-demand takes twice its last peak at once, so set its warm throughput before a launch",
        source=f"{_DYNAMODB}/ServiceQuotas.html",
    )
    yield Limit(
        f"ended sessions, {_TABLE_READS:,} read units a second, {reads:g} a lifecycle",
        math.floor(_TABLE_READS / reads),
        of_all=True,
        lifted="quota, or `authorizerCacheSeconds`",
        source=f"{_DYNAMODB}/ServiceQuotas.html",
    )
    yield Limit(
        f"billing table, {_TABLE_WRITES:,} write units a second, {paying:g} a lifecycle",
        math.floor(_TABLE_WRITES / paying),
        of_all=True,
        lifted="quota, as above",
        source=f"{_DYNAMODB}/ServiceQuotas.html",
    )
    yield Limit(
        f"EventBridge, PutEvents 10,000 a second in us-east-1 (far less in others), {EVENTS} events a lifecycle",
        10_000 // EVENTS,
        of_all=True,
        lifted="quota; counted as if each event were a call, and ten share one on a busy stage",
        source=_EVENTBRIDGE,
    )
    yield Limit(
        "EventBridge, 18,750 targets invoked a second, 3 a lifecycle; beyond it events come late, and are not lost",
        18_750 // 3,
        of_all=True,
        lifted="quota; or the relay publishes to the topic itself",
        source=_EVENTBRIDGE,
    )
    yield Limit(
        f"SNS, 30,000 messages a second in us-east-1, {EVENTS} a lifecycle",
        30_000 // EVENTS,
        of_all=True,
        lifted="quota",
        source="https://docs.aws.amazon.com/general/latest/gr/sns.html",
    )
