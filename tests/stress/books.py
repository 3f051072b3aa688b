"""What the metrics, the ledger and the users' notifications say of the same payments, side by side."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ops.target import Target
from ops.trace import Logs
from shared.dynamodb import from_item
from shared.metrics import Metric

_ENTRIES = {
    Metric.MONEY_DEPOSITED: "DEPOSIT",
    Metric.MONEY_PAID: "PAYMENT",
    Metric.MONEY_REFUNDED: "REFUND",
}
"""The kind of ledger entry that each metric of money sums up."""
_NOTICES = {
    Metric.ORDERS_PAID: ("OrderPaid", "PAYMENT"),
    Metric.ORDERS_CANCELED: ("OrderCanceled", None),
    Metric.MONEY_REFUNDED: ("OrderRefunded", "REFUND"),
    Metric.MONEY_DEPOSITED: ("DepositAccepted", "DEPOSIT"),
}
"""The notification that each makes, and the kind of its ledger entry, if it has one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One count or sum, by each of those that know it; None for who doesn't."""

    what: str
    metrics: int
    ledger: int | None
    notifications: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether all who know it say the same."""
        return {self.metrics, self.ledger, self.notifications} - {None} == {self.metrics}


def compared(target: Target, notices: Mapping[str, int], since: datetime) -> Iterator[Row]:
    """Sums in minor units, then counts; `notices` counts the notifications by type."""
    lines = Logs(target).naming(["CloudWatchMetrics"], since)
    sums: Counter[Metric] = Counter()
    counts: Counter[Metric] = Counter()
    for line in lines:
        for metric, value in line.counted.items():
            sums[metric] += int(value)
            counts[metric] += 1
    entries = list(_entries(target))
    for metric, kind in _ENTRIES.items():
        yield Row(metric, sums[metric], sum(abs(amount) for each, amount in entries if each == kind))
    kinds = Counter(kind for kind, _ in entries)
    for metric, (notice, entered) in _NOTICES.items():
        in_ledger = kinds[entered] if entered else None
        yield Row(f"{notice}, of {metric}", counts[metric], in_ledger, notices[notice])


def _entries(target: Target) -> Iterator[tuple[str, int]]:
    """Kind and amount of each ledger entry."""
    dynamodb = target.aws.client("dynamodb", endpoint_url=target.endpoint)
    pages = dynamodb.get_paginator("scan").paginate(TableName=target.outputs()["BillingTable"])
    items = (from_item(item) for page in pages for item in page["Items"])
    yield from ((item["kind"], item["amount"]) for item in items if item["sk"].startswith("ENTRY#"))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as lines of text, under a head."""
    yield f"  {'':36} {'metrics':>10} {'ledger':>10} {'notified':>10}"
    for row in rows:
        known = ("" if value is None else f"{value:,}" for value in (row.metrics, row.ledger, row.notifications))
        yield "  " + f"{row.what:36} " + " ".join(f"{value:>10}" for value in known) + ("" if row.agrees else "  WRONG")
