"""`make trace REQUEST=… | ORDER=… | EVENT=…`: the story of a request, an order or an event, from the logs.

One query finds the lines that name it, a second all lines of their requests. Missing steps are searched in the queues.
Read-only. CloudWatch shows a line some seconds after it was written, and bills a query by the bytes of the log groups
in its time.
"""

import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from ops.command import CommandError
from ops.queues import Queues, reason
from ops.story import Line, Missing, Step, stories
from ops.target import Target

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_ID = re.compile(r"[A-Za-z0-9+/=_.-]{8,64}")
_MOST_GROUPS = 50
_MOST_LINES = 10_000
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatchlogs-quotas.html"""
_LOOKS_EVERY_SECONDS = 0.2
_NARROWEST = 180
"""Columns of the output: ids are not broken; a narrower terminal wraps the lines itself."""
_NOT_PUBLISHED = ("relay-dead-letters",)
_NOT_HANDLED = ("{}-dead-letters", "{}-undelivered-dead-letters", "{}-topic-undelivered-dead-letters")


@dataclass(frozen=True, slots=True)
class Choice:
    """The id to look for, and since when."""

    named: str
    since: datetime

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self:
        """The choice by REQUEST, ORDER or EVENT and SINCE; default: since the order or event, else since a day ago.

        Raises CommandError, with the fix, for anything else.
        """
        given = [environment[name] for name in ("REQUEST", "ORDER", "EVENT") if environment.get(name)]
        if len(given) != 1 or not _ID.fullmatch(given[0]):
            raise CommandError("say which: REQUEST=… (the x-request-id of an answer), ORDER=… or EVENT=…")
        since = datetime.now(UTC) - timedelta(days=1)
        with suppress(ValueError):
            since = _made_at(uuid.UUID(given[0]))
        if said := environment.get("SINCE"):
            try:
                since = datetime.fromisoformat(said).astimezone(UTC)
            except ValueError:
                raise CommandError("SINCE is a time, such as 2026-11-26T00:00:00Z") from None
        return cls(given[0], since)


def _made_at(made: uuid.UUID) -> datetime:
    """When one of our ids was made. Raises ValueError unless it is of our kind, version 7 (RFC 9562, section 5.7)."""
    if made.version != 7:
        raise ValueError("not of version 7")
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)


class Logs:
    """Searches the log groups of a stack."""

    def __init__(self, target: Target) -> None:
        self._logs: CloudWatchLogsClient = target.aws.client("logs", endpoint_url=target.endpoint)
        functions = target.aws.client("lambda", endpoint_url=target.endpoint).get_paginator("list_functions")
        self._modules = {
            function["LoggingConfig"]["LogGroup"]: function["Description"]
            for page in functions.paginate()
            for function in page["Functions"]
            if function["FunctionName"].startswith(f"{target.stack_name}-")
        }
        self._modules[target.outputs()["ApiLogGroup"]] = "api"

    def naming(self, ids: Iterable[str], since: datetime) -> list[Line]:
        """The lines that name any of `ids`, the first ten thousand. Raises CommandError when a query fails."""
        pattern = "|".join(re.escape(each).replace("/", r"\/") for each in sorted(ids))
        queries = [
            self._logs.start_query(
                logGroupNames=groups,
                startTime=int(since.timestamp()) - 60,
                endTime=int(time.time()) + 60,
                queryString="fields @timestamp, @log, @message"
                f" | filter @message like /{pattern}/ | sort @timestamp asc | limit {_MOST_LINES}",
            )["queryId"]
            for groups in batched(sorted(self._modules), _MOST_GROUPS, strict=False)
        ]
        return [line for query in queries for line in self._lines(query)]

    def _lines(self, query: str) -> Iterator[Line]:
        while (answer := self._logs.get_query_results(queryId=query))["status"] in {"Scheduled", "Running"}:
            time.sleep(_LOOKS_EVERY_SECONDS)
        if answer["status"] != "Complete":
            raise CommandError(f"the search in the logs failed: {answer['status']}")
        for row in answer["results"]:
            fields = {field["field"]: field["value"] for field in row}
            at = datetime.fromisoformat(fields["@timestamp"]).replace(tzinfo=UTC)
            module = self._modules[fields["@log"].rpartition(":")[2]]  # on AWS, the account id precedes it
            if line := Line.read(fields["@message"], by=module, at=at):
                yield line


def trace(target: Target, choice: Choice) -> list[Step]:
    """The stories of all requests related to `choice`; missing steps show where the event waits.

    Raises CommandError when no line names it.
    """
    logs, queues = Logs(target), Queues(target.sqs(), target.stack_name)
    requests = {line.correlation_id or "" for line in logs.naming([choice.named], choice.since)}
    if not requests:
        raise CommandError(
            f"no line names {choice.named} since {choice.since:%Y-%m-%d %H:%M} UTC; SINCE=… looks further"
        )
    told = stories(logs.naming(requests, choice.since))
    for story in told:
        for step in story.walk():
            if step.missing:
                step.text += f": {_whereabouts(queues, step.missing)}"
    return told


def _whereabouts(queues: Queues, missing: Missing) -> str:
    """Where a stuck event is."""
    names = _NOT_PUBLISHED if missing.queue == "relay" else _NOT_HANDLED
    for name in (name.format(missing.queue) for name in names):
        with suppress(CommandError):  # not every consumer has all of them
            for message in queues.look(queues.url(name)):
                if missing.named in message["Body"]:
                    return f"in {name}: {reason(message)}"
    if missing.queue == "relay":
        return "the table's stream has it, for a day"
    waiting, in_flight = queues.waiting(queues.url(missing.queue))
    return f"in no dead-letter queue; {waiting} wait in {missing.queue}, {in_flight} are being tried"


def _print(story: Step) -> None:
    tree = Tree(_label(story, None))
    _grow(tree, story)
    Console(width=max(Console().width, _NARROWEST)).print(tree)


def _grow(tree: Tree, step: Step) -> None:
    for then in step.then:
        _grow(tree.add(_label(then, step.at)), then)


def _label(step: Step, before: datetime | None) -> str:
    """Its time of day (UTC), the time since the previous step, and its text."""
    text = escape(step.text)
    if step.at is None:
        return f"[bold red]{text}[/]"
    gap = f"{(step.at - before) / timedelta(milliseconds=1):+.0f} ms  " if before else ""
    return f"[dim]{step.at:%H:%M:%S}.{step.at.microsecond // 1000:03}[/]  {gap}{text}"


def command() -> bool:
    """Print the story of REQUEST, ORDER or EVENT."""
    choice = Choice.of_environment(os.environ)
    with Target.chosen() as target:
        told = trace(target, choice)
    for story in told:
        _print(story)
    lost = [step for story in told for step in story.walk() if step.missing]
    print(f"trace: {len(told)} requests, {len(lost)} steps missing")
    return not lost
