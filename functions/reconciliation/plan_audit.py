"""The first step of an audit: plans what to check, in how many parts. One audit at a time."""

from typing import TypedDict

from reconciliation.books import Segment
from reconciliation.progress import MOST_NAMED, TABLES, Part, Run, new_part
from reconciliation.rules import LONGEST_FREEZE_SECONDS, SETTLING_SECONDS
from shared import aws, clock

PAGE_ROWS = 500
STEP_SECONDS = 240


class AnotherAuditError(Exception):
    """An audit that began before this one still runs."""


class Wishes(TypedDict, total=False):
    """The caller's options; change `settlingSeconds` only for a system that is known to be at rest."""

    settlingSeconds: int
    pageRows: int
    stepSeconds: float


class Call(TypedDict):
    """The input from the state machine: its name, this execution and its start, and the number of workers."""

    wishes: Wishes
    stateMachine: str
    execution: str
    startedAt: str
    workers: int


class Plan(TypedDict):
    """The run, and its parts."""

    run: Run
    parts: list[Part]


def handler(call: Call, _context: object) -> Plan:
    """Cut each table into as many segments as there are workers.

    Raises AnotherAuditError while an earlier audit runs. Step Functions lists executions a moment late (ListExecutions
    is eventually consistent): two that begin in the same second may both run, which doubles the reads and is harmless.
    """
    wishes = call["wishes"]
    running = aws.client("stepfunctions").list_executions(stateMachineArn=call["stateMachine"], statusFilter="RUNNING")
    began = {each["executionArn"]: each["startDate"] for each in running["executions"]}
    own = began.get(call["execution"])
    if any((other, arn) < (own, call["execution"]) for arn, other in began.items() if own):
        raise AnotherAuditError("an audit that began before still runs")
    return plan_of(call["startedAt"], call["workers"], wishes)


def plan_of(began_at: str, workers: int, wishes: Wishes) -> Plan:
    """An audit of all rows, as of the timestamp `began_at`, in `workers` parts per table."""
    return {
        "run": {
            "settledBefore": clock.earlier(began_at, seconds=wishes.get("settlingSeconds", SETTLING_SECONDS)),
            "frozenBefore": clock.earlier(began_at, seconds=LONGEST_FREEZE_SECONDS),
            "pageRows": wishes.get("pageRows", PAGE_ROWS),
            "stepSeconds": wishes.get("stepSeconds", STEP_SECONDS),
            "namedByPart": MOST_NAMED // (workers * len(TABLES)),
            "startedAt": began_at,
        },
        "parts": [new_part(Segment(table, number, workers)) for table in TABLES for number in range(workers)],
    }
