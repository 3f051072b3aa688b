"""Orders: creating, reading, and the effect of each event in each state."""

from decimal import Decimal

import pytest

from tests.integration.factories import (
    WAYS,
    balance,
    create_order,
    deposit,
    execute,
    get_order,
    keyed,
    notifications,
    order_in,
)
from tests.integration.faults import meanwhile
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import Answer, User, World

EVENTS: dict[str, dict[str, object]] = {
    "EDIT": {"productQuantity": 5},
    "CONFIRM": {},
    "CANCEL": {"reason": "changed my mind"},
    "COMPLETE": {},
}
LEADS_TO = {
    ("CREATED", "EDIT"): "CREATED",
    ("CREATED", "CONFIRM"): "PAID",
    ("CREATED", "CANCEL"): "CANCELED",
    ("PAID", "CANCEL"): "CANCELED",
    ("PAID", "COMPLETE"): "COMPLETED",
}
REPEATS = {("PAID", "CONFIRM"), ("COMPLETED", "COMPLETE"), ("CANCELED", "CANCEL")}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", WAYS)
def test_each_event_has_its_effect_in_the_states_that_allow_it_and_none_in_others(
    world: World, ada: User, state: str, event: str
) -> None:
    order_id = order_in(world, ada, state)
    deposit(world, ada, 100)
    before, money = get_order(world, ada, order_id), balance(world, ada)
    answer = execute(world, ada, order_id, event, **EVENTS[event])
    after = get_order(world, ada, order_id)
    if reached := LEADS_TO.get((state, event)):
        assert (answer.status, answer.json) == (200, after)
        assert after["state"] == reached
        assert after["version"] > before["version"]
        assert after["cancelReason"] == ("changed my mind" if event == "CANCEL" else None)
    elif (state, event) in REPEATS:
        assert (answer.status, answer.json) == (200, before)
        assert (after, balance(world, ada)) == (before, money)
    else:
        document = problem(answer, 409, "order-state-conflict")
        assert document["state"] == state
        assert (after, balance(world, ada)) == (before, money)
    world.settle()
    assert get_order(world, ada, order_id) == after


