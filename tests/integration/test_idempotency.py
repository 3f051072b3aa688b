"""Idempotency keys, on the three operations that require one."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.clock import epoch_seconds
from tests.integration.factories import balance, create_order, deposit, withdraw
from tests.integration.faults import losing_the_answer, meanwhile, sending_twice
from tests.integration.problems import problem
from tests.scaffolding.world import Answer, User, World


@dataclass(frozen=True)
class Keyed:
    """An operation that requires a key, and how often it took effect for a user."""

    path: str
    repeat: Callable[[World, User, int, str | None], Answer]
    effects: Callable[[World, User], int]
    status: int = 200


def _entries(kind: str) -> Callable[[World, User], int]:
    def count(world: World, user: User) -> int:
        rows = [row for row in world.rows("billing") if row.get("profileId") == user.profile_id]
        return sum(row.get("kind") == kind for row in rows)

    return count


def _orders(world: World, user: User) -> int:
    return len(world.request("GET", "/orders", user).json["items"])


OPERATIONS = [
    Keyed("/billing/account/deposit", deposit, _entries("DEPOSIT")),
    Keyed("/billing/account/withdraw", withdraw, _entries("WITHDRAWAL")),
    Keyed("/orders", create_order, _orders, status=201),
]


@pytest.fixture(params=OPERATIONS, ids=lambda operation: operation.path)
def keyed_operation(request: pytest.FixtureRequest, world: World, ada: User, bob: User) -> Keyed:
    """One of the operations, by users who can afford it."""
    operation: Keyed = request.param
    if operation.repeat is withdraw:
        deposit(world, ada, 100, "money")
        deposit(world, bob, 100, "money")
    return operation


def test_the_same_key_and_body_get_the_stored_answer_again(world: World, ada: User, keyed_operation: Keyed) -> None:
    first = keyed_operation.repeat(world, ada, 3, "key")
    assert first.status == keyed_operation.status
    assert "idempotency-replayed" not in first.headers
    for _ in range(2):
        again = keyed_operation.repeat(world, ada, 3, "key")
        assert (again.status, again.text) == (first.status, first.text)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers.get("location") == first.headers.get("location")
    assert keyed_operation.effects(world, ada) == 1


def test_the_answer_stays_as_it_was_when_the_world_went_on(world: World, ada: User, keyed_operation: Keyed) -> None:
    first = keyed_operation.repeat(world, ada, 3, "key")
    keyed_operation.repeat(world, ada, 3, "another")
    assert keyed_operation.repeat(world, ada, 3, "key").text == first.text


def test_another_body_with_a_used_key_is_refused(world: World, ada: User, keyed_operation: Keyed) -> None:
    keyed_operation.repeat(world, ada, 3, "key")
    problem(keyed_operation.repeat(world, ada, 4, "key"), 422, "idempotency-key-reused")
    assert keyed_operation.effects(world, ada) == 1


def test_spelling_and_order_do_not_make_another_body(world: World, ada: User) -> None:
    first = world.request(
        "POST", "/billing/account/deposit", ada, body='{"amount":5}', headers={"idempotency-key": "k"}
    )
    again = world.request(
        "POST", "/billing/account/deposit", ada, body='{ "amount" : 5.00 }', headers={"Idempotency-Key": "k"}
    )
    assert again.text == first.text


def test_a_key_is_required(world: World, ada: User, keyed_operation: Keyed) -> None:
    body = {} if keyed_operation.path == "/orders" else {"amount": 3}
    for headers in ({}, {"idempotency-key": ""}):
        problem(
            world.request("POST", keyed_operation.path, ada, json_body=body, headers=headers),
            400,
            "idempotency-key-missing",
        )
    assert keyed_operation.effects(world, ada) == 0


@pytest.mark.parametrize("key", ["with space", "tab\t", "new\nline", "é", "日本", "\x7f", "k" * 256, " "])
def test_a_key_of_other_than_1_to_255_visible_ascii_characters_is_refused(
    world: World, ada: User, keyed_operation: Keyed, key: str
) -> None:
    problem(keyed_operation.repeat(world, ada, 3, key), 400, "idempotency-key-invalid")
    assert keyed_operation.effects(world, ada) == 0


@pytest.mark.parametrize("key", ["k", "k" * 255, "#", "a#b", "~!", '"quoted"'])
def test_any_visible_ascii_makes_a_key(world: World, ada: User, keyed_operation: Keyed, key: str) -> None:
    first = keyed_operation.repeat(world, ada, 3, key)
    assert first.status == keyed_operation.status
    assert keyed_operation.repeat(world, ada, 3, key).text == first.text


def test_another_users_same_key_is_another_key(world: World, ada: User, bob: User, keyed_operation: Keyed) -> None:
    of_ada = keyed_operation.repeat(world, ada, 3, "key")
    of_bob = keyed_operation.repeat(world, bob, 4, "key")
    assert of_bob.status == keyed_operation.status
    assert "idempotency-replayed" not in of_bob.headers
    assert of_bob.text != of_ada.text


def test_one_key_serves_every_operation_independently(world: World, ada: User) -> None:
    answers = [operation.repeat(world, ada, 3, "key") for operation in OPERATIONS]
    assert [answer.status for answer in answers] == [200, 200, 201]
    assert all("idempotency-replayed" not in answer.headers for answer in answers)
    assert balance(world, ada) == 0


def test_a_key_is_free_again_after_a_refusal(world: World, ada: User) -> None:
    problem(withdraw(world, ada, 5, "key"), 402, "insufficient-funds")
    deposit(world, ada, 10)
    assert withdraw(world, ada, 4, "key").json["balance"] == 6
    assert withdraw(world, ada, 4, "key").headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("amount", [3, 4])
def test_an_expired_record_that_was_not_removed_yet_counts_for_nothing(
    world: World, ada: User, keyed_operation: Keyed, amount: int
) -> None:
    first = keyed_operation.repeat(world, ada, 3, "key")
    _expire_records(world)
    later = keyed_operation.repeat(world, ada, amount, "key")
    assert later.status == keyed_operation.status
    assert "idempotency-replayed" not in later.headers
    assert later.text != first.text
    assert keyed_operation.effects(world, ada) == 2
    assert keyed_operation.repeat(world, ada, amount, "key").text == later.text


def test_a_record_is_kept_for_90_days(world: World, ada: User, keyed_operation: Keyed) -> None:
    keyed_operation.repeat(world, ada, 3, "key")
    expiries = [row["expiresAt"] for service in ("billing", "orders") for row in world.rows(service) if "answer" in row]
    assert expiries
    for expiry in expiries:
        assert expiry == pytest.approx(epoch_seconds() + 90 * 24 * 3600, abs=60)


def test_of_two_at_once_one_runs_and_the_other_gets_its_answer(world: World, ada: User, keyed_operation: Keyed) -> None:
    inner: list[Answer] = []
    with meanwhile(
        world, "dynamodb", "TransactWriteItems", lambda: inner.append(keyed_operation.repeat(world, ada, 3, "key"))
    ):
        outer = keyed_operation.repeat(world, ada, 3, "key")
    assert outer.text == inner[0].text
    assert outer.headers["idempotency-replayed"] == "true"
    assert keyed_operation.effects(world, ada) == 1


def test_of_two_bodies_at_once_with_one_key_one_runs_and_the_other_is_refused(
    world: World, ada: User, keyed_operation: Keyed
) -> None:
    with meanwhile(world, "dynamodb", "TransactWriteItems", lambda: keyed_operation.repeat(world, ada, 3, "key")):
        problem(keyed_operation.repeat(world, ada, 4, "key"), 422, "idempotency-key-reused")
    assert keyed_operation.effects(world, ada) == 1


def test_a_write_that_the_sdk_sent_twice_took_effect_once(world: World, ada: User, keyed_operation: Keyed) -> None:
    with sending_twice(world, "dynamodb", "TransactWriteItems"):
        assert keyed_operation.repeat(world, ada, 3, "key").status == keyed_operation.status
    assert keyed_operation.effects(world, ada) == 1


def test_an_answer_that_was_lost_can_be_asked_for_again(world: World, ada: User, keyed_operation: Keyed) -> None:
    with losing_the_answer(world, "dynamodb", "TransactWriteItems"):
        problem(keyed_operation.repeat(world, ada, 3, "key"), 503, "dependency-unavailable")
    again = keyed_operation.repeat(world, ada, 3, "key")
    assert (again.status, again.headers["idempotency-replayed"]) == (keyed_operation.status, "true")
    assert keyed_operation.effects(world, ada) == 1


def _expire_records(world: World) -> None:
    for service, keys in (("billing", ("pk", "sk")), ("orders", ("profileId", "sk"))):
        for row in world.rows(service):
            if "answer" in row:
                world.dynamodb.update_item(
                    TableName=world.table_name(service),
                    Key={key: {"S": row[key]} for key in keys},
                    UpdateExpression="SET expiresAt = :now",
                    ExpressionAttributeValues={":now": {"N": str(epoch_seconds())}},
                )
