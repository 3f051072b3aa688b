"""Paging, the same for every list: each row once, newest first, and never another user's."""

import base64
from collections.abc import Callable

import pytest

from tests.integration.factories import create_order, deposit, execute
from tests.integration.problems import problem, refused_fields
from tests.integration.test_growth import LISTINGS as GROWING
from tests.scaffolding.billed_calls import billed_calls
from tests.scaffolding.world import Answer, User, World

LISTS: dict[str, Callable[[World, User], object]] = {
    "/orders": create_order,
    "/billing/account/transactions": lambda world, user: deposit(world, user, 1),
    "/notifications": lambda world, user: deposit(world, user, 1),
}
LISTINGS = {listing.path: listing for listing in GROWING.values()}
ID = {"/orders": "id", "/billing/account/transactions": "transactionId", "/notifications": "id"}


@pytest.fixture(params=LISTS)
def path(request: pytest.FixtureRequest) -> str:
    """A list."""
    path: str = request.param
    return path


def fill(world: World, path: str, user: User, rows: int) -> None:
    """Make rows for a user."""
    for _ in range(rows):
        LISTS[path](world, user)
    world.settle()


def page(world: World, path: str, user: User, **query: str) -> Answer:
    """One page of a list."""
    return world.request("GET", path, user, query=query)


def walk(world: World, path: str, user: User, **query: str) -> list[list[str]]:
    """The ids of all pages, from the first to the last."""
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = page(world, path, user, **query, **cursor)
        assert answer.status == 200
        pages.append([item[ID[path]] for item in answer.json["items"]])
        if answer.json["nextCursor"] is None:
            return pages
        cursor = {"cursor": answer.json["nextCursor"]}


def ids(pages: list[list[str]]) -> list[str]:
    """The ids of some pages."""
    return [row for page in pages for row in page]


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_walking_all_pages_gives_each_row_once_newest_first(
    world: World, ada: User, bob: User, path: str, limit: int
) -> None:
    fill(world, path, ada, 7)
    fill(world, path, bob, 2)
    pages = walk(world, path, ada, limit=str(limit))
    assert all(len(rows) == limit for rows in pages[:-1])
    assert 1 <= len(pages[-1]) <= limit
    assert ids(pages) == ids(walk(world, path, ada))
    assert len(set(ids(pages))) == len(ids(pages)) == 7
    times = [item["createdAt"] for item in page(world, path, ada).json["items"]]
    assert times == sorted(times, reverse=True)
    assert len(ids(walk(world, path, bob, limit=str(limit)))) == 2


def test_20_rows_make_a_page_unless_asked_otherwise(world: World, ada: User, path: str) -> None:
    fill(world, path, ada, 21)
    assert [len(rows) for rows in walk(world, path, ada)] == [20, 1]


@pytest.mark.parametrize(("rows", "limit", "pages"), [(20, None, [20]), (1, 1, [1]), (2, 1, [1, 1]), (6, 3, [3, 3])])
def test_a_last_page_that_is_full_says_that_it_is_the_last(
    world: World, ada: User, bob: User, path: str, rows: int, limit: int | None, pages: list[int]
) -> None:
    fill(world, path, ada, rows)
    fill(world, path, bob, 1)
    query = {"limit": str(limit)} if limit else {}
    assert [len(page) for page in walk(world, path, ada, **query)] == pages


def test_the_largest_page_is_still_one_read(world: World, ada: User, path: str) -> None:
    LISTINGS[path].grow(world, ada, 101)
    with billed_calls(world) as calls:
        assert len(page(world, path, ada, limit="100").json["items"]) == 100
    assert [call.operation for call in calls] == ["Query"]
    assert [len(rows) for rows in walk(world, path, ada, limit="100")] == [100, 1]


def test_a_cursor_to_behind_the_last_row_gives_an_empty_last_page(world: World, ada: User, path: str) -> None:
    fill(world, path, ada, 2)
    first = page(world, path, ada, limit="1").json
    place = LISTINGS[path].place
    places = sorted(place(row) for row in LISTINGS[path].rows(world))
    assert first["nextCursor"] == encoded(places[-1])
    # A full last page had such a cursor until 2026-11-26, and some clients may hold one.
    assert page(world, path, ada, limit="1", cursor=encoded(places[0])).json == {"items": [], "nextCursor": None}


def test_an_empty_list_is_one_empty_page(world: World, ada: User, path: str) -> None:
    assert page(world, path, ada).json == {"items": [], "nextCursor": None}


def test_a_row_that_is_made_while_one_walks_does_not_shift_the_pages(world: World, ada: User, path: str) -> None:
    fill(world, path, ada, 4)
    first = page(world, path, ada, limit="2")
    old = ids(walk(world, path, ada))
    fill(world, path, ada, 1)
    second = page(world, path, ada, limit="2", cursor=first.json["nextCursor"])
    assert [item[ID[path]] for item in second.json["items"]] == old[2:]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "", "1.5", "1e1", "٣", " 5", "9999999999"])