class TestCreate:
    """POST /orders."""

    def test_an_order_is_priced_and_found_where_the_answer_says(self, world: World, ada: User) -> None:
        answer = create_order(world, ada, quantity=3)
        assert answer.status == 201
        assert answer.headers["location"] == f"/api/v1/orders/{answer.json['id']}"
        assert '"unitPrice":10.00,"amount":30.00,"currency":"USD"' in answer.text
        found = world.request("GET", answer.headers["location"].removeprefix("/api/v1"), ada)
        assert (found.status, found.text) == (200, answer.text)
        assert found.json["createdAt"] == found.json["updatedAt"]
        assert {
            name: found.json[name] for name in ("profileId", "orderNumber", "state", "version", "cancelReason")
        } == {
            "profileId": ada.profile_id,
            "orderNumber": 1,
            "state": "CREATED",
            "version": 1,
            "cancelReason": None,
        }

    @pytest.mark.parametrize("body", [None, "", "{}", '{"productQuantity":null}'])
    def test_an_order_may_be_incomplete(self, world: World, ada: User, body: str | None) -> None:
        answer = world.request("POST", "/orders", ada, body=body, headers=keyed())
        assert answer.status == 201
        assert (answer.json["productQuantity"], answer.json["amount"]) == (None, None)

    @pytest.mark.parametrize(
        "quantity", ["0", "-1", "1.5", "1e-2", "true", '"3"', "1000001", "100001", "1e400", "9" * 400, "[1]"]
    )
    def test_a_quantity_that_is_no_count_of_pieces_is_refused_by_name(
        self, world: World, ada: User, quantity: str
    ) -> None:
        body = f'{{"productQuantity": {quantity}}}'
        answer = world.request("POST", "/orders", ada, body=body, headers=keyed())
        assert refused_fields(answer) == ["productQuantity"]
        order_id = create_order(world, ada).json["id"]
        edit = f'{{"event": "EDIT", "productQuantity": {quantity}}}'
        answer = world.request("POST", f"/orders/{order_id}/execute", ada, body=edit)
        assert refused_fields(answer) == ["productQuantity"]
        assert [order["productQuantity"] for order in _orders(world, ada)] == [3]

    @pytest.mark.parametrize(("spelled", "quantity"), [("3.0", 3), ("1e2", 100)])
    def test_a_quantity_is_whole_however_it_is_spelled(
        self, world: World, ada: User, spelled: str, quantity: int
    ) -> None:
        body = f'{{"productQuantity": {spelled}}}'
        for _ in range(2):
            answer = world.request("POST", "/orders", ada, body=body, headers=keyed("whole"))
            assert (answer.status, answer.json["productQuantity"]) == (201, quantity)
        same = world.request("POST", "/orders", ada, json_body={"productQuantity": quantity}, headers=keyed("whole"))
        assert same.headers["idempotency-replayed"] == "true"

    def test_the_largest_order_costs_the_most_that_may_be_paid(self, world: World, ada: User) -> None:
        assert create_order(world, ada, quantity=100_000).json["amount"] == Decimal("1000000.00")

    def test_orders_are_numbered_for_each_user_without_gaps_however_creates_interleave(
        self, world: World, ada: User, bob: User
    ) -> None:
        def both(number: int) -> None:
            create_order(world, ada, key=f"inner {number}".replace(" ", "-"))
            create_order(world, bob)

        for number in range(3):
            with meanwhile(world, "dynamodb", "TransactWriteItems", lambda number=number: both(number)):  # type: ignore[misc]
                create_order(world, ada, key=f"outer-{number}")
        assert [order["orderNumber"] for order in reversed(_orders(world, ada))] == [1, 2, 3, 4, 5, 6]
        assert [order["orderNumber"] for order in reversed(_orders(world, bob))] == [1, 2, 3]

    def test_replays_and_refusals_take_no_number(self, world: World, ada: User) -> None:
        create_order(world, ada, key="first")
        create_order(world, ada, key="first")
        create_order(world, ada, quantity=4, key="first")
        create_order(world, ada, quantity=0)
        assert create_order(world, ada).json["orderNumber"] == 2


class TestSomebodyElses:
    """Orders of another user, which look as if they did not exist."""

    def test_another_users_order_is_not_found(self, world: World, ada: User, bob: User) -> None:
        order_id = create_order(world, ada).json["id"]
        before = get_order(world, ada, order_id)
        problem(world.request("GET", f"/orders/{order_id}", bob), 404, "not-found")
        for event, fields in EVENTS.items():
            problem(execute(world, bob, order_id, event, **fields), 404, "not-found")
        assert get_order(world, ada, order_id) == before
        assert _orders(world, bob) == []

    @pytest.mark.parametrize("order_id", ["0", "COUNTER", "IDEMPOTENCY%23CREATE_ORDER%23key", "..", "'", "ä"])
    def test_what_is_no_order_is_not_found(self, world: World, ada: User, order_id: str) -> None:
        create_order(world, ada, key="key")
        problem(world.request("GET", f"/orders/{order_id}", ada), 404, "not-found")
        for event, fields in EVENTS.items():
            problem(execute(world, ada, order_id, event, **fields), 404, "not-found")


