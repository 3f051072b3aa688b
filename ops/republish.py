"""`make republish`: put events on the bus again, straight from the items that carry them.

For events that were put away, or that a consumer missed; consumers are idempotent. A ledger entry keeps its event
forever, any other item that of its latest change.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from ops.command import CommandError
from ops.target import Target
from shared.outbox import OUTBOX_ATTRIBUTE, OutboxEntry

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ASKS_ABOVE = 1_000
"""The number of events above which it asks for confirmation."""

SERVICES = ("profiles", "orders", "billing")
_MOST_ENTRIES = 10
_ROWS_A_LINE = 10_000

type Expression = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """The events to republish: of one order, of one account, or of one service since a time (RFC 3339, UTC)."""

    order: str | None = None
    account: str | None = None
    service: str | None = None
    since: str | None = None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Choice":
        """The choice by ORDER, ACCOUNT, or SERVICE and SINCE. Raises CommandError, with the fix, for anything else."""
        order, account, service = (environment.get(name) for name in ("ORDER", "ACCOUNT", "SERVICE"))
        if sum(map(bool, (order, account, service))) != 1:
            raise CommandError("say which events: ORDER=…, ACCOUNT=…, or SERVICE=… SINCE=2026-11-26T00:00:00Z")
        if service is None:
            return cls(order=order, account=account)
        if service not in SERVICES:
            raise CommandError(f"SERVICE is one of {', '.join(SERVICES)}")
        try:
            moment = datetime.fromisoformat(environment["SINCE"]).astimezone(UTC)
        except (KeyError, ValueError):
            raise CommandError("SINCE is a time, such as 2026-11-26T00:00:00Z") from None
        return cls(service=service, since=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


@dataclass(frozen=True, slots=True)
class Republished:
    """How many events were found, and how many the bus accepted."""

    found: int
    taken: int


class Items:
    """The items of a stack that carry events."""

    def __init__(self, target: Target) -> None:
        self._dynamodb = target.aws.client("dynamodb", endpoint_url=target.endpoint)
        outputs = target.outputs()
        self._tables = {service: outputs[f"{service.capitalize()}Table"] for service in SERVICES}

    def events(self, choice: Choice) -> Iterator[str]:
        """The events of `choice`, as stored in the outbox, table by table."""
        if choice.account:
            yield from self._read("query", "profiles", {"id": choice.account})
            yield from self._read("query", "orders", {"profileId": choice.account})
            yield from self._read("query", "billing", {"pk": f"ACCOUNT#{choice.account}"})
        elif choice.order:
            yield from self._read("scan", "orders", {"id": choice.order})
            yield from self._read("scan", "billing", {"orderId": choice.order})
        elif choice.service:
            events = self._read("scan", choice.service, {})
            yield from (text for text in events if _occurred_at(text) >= (choice.since or ""))

    def _read(self, operation: str, service: str, equal: Mapping[str, str]) -> Iterator[str]:
        """The events of the items whose attributes are `equal`: the key of a query; a scan looks at all items."""
        conditions = [f"#{name} = :{name}" for name in equal]
        carries = f"attribute_exists(#{OUTBOX_ATTRIBUTE})"
        expression: dict[str, Any] = {"FilterExpression": " AND ".join([*conditions, carries])}
        if operation == "query":
            expression = {"FilterExpression": carries, "KeyConditionExpression": " AND ".join(conditions)}
        if equal:
            expression["ExpressionAttributeValues"] = {f":{name}": {"S": value} for name, value in equal.items()}
        paginator: Any = self._dynamodb.get_paginator("scan" if operation == "scan" else "query")
        rows = 0
        for page in paginator.paginate(
            TableName=self._tables[service],
            ProjectionExpression=f"#{OUTBOX_ATTRIBUTE}",
            ExpressionAttributeNames={f"#{name}": name for name in (*equal, OUTBOX_ATTRIBUTE)},
            **expression,
        ):
            if (rows + page["ScannedCount"]) // _ROWS_A_LINE > rows // _ROWS_A_LINE:
                print(f"  {rows + page['ScannedCount']:,} rows of {service} read", flush=True)
            rows += page["ScannedCount"]
            yield from (item[OUTBOX_ATTRIBUTE]["S"] for item in page["Items"])


def _occurred_at(outbox_entry: str) -> str:
    """When it happened; for an unreadable entry a value that SINCE always includes, so that it is reported."""
    try:
        return str(OutboxEntry.read(outbox_entry).detail["occurredAt"])
    except (ValueError, KeyError):
        return "~"


def republish(target: Target, choice: Choice, *, dry: bool = False, yes: bool = False) -> Republished:
    """Put the events of `choice` on the bus again, or only count them. Prints its progress.

    Raises CommandError when there are more than ASKS_ABOVE and the operator does not confirm.
    """
    items = Items(target)
    found = sum(1 for _ in items.events(choice))
    print(f"  {found:,} events found", flush=True)
    if dry or not found:
        return Republished(found, 0)
    if found > ASKS_ABOVE and not yes and not _agreed(found):
        raise CommandError("nothing was put on the bus")
    bus = target.aws.client("events", endpoint_url=target.endpoint)
    taken = 0
    for entries in batched(_readable(items.events(choice), target.stack_name), _MOST_ENTRIES, strict=False):
        answer = bus.put_events(Entries=entries)
        for entry, result in zip(entries, answer["Entries"], strict=True):
            if "ErrorCode" in result:
                print(f"  refused: {result['ErrorCode']}: {entry['DetailType']} {entry['Detail']}", flush=True)
        taken += len(entries) - answer["FailedEntryCount"]
        print(f"  {taken:,} of {found:,} put on the bus", flush=True)
    return Republished(found, taken)


def _readable(events: Iterator[str], bus_name: str) -> "Iterator[PutEventsRequestEntryTypeDef]":
    """The bus entries of the events; reports and skips malformed ones."""
    for text in events:
        try:
            yield OutboxEntry.read(text).for_bus(bus_name)
        except ValueError:
            print(f"  not an event: {text}", flush=True)


def _agreed(found: int) -> bool:
    return sys.stdin.isatty() and input(f"  Put {found:,} events on the bus again? [y/N] ").strip().lower() == "y"


def command() -> bool:
    """Put the events of the chosen items on the bus again."""
    choice = Choice.of_environment(os.environ)
    dry = bool(os.environ.get("DRY"))
    with Target.chosen() as target:
        done = republish(target, choice, dry=dry, yes=bool(os.environ.get("YES")))
    print(f"republish: {done.found:,} events found, {done.taken:,} put on the bus")
    return dry or done.taken == done.found
