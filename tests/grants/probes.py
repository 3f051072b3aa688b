"""For each function, everything that it does, done once: whether it works."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from botocore.exceptions import ClientError

from infra.operations import CONSUMERS, functions
from ops.reconcile import Audit
from ops.target import Target
from shared.dynamodb import to_item
from tests.e2e.api import Api, Credentials, User, exact, new_key
from tests.e2e.emulated import forget_profile, frozen_order, unconfirmed_user

PATIENCE_SECONDS = 60
"""How long anything may take, where all is granted."""

_BETWEEN_LOOKS = 0.25
"""Each look is a request: most of what the waiting costs the machine."""

OK, CREATED, NO_CONTENT = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT

type Probe = Callable[["Scene"], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """The API, a user with money, and for how many seconds to wait for what may come."""

    api: Api
    user: User
    patience: float = PATIENCE_SECONDS

    def function(self, module: str) -> str:
        """The name of a function."""
        return f"{self.api.stack['stackName']}-{functions()[module].name}"

    def queue(self, module: str) -> str:
        """The address of a consumer's queue."""
        return self.api.stack["queues"][functions()[module].name]

    def comes(self, holds: Callable[[], object]) -> bool:
        """Whether something comes to be so in time."""
        deadline = time.monotonic() + self.patience
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(_BETWEEN_LOOKS)
        return True


# Operations


def _answers(status: HTTPStatus, method: str, path: str, body: object = None, *, keyed: bool = False) -> Probe:
    def probe(scene: Scene) -> bool:
        options: dict[str, Any] = {"headers": new_key()} if keyed else {}
        if body is not None:
            options["json"] = body
        path_ = path.replace("{me}", scene.user.profile_id)
        return scene.user.request(method, path_, **options).status_code == status

    return probe


def _confirms_registration(scene: Scene) -> bool:
    with unconfirmed_user(scene.api) as credentials:
        body = {"login": credentials.login, "code": "123456"}
        return scene.api.post("/register/confirm", body).status_code == NO_CONTENT


def _signs_up(scene: Scene) -> bool:
    credentials = Credentials()
    registered = scene.api.post("/register", credentials.registration())
    signed_in = scene.api.post("/login", credentials.sign_in())
    return (registered.status_code, signed_in.status_code) == (CREATED, OK)


def _signs_up_with_a_profile(scene: Scene) -> bool:
    if not _signs_up(scene):
        return False
    again = scene.api.signed_in(scene.user.credentials, scene.user.profile_id)
    return again.get(f"/profiles/{again.profile_id}").status_code == OK


def _session(scene: Scene) -> User:
    return scene.api.signed_in(scene.user.credentials, scene.user.profile_id)


def _signs_out(scene: Scene) -> bool:
    one = _session(scene).post("/logout", {}).status_code
    other = scene.api.new_user()
    return (one, other.post("/logout", {"everywhere": True}).status_code) == (NO_CONTENT, NO_CONTENT)


def _refreshes(scene: Scene) -> bool:
    return scene.api.post("/refresh", {"refreshToken": _session(scene).tokens.refresh}).status_code == OK


def _creates_profile(scene: Scene) -> bool:
    user = scene.api.new_user()
    forget_profile(user)
    return user.post("/profiles", {}).status_code == CREATED


def _reads_order(scene: Scene) -> bool:
    return scene.user.get(f"/orders/{scene.user.new_order()['id']}").status_code == OK


def _reads_payment(scene: Scene) -> bool:
    return scene.user.get(f"/billing/payments/{scene.user.order_in('PAID')['id']}").status_code == OK


def _opens_the_app(scene: Scene) -> bool:
    return httpx.get(scene.api.stack["appUrl"]).status_code == OK


def _lists_orders(scene: Scene) -> bool:
    return [scene.user.get(path).status_code for path in ("/orders", "/orders?state=PAID")] == [OK, OK]


def _executes(*events: str) -> Probe:
    def probe(scene: Scene) -> bool:
        order = scene.user.new_order()
        fields = {"EDIT": {"productQuantity": 2}}
        return all(scene.user.execute(order, event, **fields.get(event, {})).status_code == OK for event in events)

    return probe


# Events


def _opens_account(scene: Scene) -> bool:
    user = scene.api.new_user()
    return scene.comes(lambda: exact(user.get("/billing/account"))["updatedAt"])


