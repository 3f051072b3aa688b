"""The last step of an audit: one report, and one metric."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from reconciliation.plan_audit import Plan
from reconciliation.progress import KINDS
from shared import clock, correlation, metrics
from shared.logs import logger
from shared.metrics import Metric

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Report(TypedDict):
    """How many rows were checked; how many findings there are, and those that the parts name, by rule and row.

    Findings above the limit are not named, only counted, once by each part that comes upon them.
    """

    rows: dict[str, int]
    total: int
    findings: list[dict[str, str]]
    seconds: float


def handler(run: Plan, context: LambdaContext) -> Report:
    """Sum up the parts, and publish the number of findings as a metric."""
    correlation.begin(context.aws_request_id)
    rows = Counter(dict.fromkeys(KINDS, 0))
    for part in run["parts"]:
        rows.update(part["rows"])
    findings = {tuple(sorted(finding.items())) for part in run["parts"] for finding in part["findings"]}
    total = len(findings) + sum(part["unnamed"] for part in run["parts"])
    metrics.publish({Metric.RECONCILIATION_FINDINGS: total})  # also 0, which shows that the audit ran
    began = datetime.fromisoformat(run["run"]["startedAt"])
    seconds = round((datetime.fromisoformat(clock.timestamp()) - began).total_seconds(), 1)
    logger.info("reconciled", rows=rows, total=total, seconds=seconds)
    return {
        "rows": dict(rows),
        "total": total,
        "findings": sorted(map(dict, findings), key=_by_row),
        "seconds": seconds,
    }


def _by_row(finding: dict[str, str]) -> tuple[str, str, str]:
    return finding["rule"], finding["table"], finding["row"]
