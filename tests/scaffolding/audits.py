"""The whole audit in this process: its steps as the state machine (infra/audit.py) calls them, JSON in and out."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.operations import AUDIT_PART, NOTE_CHANGES, PLAN_AUDIT, REPORT_AUDIT
from reconciliation.auditor import Auditor
from reconciliation.books import Books
from reconciliation.changes import Changed
from reconciliation.rules import Deadlines, Finding
from shared import clock
from tests.scaffolding.world import World

type Step = Callable[[str, Mapping[str, Any]], Any]

BOOKS = ("billing", "orders")
"""The services whose tables are the books."""

WORKERS = 3
_LONG_AGO = "2021-01-01T00:00:00.000Z"
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:audit"


def audit(world: World, step: Step | None = None, workers: int = WORKERS, **wishes: object) -> Any:
    """The report of a whole audit, by default of a system at rest. `step` calls a function for it."""
    call = step or (lambda module, payload: take(world, module, payload))
    plan = call(
        PLAN_AUDIT.module,
        {
            "wishes": {"settlingSeconds": 0, **wishes},
            "stateMachine": _MACHINE,
            "execution": world.audit_execution,
            "startedAt": clock.timestamp(),
            "workers": workers,
        },
    )
    parts = []
    for part in plan["parts"]:
        state = {"run": plan["run"], "part": part}
        while not state["part"]["complete"]:
            state = call(AUDIT_PART.module, state)
        parts.append(state["part"])
    return call(REPORT_AUDIT.module, {**plan, "parts": parts})


def take(world: World, module: str, payload: Mapping[str, Any]) -> Any:
    """Call a step as Step Functions does: input and output are JSON."""
    return json.loads(json.dumps(world.invoke(module, json.loads(json.dumps(payload, default=str)))))


def note_changes(world: World) -> None:
    """Note all changes of the books that are not noted yet."""
    for service in BOOKS:
        records = world.records(service)
        world.invoke(NOTE_CHANGES.module, {"Records": records[world.noted.get(service, 0) :]})
        world.noted[service] = len(records)


def findings_of_changes(world: World) -> set[Finding]:
    """Note and check all pending changes, at rest; returns the findings."""
    note_changes(world)
    auditor = Auditor(Books.of_stage(), Deadlines(clock.timestamp(seconds_ago=-1), _LONG_AGO), page_rows=500)
    noted, world.noted_changes = world.noted_changes, []
    return {finding for body in noted for finding in auditor.check_changed(Changed.of_message(body))}