def test_a_limit_outside_1_to_100_is_refused_by_name(world: World, ada: User, path: str, limit: str) -> None:
    assert refused_fields(page(world, path, ada, limit=limit)) == ["limit"]


def encoded(position: str) -> str:
    """A cursor for a position, as we would make it."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!!!!", "é", "null", "/w", encoded("nonsense"), encoded("ORDER#"), encoded("0" * 13), encoded("\n" * 36)],
)
def test_a_cursor_that_is_not_ours_is_refused(world: World, ada: User, path: str, cursor: str) -> None:
    problem(page(world, path, ada, cursor=cursor), 400, "cursor-invalid")


def test_a_cursor_that_was_cut_or_lengthened_is_refused(world: World, ada: User, path: str) -> None:
    fill(world, path, ada, 2)
    cursor = page(world, path, ada, limit="1").json["nextCursor"]
    for tampered in (cursor[:-2], cursor + "AAAA", encoded("#" + cursor)):
        problem(page(world, path, ada, cursor=tampered), 400, "cursor-invalid")


def test_another_users_cursor_reads_ones_own_rows_alone(world: World, ada: User, bob: User, path: str) -> None:
    fill(world, path, ada, 2)
    fill(world, path, bob, 3)
    own = set(ids(walk(world, path, ada)))
    cursor: str | None = None
    while cursor := page(world, path, bob, limit="1", **({"cursor": cursor} if cursor else {})).json["nextCursor"]:
        answer = page(world, path, ada, cursor=cursor)
        assert answer.status == 200
        assert {item[ID[path]] for item in answer.json["items"]} <= own


class TestStates:
    """GET /orders?state=…"""

    @staticmethod
    def orders(world: World, user: User) -> dict[str, list[str]]:
        """Five orders in each of two states, in turn; their ids, newest first."""
        made: dict[str, list[str]] = {"CREATED": [], "CANCELED": []}
        for number in range(10):
            order_id = create_order(world, user).json["id"]
            state = "CANCELED" if number % 2 else "CREATED"
            if state == "CANCELED":
                execute(world, user, order_id, "CANCEL")
            made[state].insert(0, order_id)
        return made

    @pytest.mark.parametrize("limit", ["1", "5", "100"])
    def test_a_state_gives_the_orders_in_it_alone_page_by_page(self, world: World, ada: User, limit: str) -> None:
        made = self.orders(world, ada)
        for state in ("CREATED", "CANCELED", "PAID", "COMPLETED"):
            pages = walk(world, "/orders", ada, state=state, limit=limit)
            assert ids(pages) == made.get(state, [])
            assert all(pages) or len(pages) == 1

    @pytest.mark.parametrize(("limit", "pages"), [("5", [5]), ("1", [1] * 5), ("4", [4, 1]), ("6", [5]), ("100", [5])])
    def test_the_last_page_of_a_state_says_that_it_is_the_last(
        self, world: World, ada: User, limit: str, pages: list[int]
    ) -> None:
        self.orders(world, ada)
        for state in ("CREATED", "CANCELED"):
            assert [len(rows) for rows in walk(world, "/orders", ada, state=state, limit=limit)] == pages

    def test_orders_that_leave_the_state_meanwhile_may_leave_an_empty_last_page(self, world: World, ada: User) -> None:
        made = self.orders(world, ada)
        first = page(world, "/orders", ada, state="CREATED", limit="4").json
        execute(world, ada, made["CREATED"][-1], "CANCEL")
        rest = page(world, "/orders", ada, state="CREATED", limit="4", cursor=first["nextCursor"])
        assert rest.json == {"items": [], "nextCursor": None}

    def test_an_order_that_leaves_the_state_does_not_lose_the_place(self, world: World, ada: User) -> None:
        made = self.orders(world, ada)
        first = page(world, "/orders", ada, state="CREATED", limit="2").json
        execute(world, ada, first["items"][-1]["id"], "CANCEL")
        rest = page(world, "/orders", ada, state="CREATED", cursor=first["nextCursor"])
        assert [item["id"] for item in rest.json["items"]] == made["CREATED"][2:]

    @pytest.mark.parametrize("state", ["", "created", "SHIPPED", "CREATED#"])
    def test_another_state_is_refused_by_name(self, world: World, ada: User, state: str) -> None:
        assert refused_fields(page(world, "/orders", ada, state=state)) == ["state"]

    def test_a_cursor_of_one_filter_serves_another(self, world: World, ada: User) -> None:
        made = self.orders(world, ada)
        cursor = page(world, "/orders", ada, limit="4").json["nextCursor"]
        rest = page(world, "/orders", ada, state="CREATED", cursor=cursor)
        assert [item["id"] for item in rest.json["items"]] == made["CREATED"][2:]
