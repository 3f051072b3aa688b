"""`make restore-drill`: restore the tables as they were, under other names, and audit the restored books.

A backup that was never restored is only a hope. The copies are deleted afterwards, even if this is interrupted.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from rich.progress import Progress

from local.interrupts import end_by_signals
from ops.command import CommandError
from ops.target import Target
from reconciliation.auditor import Auditor
from reconciliation.books import Books
from reconciliation.plan_audit import plan_of
from reconciliation.progress import Part, Run, next_page
from reconciliation.rules import Deadlines
from shared.dynamodb import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WaiterConfigTypeDef

SERVICES = ("auth", "profiles", "orders", "billing", "notifications")
_WORKERS = 4
_MOST_NAMED = 1_000
"""The most findings to report per part: no state limits them here."""

_LONGEST_HOURS = 12
"""How long a restore may take; AWS needs about an hour for most tables, of any size."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """The result of a drill: the restored moment, its duration in seconds, rows by kind, findings."""

    moment: datetime
    seconds: float
    rows: Mapping[str, int]
    findings: list[dict[str, str]]

    @property
    def age(self) -> timedelta:
        """The age of the restored state: what losing the tables would cost."""
        return datetime.now(UTC) - self.moment


class Copies:
    """Copies of a stack's tables, by service."""

    def __init__(self, target: Target) -> None:
        self._dynamodb: DynamoDBClient = target.aws.client("dynamodb", endpoint_url=target.endpoint)
        outputs = target.outputs()
        self._originals = {service: outputs[f"{service.capitalize()}Table"] for service in SERVICES}
        self.names = {service: f"{target.stack_name}-drill-{service}" for service in SERVICES}
        self._seconds_between_looks = 1 if target.endpoint else 20

    def latest(self) -> datetime:
        """The latest moment to which every table can be restored, a few minutes ago on AWS."""
        return min(map(self._latest, self._originals.values()))

    def _latest(self, table: str) -> datetime:
        backups = self._dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        return backups.get("PointInTimeRecoveryDescription", {}).get("LatestRestorableDateTime") or datetime.now(UTC)

    def refuse_leftovers(self) -> None:
        """Raises CommandError when copies exist already, from a running or killed drill."""
        if left := [name for name in self.names.values() if self._is_there(name)]:
            raise CommandError(
                f"another drill runs, or was killed and has left {', '.join(left)}: CLEAN=1 takes them away"
            )

    @contextmanager
    def made(self, moment: datetime) -> Iterator[None]:
        """Copies of all tables at a moment, while the block runs."""
        try:
            for service, original in self._originals.items():
                self._restore(original, self.names[service], moment)
            self._await()
            yield
        finally:
            self.take_away()

    def take_away(self) -> None:
        """Delete all copies; AWS does not delete one that is still being restored."""
        left = [name for name in self.names.values() if self._is_there(name)]
        if left:
            print(f"  taking {len(left)} copies away", flush=True)
        self._await(*left)
        for name in left:
            self._dynamodb.delete_table(TableName=name)
        for name in left:
            self._dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig=self._patience())

    def _restore(self, original: str, copy: str, moment: datetime) -> None:
        print(f"  restoring {original} as {copy}", flush=True)
        try:
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=original,
                TargetTableName=copy,
                RestoreDateTime=moment,
                BillingModeOverride="PAY_PER_REQUEST",
                LocalSecondaryIndexOverride=[],  # an audit doesn't need them
            )
        except self._dynamodb.exceptions.InvalidRestoreTimeException:
            raise CommandError(f"AT: {original} can't be restored to {moment.isoformat()}") from None

    def _await(self, *names: str) -> None:
        for name in names or self.names.values():
            self._dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig=self._patience())

    def _patience(self) -> "WaiterConfigTypeDef":
        return {"Delay": self._seconds_between_looks, "MaxAttempts": _LONGEST_HOURS * 3600 // 20}

    def _is_there(self, name: str) -> bool:
        try:
            self._dynamodb.describe_table(TableName=name)
        except self._dynamodb.exceptions.ResourceNotFoundException:
            return False
        return True


def restore_drill(target: Target, moment: datetime | None = None) -> Drilled:
    """Restore the tables to `moment` (default: the latest), and audit them. Prints its progress.

    Raises CommandError when they can't be restored.
    """
    began = time.monotonic()
    target.take_in_the_functions_code()
    copies = Copies(target)
    copies.refuse_leftovers()
    moment = moment or copies.latest()
    with copies.made(moment):
        print(f"  restored in {time.monotonic() - began:.0f} s", flush=True)
        parts = _audited(Books(Table(copies.names["billing"]), Table(copies.names["orders"])), moment)
    rows = sum((Counter(part["rows"]) for part in parts), Counter[str]())
    findings = list(chain.from_iterable(part["findings"] for part in parts))
    return Drilled(moment, time.monotonic() - began, rows, findings)


def _audited(books: Books, moment: datetime) -> list[Part]:
    """Check all parts of the books, as of a moment."""
    plan = plan_of(moment.astimezone(UTC).isoformat(), _WORKERS, {})
    run: Run = {**plan["run"], "namedByPart": _MOST_NAMED}
    parts = plan["parts"]
    auditor = Auditor(books, Deadlines(run["settledBefore"], run["frozenBefore"]), run["pageRows"])
    with ThreadPoolExecutor(_WORKERS) as pool, Progress() as bar:
        task = bar.add_task("audit", total=len(parts))
        checked = []
        for part in pool.map(partial(_to_its_end, auditor, run), parts):
            checked.append(part)
            bar.advance(task)
    return checked


def _to_its_end(auditor: Auditor, run: Run, part: Part) -> Part:
    while not part["complete"]:
        part = next_page(auditor, run, part)
    return part


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError("AT is a time, such as 2026-11-26T00:00:00Z") from None
    if moment.tzinfo is None:
        raise CommandError("AT says no zone: write 2026-11-26T00:00:00Z")
    return moment


def command() -> bool:
    """Restore the tables as of AT, audit them, and delete them."""
    end_by_signals()
    moment = _moment(os.environ.get("AT"))
    with Target.chosen() as target:
        if os.environ.get("CLEAN"):
            Copies(target).take_away()
        drilled = restore_drill(target, moment)
    for finding in drilled.findings:
        print(f"  {finding['table']:8} {finding['row']:80} {finding['rule']}")
    rows = ", ".join(f"{count} {kind}" for kind, count in drilled.rows.items())
    print(
        f"restore-drill: {rows} of {drilled.moment.isoformat(timespec='seconds')}, {drilled.age.total_seconds():.0f} s"
        f" old: {len(drilled.findings)} findings, in {drilled.seconds:.0f} s"
    )
    return not drilled.findings
