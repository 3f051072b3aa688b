"""Reconciliation, on schedule: do balances, entries, payments and orders agree?"""

import time
from dataclasses import asdict
from typing import TypedDict

from aws_lambda_powertools.metrics import Metrics, MetricUnit

from reconciliation.books_reader import BooksReader
from shared import clock
from shared.logs import logger

SETTLING_SECONDS = 15 * 60
"""How long events may take before two services' rows are held against each other."""

LONGEST_FREEZE_SECONDS = 15 * 60
"""How long an order may be frozen for a payment before somebody should look."""

METRIC = "ReconciliationFindings"
_MOST_NAMED = 1000

reader = BooksReader.of_stage()
metrics = Metrics()


class Reconcile(TypedDict, total=False):
    """The call; `settlingSeconds` other than the default is for a system that is known to be at rest."""

    settlingSeconds: int


class Report(TypedDict):
    """How many rows were read, how many findings there are, and the first thousand of them by rule and row."""

    rows: dict[str, int]
    total: int
    findings: list[dict[str, str]]
    seconds: float


def handler(call: Reconcile, _context: object) -> Report:
    """Audit the books, log each finding with its row, publish their number as a metric, and change nothing.

    Reads every row of two tables; a Lambda's 15 minutes and memory are enough for some hundred thousand orders.
    """
    started = time.perf_counter()
    settling = call.get("settlingSeconds", SETTLING_SECONDS)
    findings, rows = reader.audit(
        settled_before=clock.timestamp(seconds_ago=settling),
        frozen_before=clock.timestamp(seconds_ago=LONGEST_FREEZE_SECONDS),
    )
    for finding in findings[:_MOST_NAMED]:
        logger.error("finding", **asdict(finding))
    metrics.add_metric(name=METRIC, unit=MetricUnit.Count, value=len(findings))
    metrics.flush_metrics()
    report: Report = {
        "rows": rows,
        "total": len(findings),
        "findings": [asdict(finding) for finding in findings[:_MOST_NAMED]],
        "seconds": round(time.perf_counter() - started, 1),
    }
    logger.info("reconciled", rows=rows, total=len(findings))
    return report
