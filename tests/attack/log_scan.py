"""Every line that the functions of a cloud have written, and every event: does any open a door, or name a person?"""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.operations import ROUTES
from local.demo import journey
from tests.attack.attacks import ATTACKS
from tests.attack.matrix import Cell, run
from tests.attack.scene import Scene
from tests.e2e.api import Api, Credentials, User, new_key
from tests.grants.grants import grants, taken_away
from tests.infra.stages import Stage

_ATTACKED = "GET /profiles/{id}"
BREAKING = ("profiles.update_profile", "billing.deposit", "orders.create_order", "orders.execute_order")
"""Functions that lose their grants, so that what they write of failures is looked at too."""

_TELLTALE = {
    "a token": re.compile(r"eyJ[\w-]{8,}\.|[Bb]earer\s+[\w.-]{16,}"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[a-z]+"),
    "a password": re.compile(r"Aa1!|[Pp]assword\W{1,4}\w"),
    "a name": re.compile(r"Lovelace|Mallory|\bName [0-9a-f]{16}\b|\b(user|demo)-[0-9a-f]{8}"),
}
_TELLS_THEM = {"ProfileCreated": ("login", "email"), "OrderCanceled": ("reason",)}
"""Fields of events that are there to say it: who has come, and what users write themselves."""


def _telltales(text: str) -> Iterator[str]:
    yield from (what for what, pattern in _TELLTALE.items() if pattern.search(text))


def _log_lines(api: Api) -> Iterator[tuple[str, str]]:
    logs = api.aws("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in (group["logGroupName"] for group in page["logGroups"]):
            for found in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                yield from ((group, event["message"]) for event in found["events"])


@contextmanager
def _hearing(api: Api) -> Iterator[list[dict[str, Any]]]:
    """Every event that goes over the bus while the block runs, in a list that is full when it ends."""
    events, sqs, bus = api.aws("events"), api.aws("sqs"), api.stack["stackName"]
    url = sqs.create_queue(QueueName="everything")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sources = json.dumps({"source": [{"prefix": ""}]})
    events.put_rule(Name="everything", EventBusName=bus, EventPattern=sources)
    events.put_targets(Rule="everything", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    heard: list[dict[str, Any]] = []
    try:
        yield heard
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            heard += [json.loads(message["Body"]) for message in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    finally:
        events.remove_targets(Rule="everything", EventBusName=bus, Ids=["queue"])
        events.delete_rule(Name="everything", EventBusName=bus)
        sqs.delete_queue(QueueUrl=url)


def _ask_badly(api: Api) -> None:
    """Secrets in all the wrong places."""
    somebody = Credentials()
    for path in ("/register", "/login", "/register/confirm", "/refresh"):
        api.post(path, {**somebody.registration(), "extra": somebody.email, "code": somebody.password})
        api.post(path, {"login": [somebody.email], "email": somebody.password, "password": {"a": somebody.password}})
        api.request("POST", path, content=f'{{"password": "{somebody.password}"', headers={"content-type": "text/json"})
    api.get(f"/orders/{somebody.email}?login={somebody.login}&access_token={somebody.password}")


def _use(user: User) -> None:
    user.post("/login", {**user.credentials.sign_in(), "password": "Aa1!wrong"})
    user.patch(f"/profiles/{user.profile_id}", {"fullName": "Ada Lovelace"})
    user.post("/billing/account/deposit", {"amount": 1}, headers=new_key())
    created = user.post("/orders", {"productQuantity": 1}, headers=new_key())
    order_id = created.json().get("id") or user.profile_id
    user.post(f"/orders/{order_id}/execute", {"event": "CANCEL", "reason": "Ada Lovelace, ada@example.com"})


@dataclass(frozen=True, slots=True)
class Scan:
    """What was looked at, and what was found in it."""

    lines: list[str]
    events: list[dict[str, Any]]
    findings: list[str]

    def __str__(self) -> str:
        return f"{len(self.lines)} log lines and {len(self.events)} events looked at: {len(self.findings)} findings"


def scan(everybody: Scene) -> Scan:
    """Go a journey, attack, have AWS calls fail, and look at all that was written."""
    api = everybody.api
    with _hearing(api) as heard:
        with contextlib.redirect_stdout(io.StringIO()):
            journey(f"{api.stack['apiUrl']}/")
        [route] = [route for route in ROUTES if f"{route.method} {route.path}" == _ATTACKED]
        for attack in ATTACKS:
            run(everybody, Cell(route, attack))
        _ask_badly(api)
        user = api.new_user()
        _use(user)
        for grant in grants(Stage("local")):
            if grant.module in BREAKING and not grant.action.startswith("logs:"):
                with taken_away(api, grant):
                    _use(user)
    lines = list(_log_lines(api))
    findings = [f"{what} in {group}: {line[:300]}" for group, line in lines for what in _telltales(line)]
    for event in heard:
        detail = {k: v for k, v in event["detail"].items() if k not in _TELLS_THEM.get(event["detail-type"], ())}
        findings += [f"{what} in {event['detail-type']}" for what in _telltales(json.dumps(detail))]
    return Scan([line for _, line in lines], heard, findings)
