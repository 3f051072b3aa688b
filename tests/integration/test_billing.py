"""The account: its balance, money in and out, and the statement."""

from decimal import Decimal

import pytest

from tests.integration.factories import (
    balance,
    create_order,
    deposit,
    execute,
    keyed,
    order_in,
    statement,
    with_profile,
    withdraw,
)
from tests.integration.faults import meanwhile
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import User, World

CASH = ["deposit", "withdraw"]

REFUSED_AMOUNTS = [
    "0",
    "-0.00",
    "-1",
    "0.001",
    "0.0000000000000000000000000000000000000001",
    "1.0000000000000000000000000000000000000001",
    "1e-2000000",
    "1000000.01",
    "1000000.0000000000000000000000000000000001",
    "1e400",
    "true",
    "false",
    '"5"',
    "null",
    "[5]",
    '{"value": 5}',
]


@pytest.mark.parametrize("operation", CASH)
class TestAmount:
    """Valid amounts."""

    @pytest.mark.parametrize("amount", REFUSED_AMOUNTS)
    def test_an_amount_that_is_no_money_is_refused_by_name(
        self, world: World, ada: User, operation: str, amount: str
    ) -> None:
        deposit(world, ada, 100)
        answer = world.request(
            "POST", f"/billing/account/{operation}", ada, body=f'{{"amount": {amount}}}', headers=keyed()
        )
        assert refused_fields(answer) == ["amount"]
        assert balance(world, ada) == 100

    @pytest.mark.parametrize(
        "amount",
        ["NaN", "Infinity", "-Infinity", "01", "1.", "0x1", "1e99999999999999999999"],
    )
    def test_what_is_no_json_number_is_malformed_or_refused(
        self, world: World, ada: User, operation: str, amount: str
    ) -> None:
        answer = world.request(
            "POST", f"/billing/account/{operation}", ada, body=f'{{"amount": {amount}}}', headers=keyed()
        )
        assert answer.status in {400, 422}, answer.text
        problem(answer, answer.status, {400: "malformed-request", 422: "validation-failed"}[answer.status])
        assert balance(world, ada) == 0

    def test_a_missing_amount_is_refused_by_name(self, world: World, ada: User, operation: str) -> None:
        answer = world.request("POST", f"/billing/account/{operation}", ada, headers=keyed())
        assert refused_fields(answer) == ["amount"]

    @pytest.mark.parametrize(
        ("spelled", "said"),
        [
            ("0.01", "0.01"),
            ("0.1", "0.10"),
            ("5", "5.00"),
            ("12.50", "12.50"),
            ("1e2", "100.00"),
            ("1.000", "1.00"),
            ("1000000.00", "1000000.00"),
        ],
    )
    def test_an_amount_is_answered_with_two_places_and_nothing_lost(
        self, world: World, ada: User, operation: str, spelled: str, said: str
    ) -> None:
        deposit(world, ada, 1_000_000)
        answer = world.request(
            "POST", f"/billing/account/{operation}", ada, body=f'{{"amount": {spelled}}}', headers=keyed()
        )
        assert answer.status == 200
        left = 1_000_000 + (Decimal(said) if operation == "deposit" else -Decimal(said))
        assert f'"amount":{said},"balance":{left:.2f},' in answer.text
        assert f'"balance":{left:.2f},' in world.request("GET", "/billing/account", ada).text
        assert f'"balanceAfter":{left:.2f},' in world.request("GET", "/billing/account/transactions", ada).text


def test_an_account_is_empty_before_the_event_that_opens_it_arrives(world: World, ada: User) -> None:
    answer = world.request("GET", "/billing/account", ada)
    assert answer.status == 200
    assert answer.json == {"id": ada.profile_id, "balance": 0, "currency": "USD", "updatedAt": None}
    assert '"balance":0.00' in answer.text


def test_a_deposit_before_the_account_is_opened_is_kept_when_it_is(world: World, ada: User) -> None:
    with_profile(world, ada)
    deposit(world, ada, 7)
    world.settle()
    assert balance(world, ada) == 7
    assert statement(world, ada) == [("DEPOSIT", 7)]


