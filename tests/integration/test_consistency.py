"""Strongly consistent reads: a read after your own write is current, in every operation that promises it.

moto is always consistent: only the request shows what is required.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from infra.operations import functions
from local.invoking.queue_messages import queue_batch
from tests.integration.factories import create_order, deposit, execute, sign_up_trigger, withdraw
from tests.scaffolding.audits import audit, note_changes
from tests.scaffolding.world import Item, User, World

READS = ("GetItem", "BatchGetItem", "Query", "Scan")
CURRENT, LATE = {True}, {False}

EXPECTED = {
    "auth.logout": CURRENT,
    "profiles.create_profile_at_sign_up": CURRENT,
    "profiles.get_profile": CURRENT,
    "profiles.health": CURRENT,
    "billing.get_account": CURRENT,
    "billing.get_payment": CURRENT,
    "billing.deposit": CURRENT,
    "billing.withdraw": CURRENT,
    "billing.list_transactions": CURRENT,
    "billing.pay_order": CURRENT,
    "billing.return_payment": CURRENT,
    "billing.health": CURRENT,
    "orders.create_order": CURRENT,
    "orders.get_order": CURRENT,
    "orders.list_orders": CURRENT,
    "orders.execute_order": CURRENT,
    "orders.settle_order": CURRENT,
    "orders.health": CURRENT,
    # What consumers write comes late anyhow, at a price of half.
    "notifications.list_notifications": LATE,
    "notifications.health": CURRENT,
    # A suspicion, which the consistent look decides; of an account that look is a GetItem.
    "reconciliation.audit_part": {True, False},
    "reconciliation.check_changes": LATE,
}
"""What a function reads of tables, wherever it does."""


@contextmanager
def read_consistencies(world: World) -> Iterator[dict[str, set[bool]]]:
    """The consistency of each function's reads while the block runs."""
    seen: dict[str, set[bool]] = defaultdict(set)

    def note(operation: str, params: Item | None) -> None:
        asked = json.loads((params or {})["body"])
        requests = asked["RequestItems"].values() if operation == "BatchGetItem" else [asked]
        seen[world.function].update(bool(request.get("ConsistentRead")) for request in requests)

    with ExitStack() as stack:
        for operation in READS:
            stack.enter_context(world.intercepting("dynamodb", operation, partial(note, operation)))
        yield seen


def test_every_read_is_as_consistent_as_it_is_said_to_be(world: World, ada: User) -> None:
    with read_consistencies(world) as seen:
        world.invoke("profiles.create_profile_at_sign_up", sign_up_trigger(ada))
        world.settle()
        deposit(world, ada, 100, "key")
        withdraw(world, ada, 1, "other-key")
        orders = [create_order(world, ada).json["id"] for _ in range(3)]
        for event in ("CONFIRM", "CONFIRM", "COMPLETE"):
            execute(world, ada, orders[0], event)
        for event in ("EDIT", "CONFIRM", "CANCEL"):
            execute(world, ada, orders[1], event, **({"productQuantity": 1} if event == "EDIT" else {}))
        execute(world, ada, orders[2], "CANCEL")
        world.settle()
        for path in (
            f"/profiles/{ada.profile_id}",
            "/billing/account",
            "/billing/account/transactions",
            f"/billing/payments/{orders[1]}",
            "/orders",
            f"/orders/{orders[0]}",
            "/notifications",
            *("/health", "/billing/health", "/orders/health", "/notifications/health"),
        ):
            assert world.request("GET", path, ada).status == 200
        assert world.request("GET", "/orders", ada, query={"state": "PAID"}).status == 200
        audit(world)
        note_changes(world)
        for body in world.noted_changes:
            world.invoke("reconciliation.check_changes", queue_batch(body))
        assert world.request("POST", "/logout", ada, json_body={}).status == 204

    assert seen == EXPECTED


def test_every_function_that_reads_a_table_is_looked_at() -> None:
    reads = {
        module
        for module, function in functions().items()
        if set(READS) & {*function.table, *(action for _, actions in function.audits for action in actions)}
    }
    # Sign-outs are read by authorizers, whose own tests are of the wire (tests/integration/test_authorizer.py).
    signed_out = {"auth.authorize", "auth.check_request", "auth.refresh"}
    assert reads - signed_out == set(EXPECTED)
