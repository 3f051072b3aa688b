"""The progress of an audit, which its state machine keeps between the steps: plain JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypedDict

from reconciliation.auditor import Auditor
from reconciliation.books import Segment
from reconciliation.rules import BEFORE_THE_FIRST, Finding
from shared.logs import logger

MOST_NAMED = 500
"""The most findings that a report names: a state may have 256 KiB. The log names all of them."""

TABLES = ("billing", "orders")
KINDS = ("accounts", "entries", "payments", "orders")


class Run(TypedDict):
    """Settings of the whole run: timestamps, rows per page, seconds per step, and how many findings a part may name."""

    settledBefore: str
    frozenBefore: str
    pageRows: int
    stepSeconds: float
    namedByPart: int
    startedAt: str


class Part(TypedDict):
    """A segment of a table, and how far it has been checked.

    `accounts` are those of the last page that are still to be checked; the first of them from after its entry `last`.
    """

    segment: tuple[str, int, int]
    startKey: Mapping[str, str] | None
    accounts: list[str]
    last: Mapping[str, Any] | None
    scanned: int
    rows: dict[str, int]
    findings: list[dict[str, str]]
    unnamed: int
    complete: bool


class Step(TypedDict):
    """The input and output of a step."""

    run: Run
    part: Part


def new_part(segment: Segment) -> Part:
    """A segment before its first step."""
    return {
        "segment": (segment.table, segment.number, segment.of),
        "startKey": None,
        "accounts": [],
        "last": None,
        "scanned": 0,
        "rows": {},
        "findings": [],
        "unnamed": 0,
        "complete": False,
    }


def next_page(auditor: Auditor, run: Run, part: Part) -> Part:
    """Check the next page: of entries while accounts of the last page of rows are unchecked, else of rows."""
    if part["accounts"]:
        profile_id, *others = part["accounts"]
        entries = auditor.check_entries(profile_id, part["last"] or BEFORE_THE_FIRST)
        part = _noted(part, Counter(entries=entries.count, accounts=int(entries.complete)), entries.findings, run)
        if entries.complete:
            at_its_end = not others and part["startKey"] is None
            return {**part, "accounts": others, "last": None, "complete": at_its_end}
        return {**part, "last": {name: entries.last[name] for name in BEFORE_THE_FIRST}}
    checked, accounts = auditor.check_rows(Segment(*part["segment"]), part["startKey"])
    part = _noted(part, checked.rows, checked.findings, run)
    return {
        **part,
        "startKey": checked.last_key,
        "scanned": part["scanned"] + checked.scanned,
        "accounts": accounts,
        "complete": checked.last_key is None and not accounts,
    }


def _noted(part: Part, rows: Mapping[str, int], findings: Iterable[Finding], run: Run) -> Part:
    """The part with these rows counted and these findings named, or only counted when the limit is reached."""
    named, unnamed = list(part["findings"]), part["unnamed"]
    for finding in sorted(findings):
        said = asdict(finding)
        if said in named:
            continue
        logger.error("finding", **said)
        if len(named) < run["namedByPart"]:
            named.append(said)
        else:
            unnamed += 1
    counted = Counter(part["rows"]) + Counter(rows)
    return {**part, "rows": dict(counted), "findings": named, "unnamed": unnamed}