def test_a_deposit_is_answered_with_the_balance_and_its_transaction(world: World, ada: User) -> None:
    deposit(world, ada, Decimal("1.25"))
    answer = deposit(world, ada, Decimal("2.50"))
    assert answer.status == 200
    assert (answer.json["balance"], answer.json["amount"]) == (Decimal("3.75"), Decimal("2.50"))
    latest = world.request("GET", "/billing/account/transactions", ada).json["items"][0]
    assert latest["transactionId"] == answer.json["transactionId"]


def test_money_can_be_withdrawn_to_the_last_cent_and_not_further(world: World, ada: User) -> None:
    deposit(world, ada, Decimal("10.01"))
    problem(withdraw(world, ada, Decimal("10.02")), 402, "insufficient-funds")
    assert withdraw(world, ada, Decimal("10.01")).json["balance"] == 0
    problem(withdraw(world, ada, Decimal("0.01")), 402, "insufficient-funds")
    assert statement(world, ada) == [("DEPOSIT", Decimal("10.01")), ("WITHDRAWAL", Decimal("-10.01"))]


def test_accounts_are_each_users_own(world: World, ada: User, bob: User) -> None:
    deposit(world, ada, 5)
    assert balance(world, bob) == 0
    assert statement(world, bob) == []
    problem(withdraw(world, bob, 5), 402, "insufficient-funds")
    assert balance(world, ada) == 5


def test_the_statement_says_what_the_balance_came_to_each_time(world: World, ada: User) -> None:
    order_id = order_in(world, ada, "PAID", quantity=3)
    execute(world, ada, order_id, "CANCEL")
    world.settle()
    withdraw(world, ada, 4)
    items = world.request("GET", "/billing/account/transactions", ada).json["items"]
    assert [(item["kind"], item["amount"], item["balanceAfter"], item["orderId"]) for item in items] == [
        ("WITHDRAWAL", -4, 26, None),
        ("REFUND", 30, 30, order_id),
        ("PAYMENT", -30, 0, order_id),
        ("DEPOSIT", 30, 30, None),
    ]
    assert [item["sequence"] for item in items] == [4, 3, 2, 1]


def test_of_two_withdrawals_at_once_the_money_is_taken_by_one(world: World, ada: User) -> None:
    deposit(world, ada, 10)
    with meanwhile(world, "dynamodb", "TransactWriteItems", lambda: withdraw(world, ada, 10)):
        problem(withdraw(world, ada, 10), 402, "insufficient-funds")
    assert statement(world, ada) == [("DEPOSIT", 10), ("WITHDRAWAL", -10)]


def test_two_first_deposits_at_once_are_both_kept(world: World, ada: User) -> None:
    with meanwhile(world, "dynamodb", "TransactWriteItems", lambda: deposit(world, ada, 1)):
        assert deposit(world, ada, 2).json["balance"] == 3
    assert statement(world, ada) == [("DEPOSIT", 1), ("DEPOSIT", 2)]


def test_opening_an_account_at_once_with_a_first_deposit_keeps_the_money(world: World, ada: User) -> None:
    with_profile(world, ada)
    world.relay()
    [opening] = [delivery for delivery in world.queued if delivery.consumer == "billing.open_account"]
    with meanwhile(world, "dynamodb", "PutItem", lambda: deposit(world, ada, 1)):
        world.deliver(opening)
    assert balance(world, ada) == 1
    with meanwhile(world, "dynamodb", "TransactWriteItems", lambda: world.deliver(opening)):
        deposit(world, ada, 1)
    assert balance(world, ada) == 2


def test_each_entry_has_a_counter_side_and_the_chain_of_hashes_holds(world: World, ada: User) -> None:
    deposit(world, ada, 50)
    execute(world, ada, order_in(world, ada, "PAID"), "CANCEL")
    world.settle()
    withdraw(world, ada, 1)
    create_order(world, ada)
    entries = [row for row in world.rows("billing") if row["sk"].startswith("ENTRY#")]
    entries.sort(key=lambda row: int(row["sequence"]))
    assert [row["counterAccount"] for row in entries] == ["outside", "outside", "sales", "sales", "outside"]
    assert [row["previousHash"] for row in entries[1:]] == [row["hash"] for row in entries[:-1]]
    [account] = [row for row in world.rows("billing") if row["sk"] == "ACCOUNT"]
    assert sum(row["amount"] for row in entries) == account["balance"] == 7900
