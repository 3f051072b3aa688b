"""The audit that never stops: checks the rows that have changed, each against those beside it.

If every row agrees with its neighbours whenever one of them changes, the whole books agree. What never changed, or was
changed behind the streams' back, is for the whole audit (plan_audit).
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from reconciliation.auditor import Auditor
from reconciliation.books import Books
from reconciliation.changes import Changed
from reconciliation.findings import publish
from reconciliation.rules import SETTLING_SECONDS, Deadlines
from shared import clock
from shared.logs import logger

CLOCKS_DIFFER_SECONDS = 60
PAGE_ROWS = 500

books = Books.of_stage()


def handler(batch: Mapping[str, Any], _context: object) -> None:
    """Check the rows that messages name. What it raises sends the messages back to their queue."""
    # What changed later than the queue holds a message for has a message of its own.
    moment = clock.timestamp(seconds_ago=SETTLING_SECONDS - CLOCKS_DIFFER_SECONDS)
    auditor = Auditor(books, Deadlines(settled_before=moment, frozen_before=moment), PAGE_ROWS)
    findings = {
        finding
        for message in batch["Records"]
        for finding in auditor.check_changed(Changed.of_message(message["body"]))
    }
    for finding in sorted(findings):
        logger.error("finding", **asdict(finding))
    publish(len(findings))
