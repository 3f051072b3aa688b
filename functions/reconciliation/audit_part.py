"""One step of an audit: checks a part of the books for some minutes, and says where to go on.

The state machine (infra/audit.py) keeps what a step answers, and hands it to the next one; a step that fails is taken
again from where it began. So no row is left out and none counted twice, whenever a function dies.
"""

import time
from collections import Counter

from reconciliation.auditor import Auditor
from reconciliation.books import Books, Segment
from reconciliation.progress import Part, Run, Step, note
from reconciliation.rules import BEFORE_THE_FIRST, Deadlines

books = Books.of_stage()


def handler(step: Step, _context: object) -> Step:
    """Go on with a part of the books; `complete` says whether its end is reached. It changes nothing."""
    run, part = step["run"], step["part"]
    auditor = Auditor(books, Deadlines(run["settledBefore"], run["frozenBefore"]), run["pageRows"])
    ends = time.monotonic() + run["stepSeconds"]
    while not part["complete"]:
        part = _next_page(auditor, run, part)
        if time.monotonic() >= ends:
            break
    return {"run": run, "part": part}


def _next_page(auditor: Auditor, run: Run, part: Part) -> Part:
    """Check the next page: of entries, while an account of the last page of rows is yet to be checked, else of rows."""
    if part["accounts"]:
        profile_id, *others = part["accounts"]
        entries = auditor.check_entries(profile_id, part["last"] or BEFORE_THE_FIRST)
        part = note(part, Counter(entries=entries.count, accounts=int(entries.complete)), entries.findings, run)
        if entries.complete:
            at_its_end = not others and part["startKey"] is None
            return {**part, "accounts": others, "last": None, "complete": at_its_end}
        return {**part, "last": {name: entries.last[name] for name in BEFORE_THE_FIRST}}
    checked, accounts = auditor.check_rows(Segment(*part["segment"]), part["startKey"])
    part = note(part, checked.rows, checked.findings, run)
    return {
        **part,
        "startKey": checked.last_key,
        "scanned": part["scanned"] + checked.scanned,
        "accounts": accounts,
        "complete": checked.last_key is None and not accounts,
    }