def _returns_payment(scene: Scene) -> bool:
    user = scene.api.new_user().with_money(10)
    order = user.order_in("PAID")
    user.execute(order, "CANCEL")
    return scene.comes(lambda: exact(user.get("/billing/account"))["balance"] == 10)


def _settles_order(scene: Scene) -> bool:
    """The payment is taken, and nobody is left to mark the order."""
    order = scene.user.new_order()
    scene.api.aws("dynamodb").update_item(
        TableName=scene.api.stack["tables"]["orders"],
        Key={"profileId": {"S": scene.user.profile_id}, "sk": {"S": f"ORDER#{order['id']}"}},
        UpdateExpression="SET paymentStartedAt = :now, version = version + :one",
        ExpressionAttributeValues={":now": {"S": order["createdAt"]}, ":one": {"N": "1"}},
    )
    payment = {"orderId": order["id"], "profileId": scene.user.profile_id, "amount": 1000, "attempt": 2}
    scene.api.aws("lambda").invoke(
        FunctionName=scene.function("billing.pay_order"), Payload=json.dumps(payment).encode()
    )
    return scene.comes(lambda: exact(scene.user.get(f"/orders/{order['id']}"))["state"] == "PAID")


def _notifies(scene: Scene) -> bool:
    user = scene.api.new_user().with_money(1)
    return scene.comes(user.notification_types)


def _empties_queue(scene: Scene, module: str, effect: Probe) -> bool:
    """Whether a consumer has its effect, and takes the message out of its queue."""
    sqs, url = scene.api.aws("sqs"), scene.queue(module)
    sqs.purge_queue(QueueUrl=url)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_empty() -> bool:
        left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return not sum(map(int, left.values()))

    return effect(scene) and scene.comes(is_empty)


def gives_reasons(scene: Scene, module: str) -> bool:
    """Whether a message that a consumer can't understand comes to its dead letters with the reason."""
    sqs, url = scene.api.aws("sqs"), scene.queue(module)
    letters = scene.api.stack["queues"][f"{functions()[module].name}-dead-letters"]
    [heard] = [consumer.event_names[0] for consumer in CONSUMERS if consumer.function.module == module]
    as_it_was = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    received: list[Any] = []

    def arrived() -> list[Any]:
        answer = sqs.receive_message(QueueUrl=letters, MessageAttributeNames=["All"])
        received.extend(answer.get("Messages", []))
        return received

    try:
        sqs.purge_queue(QueueUrl=url)
        sqs.purge_queue(QueueUrl=letters)
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"detail-type": heard, "source": "x", "detail": {}}))
        return scene.comes(arrived) and "reason" in received[0].get("MessageAttributes", {})
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=as_it_was)


def _relays(scene: Scene) -> bool:
    """An event of each table that has any."""
    user = scene.api.new_user()
    if not scene.comes(lambda: exact(user.get("/billing/account"))["updatedAt"]):
        return False
    user.with_money(1)
    user.execute(user.new_order(), "CANCEL")
    return scene.comes(lambda: {"DepositAccepted", "OrderCanceled"} <= set(user.notification_types()))


def _audits(scene: Scene) -> bool:
    """A paid order; and an order at fault, which is looked at again beside its payment."""
    user = scene.user.with_money(100)
    user.execute(user.new_order(), "CONFIRM")
    with frozen_order(scene.api) as row:
        audit = Audit.started(Target.local(scene.api.stack), {})
        found: list[str] = []

        def reports() -> bool:
            if report := audit.report():
                found.extend(each["row"] for each in report["findings"])
            return bool(report)

        if not scene.comes(reports):
            # It would go on trying for minutes.
            with suppress(ClientError):
                scene.api.aws("stepfunctions").stop_execution(executionArn=audit.execution)
        return row in found


def _checks_changes(scene: Scene) -> bool:
    """The same of changes, which need not wait here; and a payment of the kind whose entries must be searched for."""
    queue = scene.queue("reconciliation.check_changes")
    scene.api.aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "0"})
    return _empties_queue(scene, "reconciliation.check_changes", _finds_changes)


