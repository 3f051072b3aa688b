"""`make reconcile`: audit the whole books now, or follow a running audit, and print the findings.

The exit code is not 0 on any finding. The audit continues if this is interrupted.
"""

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ops.command import CommandError
from ops.target import Target

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_LOOKS_EVERY_SECONDS = 0.5
_STEP = "Audit a part"

type Report = dict[str, Any]


class Audit:
    """A running or finished audit: an execution of the state machine of infra/audit.py."""

    def __init__(self, machines: "SFNClient", execution: str) -> None:
        self._machines = machines
        self.execution = execution
        self._last_seen = 0
        self._scanned: dict[str, int] = {}

    @classmethod
    def started(cls, target: Target, wishes: Mapping[str, object]) -> Self:
        """The running audit; without one, a new one with these `wishes` (functions/reconciliation/plan_audit.py)."""
        machines = target.aws.client("stepfunctions", endpoint_url=target.endpoint)
        machine = target.outputs()["AuditMachine"]
        for running in machines.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]:
            print("An audit runs already: this follows it.", flush=True)
            return cls(machines, running["executionArn"])
        started = machines.start_execution(stateMachineArn=machine, input=json.dumps(wishes))
        return cls(machines, started["executionArn"])

    def scanned(self) -> int:
        """The number of rows read so far."""
        for event in self._new_events():
            exited = event.get("stateExitedEventDetails", {})
            if exited.get("name") == _STEP:
                part = json.loads(exited["output"])["part"]
                segment = json.dumps(part["segment"])
                self._scanned[segment] = max(part["scanned"], self._scanned.get(segment, 0))
        return sum(self._scanned.values())

    def report(self) -> Report | None:
        """Its report, None while it runs. Raises CommandError when it failed."""
        execution = self._machines.describe_execution(executionArn=self.execution)
        if execution["status"] == "RUNNING":
            return None
        if execution["status"] != "SUCCEEDED":
            raise CommandError(
                f"the audit {execution['status'].lower()}: {execution.get('cause', 'no cause is known')}"
            )
        report: Report = json.loads(execution["output"])
        if "findings" not in report:
            raise CommandError("another audit began at the same time: run this again, to follow it")
        return report

    def _new_events(self) -> Iterator[Mapping[str, Any]]:
        """New events of its history since the last call, newest first."""
        last_seen, pages = self._last_seen, self._machines.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=self.execution, reverseOrder=True, includeExecutionData=True):
            for event in page["events"]:
                if event["id"] <= last_seen:
                    return
                self._last_seen = max(self._last_seen, event["id"])
                yield event


def reconcile(target: Target, **wishes: object) -> Report:
    """Audit the whole books, show the progress, and return the report.

    `settlingSeconds=0` is for a system at rest; functions/reconciliation/plan_audit.py has the other `wishes`. Raises
    CommandError when it fails.
    """
    audit = Audit.started(target, wishes)
    rows, began = _rows(target), time.monotonic()
    columns = BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn(compact=True)
    with Progress(*columns) as bar:
        task = bar.add_task("")
        while (report := audit.report()) is None:
            scanned = audit.scanned()
            rate = scanned / (time.monotonic() - began)
            said = f"{scanned:,} of about {rows:,} rows, {rate:,.0f} a second"
            bar.update(task, completed=scanned, total=max(rows, scanned), description=said)
            time.sleep(_LOOKS_EVERY_SECONDS)
        bar.update(task, completed=rows, total=rows, description="all rows")
    return report


def _rows(target: Target) -> int:
    """The number of rows to read, which DynamoDB updates every six hours."""
    dynamodb, outputs = target.aws.client("dynamodb", endpoint_url=target.endpoint), target.outputs()
    tables = [outputs[f"{service}Table"] for service in ("Billing", "Orders")]
    return sum(dynamodb.describe_table(TableName=table)["Table"]["ItemCount"] for table in tables)


def print_report(report: Report) -> None:
    """Print one line per finding, then the totals."""
    for finding in report["findings"]:
        print(f"  {finding['table']:8} {finding['row']:80} {finding['rule']}")
    rows = ", ".join(f"{count} {kind}" for kind, count in report["rows"].items())
    print(f"reconcile: {rows}: {report['total']} findings in {report['seconds']} s")


def command() -> bool:
    """Audit the whole books, and print what is wrong."""
    with Target.chosen() as target:
        report = reconcile(target)
    print_report(report)
    return bool(report["total"] == 0)
