"""Every function in the situations that it is measured in: what was there before, what happens, how it must answer."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any

from infra.operations import (
    AUDIT_PART,
    AUTHORIZER,
    CHECK_CHANGES,
    CONFIRM_WITHOUT_EMAIL,
    CREATE_PROFILE,
    NOTE_CHANGES,
    PAY_ORDER,
    PLAN_AUDIT,
    RELAY,
    REPORT_AUDIT,
)
from local.invoking.queue_messages import queue_batch
from tests.bench.recording import RecordedWorld as World
from tests.integration import factories
from tests.integration.gateway import claims, signed
from tests.scaffolding.audits import audit, note_changes, take
from tests.scaffolding.world import User

ADA = User(profile_id="01990000-0000-7000-8000-0000000000ad", login="ada")
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Situation:
    """`module` in the situation `case`; `play` leads up to its latest invocation, which is the one that is measured."""

    module: str
    case: str
    play: Callable[[World], object]
    status: int | None = 200
    """What it must answer over HTTP, None for what isn't called by it."""

    @property
    def name(self) -> str:
        """The function and the case."""
        return f"{self.module} {self.case}".rstrip()


def _request(world: World, method: str, path: str, body: object = None, **headers: str) -> Any:
    sent = {"user-agent": "Mozilla/5.0", "accept": "*/*", "accept-encoding": "gzip", **headers}
    return world.request(method, path, ADA, json_body=body, headers=sent)


def _asking(method: str, path: str, body: object = None) -> Callable[[World], object]:
    """A request of somebody with a profile and an account."""

    def play(world: World) -> None:
        _signed_up(world)
        _request(world, method, path, body)

    return play


def _signed_up(world: World) -> None:
    factories.with_profile(world, ADA)
    world.settle()


def _rich(world: World) -> None:
    _signed_up(world)
    factories.deposit(world, ADA, 1000)
    world.settle()


# auth


def _register(world: World) -> None:
    factories.register(world)


def _confirm_registration(world: World) -> None:
    factories.registered(world)


def _login(world: World) -> None:
    factories.registered(world)
    factories.sign_in(world)


def _refresh(world: World) -> None:
    factories.registered(world)
    token = factories.sign_in(world).json["refreshToken"]
    _request(world, "POST", "/refresh", {"refreshToken": token})


def _logout(world: World) -> None:
    factories.registered(world)
    token = factories.sign_in(world).json["refreshToken"]
    _request(world, "POST", "/logout", {"refreshToken": token})


def _get_signing_keys(world: World) -> None:
    _request(world, "GET", "/.well-known/jwks.json")


def token(world: World) -> str:
    """A good access token, for a day."""
    return signed(claims(world, ADA, exp=int(time.time()) + _DAY))


def _authorize(world: World) -> None:
    headers = {"authorization": f"Bearer {token(world)}", "user-agent": "Mozilla/5.0", "accept": "*/*"}
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/api/v1/orders",
        "identitySource": [headers["authorization"]],
        "routeKey": "GET /api/v1/orders",
        "rawPath": "/api/v1/orders",
        "headers": headers,
        "requestContext": {"requestId": "JKJaXmPLvHcESHA="},
    }
    world.invoke(AUTHORIZER.module, event)


def _check_request(world: World) -> None:
    _request(world, "GET", "/auth/istio/api/v1/orders", authorization=f"Bearer {token(world)}")


def _confirm_without_email(world: World) -> None:
    world.invoke(CONFIRM_WITHOUT_EMAIL.module, factories.sign_up_trigger(ADA, "PreSignUp_SignUp"))


# profiles


def _create_profile(world: World) -> None:
    user_id = factories.register(world).json["userId"]
    factories.sign_in(world)
    user = User(profile_id=user_id, login="ada")
    world.request("POST", "/profiles", user, json_body={"fullName": "Ada Lovelace", "age": 36})


def _sign_up(world: World) -> None:
    world.invoke(CREATE_PROFILE.module, factories.sign_up_trigger(ADA))


def _sign_in_again(world: World) -> None:
    _sign_up(world)
    world.invoke(CREATE_PROFILE.module, factories.sign_up_trigger(ADA, "TokenGeneration_Authentication"))


# billing