def _finds_changes(scene: Scene) -> bool:
    billing, log = Target.local(scene.api.stack).outputs()["BillingTable"], Path(scene.api.stack["logs"])
    order_id = str(uuid.uuid4())
    payment = {"orderId": order_id, "profileId": "nobody", "state": "TAKEN", "amount": 1, "updatedAt": "2020"}
    row = {"pk": f"ORDER#{order_id}", "sk": "PAYMENT"}
    scene.api.aws("dynamodb").put_item(TableName=billing, Item=to_item(row | payment))
    try:
        with frozen_order(scene.api) as order_row:
            rows = order_row, " ".join(row.values())
            return scene.comes(lambda: all(f'"row":"{each}"' in log.read_text() for each in rows))
    finally:
        scene.api.aws("dynamodb").delete_item(TableName=billing, Key=to_item(row))


def _consumer(module: str, effect: Probe) -> Probe:
    return partial(_empties_queue, module=module, effect=effect)


WORKS: dict[str, Probe] = {
    "auth.authorize": _answers(OK, "GET", "/billing/account"),
    "auth.check_request": _answers(OK, "GET", "/auth/istio/orders"),
    "auth.confirm_registration": _confirms_registration,
    "auth.confirm_without_email": _signs_up,
    "auth.get_signing_keys": _answers(OK, "GET", "/.well-known/jwks.json"),
    "auth.login": _signs_up,
    "auth.logout": _signs_out,
    "auth.refresh": _refreshes,
    "auth.register": _signs_up,
    "billing.deposit": _answers(OK, "POST", "/billing/account/deposit", {"amount": 1}, keyed=True),
    "billing.get_account": _answers(OK, "GET", "/billing/account"),
    "billing.get_payment": _reads_payment,
    "billing.health": _answers(OK, "GET", "/billing/health"),
    "billing.list_transactions": _answers(OK, "GET", "/billing/account/transactions"),
    "billing.open_account": _consumer("billing.open_account", _opens_account),
    "billing.pay_order": _executes("CONFIRM"),
    "billing.return_payment": _consumer("billing.return_payment", _returns_payment),
    "billing.withdraw": _answers(OK, "POST", "/billing/account/withdraw", {"amount": 1}, keyed=True),
    "web.get_app": _opens_the_app,
    "web.get_docs": _answers(OK, "GET", "/docs"),
    "web.get_docs_file": _answers(OK, "GET", "/docs/oauth2-redirect.html"),
    "web.get_openapi": _answers(OK, "GET", "/openapi.json"),
    "web.hosted_login": _answers(HTTPStatus.TEMPORARY_REDIRECT, "GET", "/oauth2/authorize"),
    "events.relay": _relays,
    "notifications.health": _answers(OK, "GET", "/notifications/health"),
    "notifications.list_notifications": _answers(OK, "GET", "/notifications"),
    "notifications.notify": _consumer("notifications.notify", _notifies),
    "orders.create_order": _answers(CREATED, "POST", "/orders", {}, keyed=True),
    "orders.execute_order": _executes("EDIT", "CONFIRM", "CANCEL"),
    "orders.get_order": _reads_order,
    "orders.health": _answers(OK, "GET", "/orders/health"),
    "orders.list_orders": _lists_orders,
    "orders.settle_order": _consumer("orders.settle_order", _settles_order),
    "profiles.create_profile": _creates_profile,
    "profiles.create_profile_at_sign_up": _signs_up_with_a_profile,
    "profiles.get_profile": _answers(OK, "GET", "/profiles/{me}"),
    "profiles.health": _answers(OK, "GET", "/health"),
    "profiles.update_profile": _answers(OK, "PATCH", "/profiles/{me}", {"age": 40}),
    "reconciliation.audit_part": _audits,
    "reconciliation.check_changes": _checks_changes,
    "reconciliation.note_changes": _checks_changes,
    "reconciliation.plan_audit": _audits,
    "reconciliation.report_audit": _audits,
}
"""By module. A function that is missing here fails the tests."""


def works(scene: Scene, module: str) -> bool:
    """Whether a function does what it is there for."""
    try:
        return WORKS[module](scene)
    except AssertionError:
        # What leads up to the probe goes by the same operations.
        return False


def writes_its_log(scene: Scene, module: str) -> bool:
    """Whether the log group of a function has more in it after it was used."""
    logs, group = scene.api.aws("logs"), scene.api.log_group(functions()[module].name)

    def streams() -> int:
        return sum(
            len(page["logStreams"]) for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
        )

    before = streams()
    assert works(replace(scene, patience=PATIENCE_SECONDS), module)
    return scene.comes(lambda: streams() > before)
