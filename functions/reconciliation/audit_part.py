"""One step of an audit: checks a part of the books for some minutes, and returns where to continue.

The state machine (infra/audit.py) passes the output of a step to the next one; it retries a failed step from where it
began. So no row is skipped or counted twice, even if a function crashes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reconciliation.auditor import Auditor
from reconciliation.books import Books
from reconciliation.progress import Step, next_page
from reconciliation.rules import Deadlines
from shared import correlation

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

books = Books.of_stage()


def handler(step: Step, context: LambdaContext) -> Step:
    """Continue with a part of the books; `complete` says whether its end is reached. Read-only."""
    correlation.begin(context.aws_request_id)
    run, part = step["run"], step["part"]
    auditor = Auditor(books, Deadlines(run["settledBefore"], run["frozenBefore"]), run["pageRows"])
    ends = time.monotonic() + run["stepSeconds"]
    while not part["complete"]:
        part = next_page(auditor, run, part)
        if time.monotonic() >= ends:
            break
    return {"run": run, "part": part}