def _cash(kind: str) -> Callable[[World], object]:
    def play(world: World) -> None:
        _rich(world)
        key = {"idempotency-key": "01990000-0000-7000-8000-000000000002"}
        _request(world, "POST", f"/billing/account/{kind}", {"amount": 25.5}, **key)

    return play


def _statement(world: World) -> None:
    _rich(world)
    for _ in range(19):
        factories.deposit(world, ADA, 1)
    _request(world, "GET", "/billing/account/transactions")


# orders


def _create_order(world: World) -> None:
    _signed_up(world)
    factories.create_order(world, ADA)
    _request(
        world, "POST", "/orders", {"productQuantity": 2}, **{"idempotency-key": "01990000-0000-7000-8000-000000000003"}
    )


def _list_orders(world: World) -> None:
    _signed_up(world)
    for _ in range(20):
        factories.create_order(world, ADA)
    _request(world, "GET", "/orders")


def _get_order(world: World) -> None:
    _signed_up(world)
    order_id = factories.create_order(world, ADA).json["id"]
    _request(world, "GET", f"/orders/{order_id}")


def _get_payment(world: World) -> None:
    _rich(world)
    order_id = factories.order_in(world, ADA, "PAID")
    factories.execute(world, ADA, order_id, "CANCEL")
    world.settle()
    _request(world, "GET", f"/billing/payments/{order_id}")


def _executing(event: str, *, before: str = "CREATED", **fields: object) -> Callable[[World], object]:
    def play(world: World) -> None:
        _rich(world)
        order_id = factories.order_in(world, ADA, before)
        world.settle()
        _request(world, "POST", f"/orders/{order_id}/execute", {"event": event, **fields})

    return play


# events and their consumers


def _account_opened(world: World) -> None:
    _signed_up(world)


def _order_canceled(world: World) -> None:
    _executing("CANCEL", before="PAID", reason="changed my mind")(world)
    world.settle()


def _order_paid(world: World) -> None:
    """The event overtakes the request that paid, so that it has the order to mark."""
    _rich(world)
    order_id = factories.create_order(world, ADA).json["id"]
    call = _frozen(order_id)
    world.invoke(PAY_ORDER.module, call)
    world.settle()


def _order_paid_and_marked(world: World) -> None:
    _executing("CONFIRM")(world)
    world.settle()


def _frozen(order_id: str) -> dict[str, Any]:
    """Freeze an order, and give the call by which orders would have its money taken."""
    from orders.order_table import OrderTable  # noqa: PLC0415 - reads its environment when imported

    order = OrderTable.of_stage().freeze(ADA.profile_id, order_id)
    return {"orderId": order_id, "profileId": ADA.profile_id, "amount": order.amount, "attempt": order.version}


def _relaying(events: int) -> Callable[[World], object]:
    def play(world: World) -> None:
        _rich(world)
        for _ in range(events):
            factories.deposit(world, ADA, 1)
        world.relay()

    return play


def _notified(world: World) -> None:
    _executing("CONFIRM")(world)
    world.settle()


def _list_notifications(world: World) -> None:
    _rich(world)
    for _ in range(19):
        factories.deposit(world, ADA, 1)
    world.settle()
    _request(world, "GET", "/notifications")


def _busy(world: World) -> None:
    _rich(world)
    for state in ("CREATED", "PAID", "COMPLETED", "CANCELED"):
        factories.order_in(world, ADA, state)
    world.settle()


def _auditing(module: str) -> Callable[[World], None]:
    """The first call of a step of the whole audit; what comes before and after it is the harness's own."""

    def step(world: World, called: str, payload: Mapping[str, Any]) -> Any:
        answer = take(world, called, payload)
        if called == module:
            raise _DoneError
        return answer

    def act(world: World) -> None:
        _busy(world)
        with suppress(_DoneError):
            audit(world, partial(step, world), workers=1)

    return act


class _DoneError(Exception):
    """The step in question was taken."""


def _noting(world: World) -> None:
    _busy(world)
    world.invoke(NOTE_CHANGES.module, {"Records": world.records("billing")})


def _checking(world: World) -> None:
    """All that has changed in four orders' lives."""
    _busy(world)
    note_changes(world)
    for body in world.noted_changes:
        world.invoke(CHECK_CHANGES.module, queue_batch(body))


