"""The continuous audit: checks each changed row against its neighbours.

If every row agrees with its neighbours whenever one of them changes, the whole books agree. The whole audit
(plan_audit) covers rows that never changed, and changes that the streams missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reconciliation.auditor import Auditor
from reconciliation.books import Books
from reconciliation.changes import Changed
from reconciliation.rules import SETTLING_SECONDS, Deadlines
from shared import clock, correlation, metrics
from shared.logs import logger
from shared.metrics import Metric

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CLOCKS_DIFFER_SECONDS = 60
PAGE_ROWS = 500

books = Books.of_stage()


def handler(batch: Mapping[str, Any], context: LambdaContext) -> None:
    """Check the rows that messages name. Raising sends the messages back to their queue."""
    correlation.begin(context.aws_request_id)
    # A row that changes after the queue's delay has a message of its own.
    moment = clock.timestamp(seconds_ago=SETTLING_SECONDS - CLOCKS_DIFFER_SECONDS)
    auditor = Auditor(books, Deadlines(settled_before=moment, frozen_before=moment), PAGE_ROWS)
    findings = {
        finding
        for message in batch["Records"]
        for finding in auditor.check_changed(Changed.of_message(message["body"]))
    }
    for finding in sorted(findings):
        logger.error("finding", **asdict(finding))
    metrics.publish({Metric.RECONCILIATION_FINDINGS: len(findings)})  # also 0, which shows that the check ran
