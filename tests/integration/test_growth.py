"""A request costs the same for any number of rows: the same calls of AWS, in the same order, at the same price.

One user's rows grow from 10 over 1,000 to 5,000, which is more than one answer of DynamoDB holds (1 MB).
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import new_id
from shared.paging import Page
from tests.bench.audit_scale import measured
from tests.integration.factories import create_order, deposit, execute
from tests.scaffolding.billed_calls import Call, billed_calls
from tests.scaffolding.world import Item, User, World

pytestmark = pytest.mark.untraced
SIZES = (10, 1_000, 5_000)
LIMIT = 2
"""Rows a page: even of 5 rows, the page below the one in the middle is full."""
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def grow_orders(world: World, user: User, size: int) -> None:
    """Give the user `size` orders, every second one PAID: copies of a real one."""
    if not orders_of(world):
        create_order(world, user)
    present = orders_of(world)
    copies = []
    for number in range(len(present) + 1, size + 1):
        order_id, state = new_id(), "CREATED" if number % 2 else "PAID"
        keys = {"id": order_id, "sk": f"ORDER#{order_id}", "stateKey": f"{state}#{order_id}"}
        copies.append({**present[0], **keys, "state": state, "orderNumber": number})
    counter = {"profileId": user.profile_id, "sk": "COUNTER", "lastNumber": size}
    world.put_rows("orders", [*copies, counter])


def grow_statement(world: World, user: User, size: int) -> None:
    """Give the user's account `size` entries: copies of a real one."""
    if not entries_of(world):
        deposit(world, user, 100_000)
    present = entries_of(world)
    copies = [
        {**present[0], "sk": f"ENTRY#{number:012d}", "sequence": number, "transactionId": new_id()}
        for number in range(len(present) + 1, size + 1)
    ]
    [account] = (row for row in world.rows("billing") if row["sk"] == "ACCOUNT")
    world.put_rows("billing", [*copies, {**account, "sequence": size}])


def grow_notifications(world: World, user: User, size: int) -> None:
    """Give the user `size` notifications: copies of a real one."""
    if not world.rows("notifications"):
        deposit(world, user, 100)
        world.settle()
    present = world.rows("notifications")
    copies = []
    for number in range(len(present) + 1, size + 1):
        event_id = str(uuid.uuid4())
        moment = (FIRST_MOMENT + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        copies.append({**present[0], "sk": f"{moment}#{event_id}", "id": event_id, "createdAt": moment})
    world.put_rows("notifications", copies)


def orders_of(world: World) -> list[Item]:
    """All orders; there is but one user."""
    return [row for row in world.rows("orders") if row["sk"].startswith("ORDER#")]


def entries_of(world: World) -> list[Item]:
    """All ledger entries."""
    return [row for row in world.rows("billing") if row["sk"].startswith("ENTRY#")]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, how it grows, and the places of its rows, as its cursors have them."""

    path: str
    grow: Callable[[World, User, int], None]
    place: Callable[[Item], str]
    rows: Callable[[World], list[Item]]
    filters: tuple[Mapping[str, str], ...] = ({},)

    def pages(self, world: World, user: User) -> Iterator[list[Call]]:
        """The cost of reading the first page and a middle one, for every filter."""
        rows = self.rows(world)
        for wanted in self.filters:
            places = sorted(self.place(row) for row in rows if row.items() >= wanted.items())
            for place in (None, places[len(places) // 2]):
                cursor = Page[Item]([], place).view(lambda item: item)["nextCursor"]
                query = {"limit": str(LIMIT), **wanted, **({"cursor": cursor} if cursor else {})}
                with billed_calls(world) as calls:
                    answer = world.request("GET", self.path, user, query=query)
                assert len(answer.json["items"]) == LIMIT
                yield calls


LISTINGS = {
    "orders": Listing(
        "/orders", grow_orders, lambda order: str(order["id"]), orders_of, filters=({}, {"state": "PAID"})
    ),
    "statement": Listing(
        "/billing/account/transactions", grow_statement, lambda entry: entry["sk"].removeprefix("ENTRY#"), entries_of
    ),
    "notifications": Listing(
        "/notifications", grow_notifications, lambda row: str(row["sk"]), lambda world: world.rows("notifications")
    ),
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_a_page_costs_the_same_however_many_rows_there_are(world: World, ada: User, listing: Listing) -> None:
    costs: dict[int, list[list[Call]]] = {}
    for size in SIZES:
        listing.grow(world, ada, size)
        costs[size] = list(listing.pages(world, ada))
    assert costs == dict.fromkeys(SIZES, costs[SIZES[0]])
    assert all([call.operation for call in page] == ["Query"] for page in costs[SIZES[0]])


def test_creating_an_order_costs_the_same_however_many_there_are(world: World, ada: User) -> None:
    costs: dict[int, list[Call]] = {}
    for size in SIZES:
        grow_orders(world, ada, size)
        with billed_calls(world) as calls:
            assert create_order(world, ada).json["orderNumber"] == size + 1
        costs[size] = calls
    assert costs == dict.fromkeys(SIZES, costs[SIZES[0]])
    assert [call.operation for call in costs[SIZES[0]]] == ["BatchGetItem", "TransactWriteItems"]


def test_depositing_costs_the_same_however_long_the_statement_is(world: World, ada: User) -> None:
    costs: dict[int, list[Call]] = {}
    for size in SIZES:
        grow_statement(world, ada, size)
        with billed_calls(world) as calls:
            assert deposit(world, ada, 100).status == 200
        costs[size] = calls
    assert costs == dict.fromkeys(SIZES, costs[SIZES[0]])
    assert [call.operation for call in costs[SIZES[0]]] == ["BatchGetItem", "TransactWriteItems"]


def test_confirming_costs_the_same_however_many_orders_and_entries_there_are(world: World, ada: User) -> None:
    to_pay = [create_order(world, ada).json["id"] for _ in SIZES]
    costs: dict[int, list[Call]] = {}
    for size, order_id in zip(SIZES, to_pay, strict=True):
        grow_orders(world, ada, size)
        grow_statement(world, ada, size)
        with billed_calls(world) as calls:
            assert execute(world, ada, order_id, "CONFIRM").json["state"] == "PAID"
        costs[size] = calls
    assert costs == dict.fromkeys(SIZES, costs[SIZES[0]])
    operations = ["UpdateItem", "Invoke", "BatchGetItem", "TransactWriteItems", "PutItem"]
    assert [call.operation for call in costs[SIZES[0]]] == operations


def test_an_audits_memory_does_not_grow_with_the_books_and_its_calls_grow_as_rows_do() -> None:
    """Books of two sizes, read in small pages; tests/bench/audit_scale.py has larger ones."""
    small, large = (measured(rows, page_rows=20) for rows in (960, 3_840))

    assert large.rows == 4 * small.rows
    assert large.peak_bytes < 1.25 * small.peak_bytes
    assert 3.5 < large.calls / small.calls < 4.1
    assert 3.5 < large.read_units / small.read_units < 4.1