def _docs_file(world: World) -> None:
    """The largest of them, which every visitor of the page gets once."""
    names = (file.name.removesuffix(".gz") for file in resources.files("docs_files").iterdir())
    _request(world, "GET", f"/docs/{next(name for name in names if name.startswith('swagger-ui-bundle'))}")


def _app_file(world: World) -> None:
    [version] = (entry.name for entry in resources.files("app_files").iterdir() if entry.is_dir())
    _request(world, "GET", f"/app/files/{version}/vendor/uplot.js")


_EXECUTE = "orders.execute_order"

SITUATIONS: tuple[Situation, ...] = (
    Situation("auth.register", "", _register, 201),
    Situation("auth.confirm_registration", "", _confirm_registration, 204),
    Situation("auth.login", "", _login),
    Situation("auth.refresh", "", _refresh),
    Situation("auth.logout", "", _logout, 204),
    Situation("auth.get_signing_keys", "", _get_signing_keys),
    Situation("auth.check_request", "", _check_request),
    Situation(AUTHORIZER.module, "", _authorize, None),
    Situation(CONFIRM_WITHOUT_EMAIL.module, "", _confirm_without_email, None),
    Situation("profiles.create_profile", "", _create_profile, 201),
    Situation("profiles.get_profile", "", _asking("GET", f"/profiles/{ADA.profile_id}")),
    Situation("profiles.update_profile", "", _asking("PATCH", f"/profiles/{ADA.profile_id}", {"age": 36})),
    Situation("profiles.health", "", _asking("GET", "/health")),
    Situation(CREATE_PROFILE.module, "first", _sign_up, None),
    Situation(CREATE_PROFILE.module, "again", _sign_in_again, None),
    Situation("billing.get_account", "", _asking("GET", "/billing/account")),
    Situation("billing.deposit", "", _cash("deposit")),
    Situation("billing.withdraw", "", _cash("withdraw")),
    Situation("billing.get_payment", "given back", _get_payment),
    Situation("billing.list_transactions", "20 of them", _statement),
    Situation("billing.health", "", _asking("GET", "/billing/health")),
    Situation(PAY_ORDER.module, "", _executing("CONFIRM"), None),
    Situation("billing.open_account", "", _account_opened, None),
    Situation("billing.return_payment", "", _order_canceled, None),
    Situation("orders.create_order", "", _create_order, 201),
    Situation("orders.list_orders", "20 of them", _list_orders),
    Situation("orders.get_order", "", _get_order),
    Situation(_EXECUTE, "EDIT", _executing("EDIT", productQuantity=5)),
    Situation(_EXECUTE, "CONFIRM", _executing("CONFIRM")),
    Situation(_EXECUTE, "CANCEL", _executing("CANCEL", before="PAID", reason="changed my mind")),
    Situation(_EXECUTE, "COMPLETE", _executing("COMPLETE", before="PAID")),
    Situation("orders.health", "", _asking("GET", "/orders/health")),
    Situation("orders.settle_order", "to mark", _order_paid, None),
    Situation("orders.settle_order", "marked already", _order_paid_and_marked, None),
    Situation("notifications.notify", "", _notified, None),
    Situation("notifications.list_notifications", "20 of them", _list_notifications),
    Situation("notifications.health", "", _asking("GET", "/notifications/health")),
    Situation("web.get_openapi", "", _asking("GET", "/openapi.json")),
    Situation("web.get_app", "the page", _asking("GET", "/app")),
    Situation("web.get_app", "its largest file", _app_file),
    Situation("web.get_docs", "", _asking("GET", "/docs")),
    Situation("web.get_docs_file", "", _docs_file),
    Situation("web.hosted_login", "", _asking("GET", "/oauth2/authorize"), 307),
    Situation(RELAY.module, "1 event", _relaying(1), None),
    Situation(RELAY.module, "10 events", _relaying(10), None),
    *(Situation(step.module, "", _auditing(step.module), None) for step in (PLAN_AUDIT, AUDIT_PART, REPORT_AUDIT)),
    Situation(NOTE_CHANGES.module, "", _noting, None),
    Situation(CHECK_CHANGES.module, "", _checking, None),
)
