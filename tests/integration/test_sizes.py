"""The largest things that users and services can create, against the limits of AWS (docs/aws.md names each).

Texts are as long as the contract allows, of characters that take the most bytes each.
"""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from annotated_types import Le

from infra.operations import ROUTES
from infra.settings import StageSettings
from local.invoking.queue_messages import queue_batch
from reconciliation.changes import Changed
from reconciliation.plan_audit import PAGE_ROWS, plan_of
from reconciliation.progress import TABLES
from reconciliation.rules import Finding
from shared.dynamodb import to_item
from shared.ids import new_id
from shared.paging import LARGEST_LIMIT
from tests.integration.factories import create_order, deposit, execute, keyed, sign_up_trigger
from tests.scaffolding.request_units import item_size
from tests.scaffolding.world import User, World

KB = 1024
LARGEST_ITEM = 400 * KB
LARGEST_TRANSACTION = 4 * KB * KB
LARGEST_KEYS = {"partition": 2048, "sort": 1024}
LARGEST_EVENT = 256 * KB
"""Of EventBridge, SNS and SQS: some of them take more by now, this all of them do."""

LARGEST_LINE = 256 * KB

LARGEST_STATE = 256 * KB
"""What goes into a step of Step Functions, and comes out of it."""

LARGEST_ANSWER = 6 * KB * KB
"""Of a function that somebody waits for, and what it is called with."""

LARGEST_HEAD = 10_240
"""The line of a request and the values of its headers together."""

[MOST_WORKERS] = (
    limit.le for limit in StageSettings.model_fields["reconcile_workers"].metadata if isinstance(limit, Le)
)

WIDE = "\U0001f6d2"
"""Four bytes in UTF-8, and twelve in JSON that is ASCII."""


@pytest.fixture
def giant(world: World) -> User:
    """A user with the largest possible texts and numbers, who has done everything."""
    user = User(login="l" * 64)
    trigger = sign_up_trigger(user)
    trigger["request"]["userAttributes"]["email"] = f"{'e' * 64}@{'d' * 185}.test"
    world.invoke("profiles.create_profile_at_sign_up", trigger)
    path = f"/profiles/{user.profile_id}"
    assert world.request("PATCH", path, user, json_body={"fullName": WIDE * 200, "age": 100}).status == 200
    for _ in range(2):
        assert deposit(world, user, 1_000_000).status == 200
    assert deposit(world, user, 1_000_000, key="k" * 255).status == 200
    order_id = create_order(world, user, 100_000, key="k" * 255).json["id"]
    assert execute(world, user, order_id, "CONFIRM").status == 200
    assert execute(world, user, order_id, "CANCEL", reason=WIDE * 500).status == 200
    assert world.request("POST", f"/orders/{order_id}/execute", user, json_body={"event": "CANCEL"}).status == 200
    withdrawn = world.request(
        "POST", "/billing/account/withdraw", user, json_body={"amount": 1_000_000}, headers=keyed("k" * 255)
    )
    assert withdrawn.status == 200
    world.settle()
    return user


def _items(world: World) -> Iterator[dict[str, Any]]:
    for service in ("profiles", "orders", "billing", "notifications"):
        rows = world.rows(service)
        assert rows
        yield from rows


@pytest.mark.usefixtures("giant")
def test_the_largest_item_is_far_below_what_dynamodb_stores(world: World) -> None:
    largest = max(item_size(to_item(item)) for item in _items(world))
    assert 4 * len(WIDE * 500) < largest < LARGEST_ITEM / 10
    assert 3 * largest < LARGEST_TRANSACTION


@pytest.mark.usefixtures("giant")
def test_the_longest_keys_are_below_what_dynamodb_takes(world: World) -> None:
    sort_keys = [item["sk"].encode() for item in _items(world) if "sk" in item]
    partition_keys = [str(item.get("pk") or item.get("profileId") or item["id"]).encode() for item in _items(world)]
    assert any(key.endswith(b"k" * 255) for key in sort_keys)
    assert max(map(len, sort_keys)) < LARGEST_KEYS["sort"] / 2
    assert max(map(len, partition_keys)) < LARGEST_KEYS["partition"] / 2


