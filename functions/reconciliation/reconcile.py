"""Reconciliation, on schedule: do balances, entries, payments and orders agree?"""

import time
from collections import Counter
from dataclasses import asdict
from typing import TypedDict

from aws_lambda_powertools.metrics import Metrics, MetricUnit

from reconciliation.auditor import Auditor
from reconciliation.books import Books, Segment
from reconciliation.rules import Deadlines, Finding
from shared import clock
from shared.logs import logger

SETTLING_SECONDS = 15 * 60
"""How long events may take before two services' rows are held against each other."""

LONGEST_FREEZE_SECONDS = 15 * 60
"""How long an order may be frozen for a payment before somebody should look."""

METRIC = "ReconciliationFindings"
PAGE_ROWS = 500
_MOST_NAMED = 1000

books = Books.of_stage()
metrics = Metrics()


class Reconcile(TypedDict, total=False):
    """The call; `settlingSeconds` other than the default is for a system that is known to be at rest."""

    settlingSeconds: int
    pageRows: int


class Report(TypedDict):
    """How many rows were read, how many findings there are, and the first thousand of them by rule and row."""

    rows: dict[str, int]
    total: int
    findings: list[dict[str, str]]
    seconds: float


def handler(call: Reconcile, _context: object) -> Report:
    """Audit the books, log each finding with its row, publish their number as a metric, and change nothing.

    Reads every row of two tables, a page at a time.
    """
    started = time.perf_counter()
    deadlines = Deadlines(
        settled_before=clock.timestamp(seconds_ago=call.get("settlingSeconds", SETTLING_SECONDS)),
        frozen_before=clock.timestamp(seconds_ago=LONGEST_FREEZE_SECONDS),
    )
    rows, found = audit(Auditor(books, deadlines, call.get("pageRows", PAGE_ROWS)))
    findings = sorted(found)
    for finding in findings[:_MOST_NAMED]:
        logger.error("finding", **asdict(finding))
    metrics.add_metric(name=METRIC, unit=MetricUnit.Count, value=len(findings))
    metrics.flush_metrics()
    report: Report = {
        "rows": dict(rows),
        "total": len(findings),
        "findings": [asdict(finding) for finding in findings[:_MOST_NAMED]],
        "seconds": round(time.perf_counter() - started, 1),
    }
    logger.info("reconciled", rows=rows, total=len(findings))
    return report


def audit(auditor: Auditor) -> tuple[Counter[str], set[Finding]]:
    """How many rows of each kind were checked, and all findings."""
    rows = Counter(accounts=0, entries=0, payments=0, orders=0)
    findings: set[Finding] = set()
    for table in ("billing", "orders"):
        start_key, complete = None, False
        while not complete:
            page, accounts = auditor.check_rows(Segment(table, 0, 1), start_key)
            for checked in (page, *map(auditor.check_account, accounts)):
                rows.update(checked.rows)
                findings |= checked.findings
            start_key, complete = page.last_key, page.last_key is None
    return rows, findings