class TestExecute:
    """POST /orders/{id}/execute, its body."""

    @pytest.mark.parametrize("event", ["", "edit", "PAY", None, 1, ["EDIT"], {"EDIT": 1}])
    def test_an_unknown_event_is_refused_by_name(self, world: World, ada: User, event: object) -> None:
        order_id = create_order(world, ada).json["id"]
        answer = world.request("POST", f"/orders/{order_id}/execute", ada, json_body={"event": event})
        assert refused_fields(answer) == ["event"]

    @pytest.mark.parametrize(
        ("event", "fields", "refused"),
        [
            ("EDIT", {}, "productQuantity"),
            ("EDIT", {"productQuantity": None}, "productQuantity"),
            ("EDIT", {"productQuantity": 1, "reason": "no"}, "reason"),
            ("CONFIRM", {"productQuantity": 1}, "productQuantity"),
            ("CANCEL", {"reason": "x" * 501}, "reason"),
            ("CANCEL", {"reason": 7}, "reason"),
            ("COMPLETE", {"reason": "no"}, "reason"),
        ],
    )
    def test_a_field_that_the_event_does_not_take_is_refused_by_name(
        self, world: World, ada: User, event: str, fields: dict[str, object], refused: str
    ) -> None:
        order_id = create_order(world, ada).json["id"]
        assert refused_fields(execute(world, ada, order_id, event, **fields)) == [refused]
        assert get_order(world, ada, order_id)["version"] == 1

    def test_an_edit_completes_an_incomplete_order(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada, quantity=None).json["id"]
        answer = execute(world, ada, order_id, "EDIT", productQuantity=2)
        assert (answer.json["productQuantity"], answer.json["amount"], answer.json["version"]) == (2, 20, 2)

    def test_an_edit_to_more_than_an_order_may_cost_is_refused(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]
        assert refused_fields(execute(world, ada, order_id, "EDIT", productQuantity=100_001)) == ["productQuantity"]

    def test_an_incomplete_order_can_not_be_confirmed_but_canceled(self, world: World, ada: User) -> None:
        deposit(world, ada, 100)
        order_id = create_order(world, ada, quantity=None).json["id"]
        problem(execute(world, ada, order_id, "CONFIRM"), 409, "order-incomplete")
        assert execute(world, ada, order_id, "CANCEL").json["state"] == "CANCELED"

    def test_canceling_needs_no_reason(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]
        assert execute(world, ada, order_id, "CANCEL").json["cancelReason"] is None

    def test_of_two_edits_at_once_none_is_lost(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]

        def edit(quantity: int) -> Answer:
            return execute(world, ada, order_id, "EDIT", productQuantity=quantity)

        with meanwhile(world, "dynamodb", "PutItem", lambda: edit(7)):
            assert edit(8).json["version"] == 3
        assert get_order(world, ada, order_id)["productQuantity"] == 8

    def test_a_cancel_at_once_with_a_complete_lets_one_of_them_win(self, world: World, ada: User) -> None:
        order_id = order_in(world, ada, "PAID")
        with meanwhile(world, "dynamodb", "PutItem", lambda: execute(world, ada, order_id, "CANCEL")):
            assert (
                problem(execute(world, ada, order_id, "COMPLETE"), 409, "order-state-conflict")["state"] == "CANCELED"
            )
        world.settle()
        assert balance(world, ada) == 30