@pytest.mark.usefixtures("giant")
def test_the_largest_event_is_far_below_what_each_on_its_way_takes(world: World) -> None:
    sizes = {entry["DetailType"]: len(json.dumps(entry).encode()) for entry in world.published}
    assert {"ProfileCreated", "DepositAccepted", "OrderPaid", "OrderCanceled", "OrderRefunded"} <= set(sizes)
    # The envelopes of EventBridge and of a queue's message come to it, and a text in a text is escaped once more.
    assert 2 * max(sizes.values()) + 4 * KB < LARGEST_EVENT / 4
    assert 10 * len(json.dumps(queue_batch("x" * 2 * max(sizes.values())))) < LARGEST_ANSWER


def test_no_line_of_a_log_is_long(log: io.StringIO, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("giant")  # once the log is listened to
    lines = log.getvalue().splitlines()
    assert lines
    assert max(map(len, lines)) < LARGEST_LINE / 100


def test_the_largest_page_is_below_what_a_function_answers(world: World, giant: User) -> None:
    for path in ("/orders", "/notifications", "/billing/account/transactions"):
        page = world.request("GET", path, giant, query={"limit": str(LARGEST_LIMIT)})
        largest = max(len(json.dumps(item, default=str)) for item in page.json["items"])
        assert LARGEST_LIMIT * largest < LARGEST_ANSWER / 4


def test_what_a_request_may_carry_in_its_head_fits_into_what_api_gateway_passes_on(world: World, giant: User) -> None:
    """The token is one of Cognito's, of about 1 KB; we refuse one of more than 4."""
    token = "Bearer " + "t" * 4096
    positions = [item["sk"] for item in world.rows("notifications")]
    cursor = max(len(base64.urlsafe_b64encode(position.encode())) for position in positions)
    path = max(len(route.path) for route in ROUTES) + len(giant.profile_id)
    query = len(f"?limit={LARGEST_LIMIT}&state=COMPLETED&cursor=") + cursor
    assert len(token) + 255 + path + query < LARGEST_HEAD / 2


def test_the_changes_of_a_whole_batch_fit_into_one_message() -> None:
    changed = [Changed(deleted=frozenset({("notifications", f"{new_id()} {'s' * 1024}") for _ in range(100)}))]
    changed += [
        Changed(accounts=frozenset(new_id() for _ in range(100))),
        Changed(entries=frozenset((new_id(), 10**12 - 1) for _ in range(100))),
        Changed(orders=frozenset((new_id(), new_id()) for _ in range(100))),
    ]
    assert max(len(each.to_message().encode()) for each in changed) < LARGEST_EVENT


@pytest.mark.parametrize("workers", [1, 4, MOST_WORKERS])
def test_what_an_audit_keeps_between_its_steps_fits_into_its_state(workers: int) -> None:
    """With the most named findings, and the most unchecked accounts."""
    plan = plan_of("2026-11-27T00:00:00.000Z", workers, {})
    row = f"ACCOUNT#{new_id()} ENTRY#{'9' * 12}"
    finding = Finding("the money was given back for an order that is COMPLETED", "billing", row)
    said = {"rule": finding.rule, "table": finding.table, "row": finding.row}
    named = [said] * plan["run"]["namedByPart"]
    last = {"sequence": 10**12, "hash": "f" * 64, "balanceAfter": 10**15}
    rows = {"accounts": 10**9, "entries": 10**9, "payments": 10**9, "orders": 10**9}
    part = {**plan["parts"][0], "findings": named, "last": last, "rows": rows, "startKey": {"pk": row, "sk": row}}
    at_work = {"run": plan["run"], "part": {**part, "accounts": [new_id()] * PAGE_ROWS}}
    assert len(json.dumps(at_work)) < LARGEST_STATE
    assert len(plan["parts"]) == workers * len(TABLES)
    assert len(json.dumps({"run": plan["run"], "parts": [part] * len(plan["parts"])})) < LARGEST_STATE
    assert len(json.dumps({"rows": rows, "findings": named * len(plan["parts"])})) < LARGEST_STATE
