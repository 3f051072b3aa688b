"""Every writing operation, every consumer, the relay and the audits, each with the situation that it starts from."""

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.operations import CHECK_CHANGES, NOTE_CHANGES
from local.invoking.queue_messages import queue_batch
from orders.order_table import OrderTable
from reconciliation.changes import Changed
from tests.integration import factories
from tests.scaffolding.audits import BOOKS, audit, note_changes, take
from tests.scaffolding.world import Answer, User
from tests.simulation.scene import Scene, StuckError

ADA = User(profile_id="01990000-0000-7000-8000-0000000000ad", login="ada")

_ATTEMPTS = 4

type Act = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` sets the situation up, undisturbed, and gives what is then done, and done again when it failed.

    `retried_by` says by whom: a client may not come back; queues, streams and Cognito always do.
    """

    name: str
    prepare: Callable[[Scene], Act]
    client: bool = True
    expects: frozenset[int] = frozenset({200, 201})


def _signed_up(scene: Scene) -> None:
    factories.with_profile(scene.world, ADA)
    scene.settle()


def _rich(scene: Scene, amount: int = 100) -> None:
    _signed_up(scene)
    factories.deposit(scene.world, ADA, amount)
    scene.settle()


def _request(scene: Scene, method: str, path: str, body: object, key: str | None = None) -> Callable[[], Answer]:
    headers = {"idempotency-key": key} if key else {}
    return lambda: scene.world.request(method, path, ADA, json_body=body, headers=headers)


def _sign_up(scene: Scene) -> Act:
    return lambda: scene.world.invoke("profiles.create_profile_at_sign_up", factories.sign_up_trigger(ADA))


def _patch(scene: Scene) -> Act:
    _signed_up(scene)
    return _request(scene, "PATCH", f"/profiles/{ADA.profile_id}", {"age": 36})


def _first_deposit(scene: Scene) -> Act:
    return _request(scene, "POST", "/billing/account/deposit", {"amount": 25}, "key")


def _deposit(scene: Scene) -> Act:
    _rich(scene)
    return _request(scene, "POST", "/billing/account/deposit", {"amount": 25}, "key")


def _withdraw(scene: Scene) -> Act:
    _rich(scene)
    return _request(scene, "POST", "/billing/account/withdraw", {"amount": 25}, "key")


def _create(scene: Scene) -> Act:
    _signed_up(scene)
    factories.create_order(scene.world, ADA)
    return _request(scene, "POST", "/orders", {"productQuantity": 2}, "key")


def _executing(event: str, state: str, **fields: object) -> Callable[[Scene], Act]:
    def prepare(scene: Scene) -> Act:
        _rich(scene)
        order_id = factories.order_in(scene.world, ADA, state)
        scene.settle()
        return _request(scene, "POST", f"/orders/{order_id}/execute", {"event": event, **fields})

    return prepare


def _confirm_poor(scene: Scene) -> Act:
    _rich(scene, 5)
    order_id = factories.create_order(scene.world, ADA).json["id"]
    return _request(scene, "POST", f"/orders/{order_id}/execute", {"event": "CONFIRM"})


def _cancel_frozen(scene: Scene) -> Act:
    """The money is taken, and the order not yet marked, when the user cancels."""
    _rich(scene)
    order_id = factories.create_order(scene.world, ADA).json["id"]
    _take_payment(scene, order_id)
    return _request(scene, "POST", f"/orders/{order_id}/execute", {"event": "CANCEL"})


def _confirm_frozen(scene: Scene) -> Act:
    """The money is taken, and the order not yet marked, when the user confirms again."""
    _rich(scene)
    order_id = factories.create_order(scene.world, ADA).json["id"]
    _take_payment(scene, order_id)
    return _request(scene, "POST", f"/orders/{order_id}/execute", {"event": "CONFIRM"})


def _take_payment(scene: Scene, order_id: str) -> None:
    scene.world.invoke("billing.pay_order", _frozen(order_id))


def _pay_order(scene: Scene) -> Act:
    _rich(scene)
    call = _frozen(factories.create_order(scene.world, ADA).json["id"])
    return lambda: scene.world.invoke("billing.pay_order", call)


def _frozen(order_id: str) -> dict[str, Any]:
    """Freeze an order, and give the call by which orders would have its money taken."""
    order = OrderTable.of_stage().freeze(ADA.profile_id, order_id)
    return {"orderId": order_id, "profileId": ADA.profile_id, "amount": order.amount, "attempt": order.version}


def _consuming(consumer: str, event: str, *events: str) -> Callable[[Scene], Act]:
    """A consumer receives what the producer published after these events of an order; the rest goes on later."""

    def prepare(scene: Scene) -> Act:
        if event == "ProfileCreated":
            factories.with_profile(scene.world, ADA)
        else:
            _rich(scene)
            order_id = factories.create_order(scene.world, ADA).json["id"]
            for each in events:
                factories.execute(scene.world, ADA, order_id, each)
                if each != events[-1]:
                    scene.settle()
        scene.relay()
        if event == "OrderRefunded":
            _deliver_to(scene, "billing.return_payment")
            scene.relay()
        [delivery] = [d for d in scene.world.queued if d.consumer == consumer and d.name == event]
        scene.world.queued.remove(delivery)
        return lambda: scene.deliver(delivery)

    return prepare


def _deliver_to(scene: Scene, consumer: str) -> None:
    for delivery in [d for d in scene.world.queued if d.consumer == consumer]:
        scene.world.queued.remove(delivery)
        scene.deliver(delivery)


def _settle_unmarked(scene: Scene) -> Act:
    """OrderPaid comes, and the request that paid did not live to mark the order."""
    _rich(scene)
    order_id = factories.create_order(scene.world, ADA).json["id"]
    _take_payment(scene, order_id)
    scene.relay()
    [delivery] = [d for d in scene.world.queued if d.consumer == "orders.settle_order"]
    scene.world.queued.remove(delivery)
    return lambda: scene.deliver(delivery)


def _relaying(scene: Scene) -> Act:
    _rich(scene)
    for _ in range(12):
        factories.deposit(scene.world, ADA, 1)
    return scene.relay


def _auditing(scene: Scene) -> Act:
    """The whole audit, of books with one finding; every step is taken again when it fails, and the report the same."""
    _busy(scene)
    with scene.wire.quiet(), redirect_stdout(io.StringIO()):
        expected = _said(audit(scene.world))

    def act() -> bool:
        with redirect_stdout(io.StringIO()):
            report = _said(audit(scene.world, partial(_retaken, scene), pageRows=10))
        if report != expected:
            scene.violations.append(f"the audit said {report}, not {expected}")
        return True

    return act


def _noting(scene: Scene) -> Act:
    """What has changed is noted, and noted again when that failed; no change is left out."""
    _busy(scene)
    expected = {service: Changed.of_records(scene.world.records(service)) for service in BOOKS}

    def act() -> bool:
        for service, changed in expected.items():
            _retaken(scene, NOTE_CHANGES.module, {"Records": scene.world.records(service)})
            if changed not in map(Changed.of_message, scene.world.noted_changes):
                scene.violations.append(f"changes of {service} were not noted")
        return True

    return act


def _checking(scene: Scene) -> Act:
    """What has changed is checked, and checked again when that failed; the count of findings is published."""
    _busy(scene)
    with scene.wire.quiet():
        note_changes(scene.world)

    def act() -> bool:
        for body in scene.world.noted_changes:
            with redirect_stdout(io.StringIO()) as published:
                _retaken(scene, CHECK_CHANGES.module, queue_batch(body))
            if '"ReconciliationFindings":[0.0]' not in published.getvalue():
                scene.violations.append("no audit was published")
        return True

    return act


def _busy(scene: Scene) -> None:
    """Orders in every state; one was canceled, and its event has yet to arrive."""
    _rich(scene)
    for state in ("PAID", "COMPLETED", "CANCELED"):
        factories.order_in(scene.world, ADA, state)
    scene.settle()
    factories.order_in(scene.world, ADA, "CANCELED")


def _said(report: Any) -> Any:
    return {name: report[name] for name in ("rows", "total", "findings")}


def _retaken(scene: Scene, module: str, payload: Mapping[str, Any]) -> Any:
    """A step's answer, as who retries gets it."""
    for _ in range(_ATTEMPTS):
        answers: list[Any] = []
        scene.attempt(lambda: answers.append(take(scene.world, module, payload)))  # noqa: B023
        if answers:
            return answers[0]
    raise StuckError(f"{module} does not come to an end by retries")


SCENARIOS = (
    Scenario("sign-up trigger", _sign_up, client=False),
    Scenario("PATCH profile", _patch),
    Scenario("deposit, first", _first_deposit),
    Scenario("deposit", _deposit),
    Scenario("withdraw", _withdraw),
    Scenario("create order", _create),
    Scenario("EDIT", _executing("EDIT", "CREATED", productQuantity=5)),
    Scenario("CONFIRM", _executing("CONFIRM", "CREATED")),
    Scenario("CONFIRM, too poor", _confirm_poor, expects=frozenset({402})),
    Scenario("CONFIRM, frozen", _confirm_frozen),
    Scenario("CANCEL a created order", _executing("CANCEL", "CREATED")),
    Scenario("CANCEL a paid order", _executing("CANCEL", "PAID")),
    Scenario("CANCEL, frozen", _cancel_frozen),
    Scenario("COMPLETE", _executing("COMPLETE", "PAID")),
    Scenario("CONFIRM, repeated", _executing("CONFIRM", "PAID")),
    Scenario("CANCEL, repeated", _executing("CANCEL", "CANCELED")),
    Scenario("COMPLETE, repeated", _executing("COMPLETE", "COMPLETED")),
    Scenario("pay_order", _pay_order),
    Scenario("open_account", _consuming("billing.open_account", "ProfileCreated"), client=False),
    Scenario("settle_order", _consuming("orders.settle_order", "OrderPaid", "CONFIRM"), client=False),
    Scenario("settle_order, unmarked", _settle_unmarked, client=False),
    Scenario("return_payment: void", _consuming("billing.return_payment", "OrderCanceled", "CANCEL"), client=False),
    Scenario(
        "return_payment: refund",
        _consuming("billing.return_payment", "OrderCanceled", "CONFIRM", "CANCEL"),
        client=False,
    ),
    Scenario(
        "notify: OrderRefunded",
        _consuming("notifications.notify", "OrderRefunded", "CONFIRM", "CANCEL"),
        client=False,
    ),
    Scenario("notify: OrderPaid", _consuming("notifications.notify", "OrderPaid", "CONFIRM"), client=False),
    Scenario("relay", _relaying, client=False),
    Scenario("the whole audit", _auditing, client=False),
    Scenario("note_changes", _noting, client=False),
    Scenario("check_changes", _checking, client=False),
)