class TestRepeats:
    """A repeated event, since the answer got lost."""

    @pytest.mark.parametrize(
        ("first", "again"),
        [
            (("CONFIRM",), ("CONFIRM",)),
            (("CONFIRM",), ("PAID",)),
            (("PAID",), ("CONFIRM",)),
            (("CONFIRM", "COMPLETE"), ("COMPLETE", "COMPLETE")),
            (("CANCEL",), ("CANCEL",)),
            (("CONFIRM", "CANCEL"), ("CANCEL", "CANCEL", "CANCEL")),
        ],
        ids=" ".join,
    )
    def test_a_repeat_gives_the_same_order_and_nobody_is_told_twice(
        self, world: World, ada: User, first: tuple[str, ...], again: tuple[str, ...]
    ) -> None:
        deposit(world, ada, 100)
        order_id = create_order(world, ada).json["id"]
        done = [execute(world, ada, order_id, event) for event in first][-1]
        world.settle()
        rows, told, money = world.rows("orders"), notifications(world, ada), balance(world, ada)
        for event in again:
            answer = execute(world, ada, order_id, event)
            assert (answer.status, answer.text) == (200, done.text)
        world.settle()
        assert (world.rows("orders"), notifications(world, ada), balance(world, ada)) == (rows, told, money)

    def test_the_first_reason_is_kept(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]
        execute(world, ada, order_id, "CANCEL", reason="too slow")
        for fields in ({"reason": "too dear"}, {"reason": None}, {}):
            assert execute(world, ada, order_id, "CANCEL", **fields).json["cancelReason"] == "too slow"

    def test_a_repeat_with_a_field_that_is_refused_is_refused(self, world: World, ada: User) -> None:
        order_id = order_in(world, ada, "CANCELED")
        assert refused_fields(execute(world, ada, order_id, "CANCEL", reason="x" * 501)) == ["reason"]
        assert refused_fields(execute(world, ada, order_id, "CANCEL", productQuantity=1)) == ["productQuantity"]

    @pytest.mark.parametrize(("state", "event"), [("PAID", "CANCEL"), ("PAID", "COMPLETE"), ("CREATED", "CANCEL")])
    def test_of_two_at_once_both_succeed_and_one_is_published(
        self, world: World, ada: User, state: str, event: str
    ) -> None:
        order_id = order_in(world, ada, state)
        answers: list[Answer] = []
        with meanwhile(world, "dynamodb", "PutItem", lambda: answers.append(execute(world, ada, order_id, event))):
            answers.append(execute(world, ada, order_id, event))
        world.settle()
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].text == answers[1].text
        published = {"CANCEL": "OrderCanceled", "COMPLETE": "OrderCompleted"}[event]
        assert [entry["DetailType"] for entry in world.published].count(published) == 1
        assert notifications(world, ada).count(published) == 1

    def test_a_confirm_that_finds_itself_overtaken_by_another_succeeds(self, world: World, ada: User) -> None:
        deposit(world, ada, 100)
        order_id = create_order(world, ada).json["id"]
        with meanwhile(world, "dynamodb", "UpdateItem", lambda: execute(world, ada, order_id, "CONFIRM")):
            answer = execute(world, ada, order_id, "CONFIRM")
        assert (answer.status, answer.json) == (200, get_order(world, ada, order_id))
        assert balance(world, ada) == 70

    def test_a_confirm_whose_money_is_taken_while_a_cancel_wins_is_refused(self, world: World, ada: User) -> None:
        deposit(world, ada, 100)
        order_id = create_order(world, ada).json["id"]
        with meanwhile(world, "dynamodb", "PutItem", lambda: execute(world, ada, order_id, "CANCEL")):
            document = problem(execute(world, ada, order_id, "CONFIRM"), 409, "order-state-conflict")
        assert document["state"] == "CANCELED"
        problem(execute(world, ada, order_id, "CONFIRM"), 409, "order-state-conflict")
        world.settle()
        assert balance(world, ada) == 100

    def test_a_confirm_succeeds_that_took_the_money_of_an_order_that_is_completed_meanwhile(
        self, world: World, ada: User
    ) -> None:
        deposit(world, ada, 100)
        order_id = create_order(world, ada).json["id"]

        def overtake() -> None:
            for event in ("CONFIRM", "COMPLETE"):
                assert execute(world, ada, order_id, event).status == 200

        with meanwhile(world, "dynamodb", "PutItem", overtake):
            answer = execute(world, ada, order_id, "CONFIRM")
        assert (answer.status, answer.json["state"]) == (200, "COMPLETED")
        assert balance(world, ada) == 70

    def test_a_confirm_of_a_completed_order_is_refused(self, world: World, ada: User) -> None:
        order_id = order_in(world, ada, "COMPLETED")
        for event in ("CONFIRM", "PAID"):
            document = problem(execute(world, ada, order_id, event), 409, "order-state-conflict")
            assert document["state"] == "COMPLETED"


def _orders(world: World, user: User) -> list[dict[str, object]]:
    items: list[dict[str, object]] = world.request("GET", "/orders", user, query={"limit": "100"}).json["items"]
    return items
