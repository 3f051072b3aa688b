"""Guards against what should never happen: only these tests reach them."""

import json
from enum import IntEnum
from typing import Any

import pytest
from botocore.exceptions import ClientError

from auth.published_keys import PublishedKeys
from billing.ledger import Account, EntryKind, post
from infra import assets
from local.invoking.queue_messages import queue_batch
from orders.order import price
from reconciliation.rules import BEFORE_THE_FIRST, check_account, hash_of
from shared import environment
from shared.dynamodb import to_item
from shared.environment import MissingSettingError
from shared.money import Minor
from shared.problems import ValidationFailedError
from shared.wire import write_json
from tests.integration.factories import (
    balance,
    create_order,
    deposit,
    execute,
    get_order,
    notifications,
    order_in,
    statement,
    with_profile,
)
from tests.integration.gateway import key_server
from tests.integration.problems import problem
from tests.integration.tampering import overwrite, row
from tests.scaffolding.audits import audit
from tests.scaffolding.world import Item, User, World

# Money


@pytest.mark.parametrize("amount", [0, -1])
def test_an_entry_of_nothing_or_less_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="a positive amount"):
        post(Account.opened("ada", "USD", "now"), EntryKind.DEPOSIT, Minor(amount), transaction_id="1", now="now")


def test_an_order_of_no_pieces_has_no_price() -> None:
    with pytest.raises(ValidationFailedError):
        price(0, 1000, "USD")


def test_a_refund_is_never_given_for_another_profiles_payment(world: World, ada: User, bob: User) -> None:
    order_id = order_in(world, ada, "PAID")
    deposit(world, bob, 5)
    world.settle()
    assert execute(world, ada, order_id, "CANCEL").status == 200
    world.relay()
    [canceled] = [each for each in world.queued if each.consumer == "billing.return_payment"]
    bobs = canceled.body.replace(ada.profile_id, bob.profile_id)

    answer = world.invoke("billing.return_payment", queue_batch(bobs))

    assert len(answer["batchItemFailures"]) == 1
    assert balance(world, bob) == 5
    assert [kind for kind, _ in statement(world, bob)] == ["DEPOSIT"]
    world.settle()
    assert "REFUND" in dict(statement(world, ada))


def test_a_confirm_that_can_not_be_paid_leaves_the_order_to_whoever_has_it_by_then(world: World, ada: User) -> None:
    """It is canceled between the declined payment and the thaw."""
    order_id = create_order(world, ada).json["id"]
    done: list[int] = []

    def cancel(_params: object) -> None:
        done.append(execute(world, ada, order_id, "CANCEL").status)

    with world.intercepting("lambda", "Invoke", cancel, moment="after-call"):
        answer = execute(world, ada, order_id, "CONFIRM")

    assert done == [200]
    problem(answer, 402, "insufficient-funds")
    assert get_order(world, ada, order_id)["state"] == "CANCELED"


def test_an_order_that_would_not_freeze_for_no_reason_that_it_shows_is_not_paid(world: World, ada: User) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada).json["id"]
    item = to_item(row(world, "orders", id=order_id))

    def refuse(_params: object) -> None:
        refusal: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}, "Item": item}
        raise ClientError(refusal, "UpdateItem")

    with world.intercepting("dynamodb", "UpdateItem", refuse):
        answer = execute(world, ada, order_id, "CONFIRM")

    problem(answer, 500, "internal-error")
    assert balance(world, ada) == 100


# Audits


def test_a_payment_that_is_settled_while_it_is_looked_at_is_looked_at_again(world: World, ada: User) -> None:
    order_id = order_in(world, ada, "PAID")
    world.settle()
    order = row(world, "orders", id=order_id)
    overwrite(world, "orders", {**order, "amount": 1})
    moved: list[int] = []

    def cancel(_params: object) -> None:
        if not moved:
            moved.append(1)
            overwrite(world, "orders", order)
            moved.append(execute(world, ada, order_id, "CANCEL").status)
            world.settle()

    with world.intercepting("dynamodb", "TransactGetItems", cancel):
        report = audit(world, workers=1)

    assert moved == [1, 200]
    assert report["findings"] == []


def test_an_account_whose_money_moves_while_it_is_looked_at_is_looked_at_again(world: World, ada: User) -> None:
    deposit(world, ada, 10)
    account = row(world, "billing", sk="ACCOUNT")
    overwrite(world, "billing", {**account, "balance": 1})
    moved: list[int] = []

    def move(_params: object) -> None:
        if not moved:
            overwrite(world, "billing", account)
            moved.append(deposit(world, ada, 5).status)

    with world.intercepting("dynamodb", "TransactGetItems", move):
        report = audit(world, workers=1)

    assert moved == [200]
    assert report["findings"] == []


def test_money_given_back_for_an_order_that_is_not_canceled_is_found(world: World, ada: User) -> None:
    order_id = order_in(world, ada, "PAID")
    execute(world, ada, order_id, "CANCEL")
    world.settle()
    order = row(world, "orders", id=order_id)
    overwrite(world, "orders", {**order, "state": "COMPLETED"})

    rules = {finding["rule"] for finding in audit(world)["findings"]}

    assert rules == {
        "COMPLETED, but no money was taken",
        "the money was given back for an order that is COMPLETED",
    }


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"balanceAfter": -1}, {"balanceAfter is not the sum of the entries so far", "the balance was below 0"}),
        ({"amount": 5}, {"balanceAfter is not the sum of the entries so far"}),
        ({"counterAccount": "elsewhere"}, {"the entry's two sides don't sum to 0"}),
        ({"kind": "WITHDRAWAL"}, {"the entry's two sides don't sum to 0"}),
    ],
)
def test_a_forger_who_knows_the_hash_is_found_too(world: World, ada: User, changes: Item, rules: set[str]) -> None:
    """The first entry of the account, with a hash that fits."""
    deposit(world, ada, 10)
    entry = {**row(world, "billing", sk="ENTRY#000000000001"), **changes}
    entry["hash"] = hash_of(entry)
    overwrite(world, "billing", entry)
    account = row(world, "billing", sk="ACCOUNT")
    overwrite(world, "billing", {**account, "lastHash": entry["hash"], "balance": entry["balanceAfter"]})

    assert {finding["rule"] for finding in audit(world)["findings"]} == rules


def test_a_forged_entry_breaks_the_chain_of_the_next_one(world: World, ada: User) -> None:
    deposit(world, ada, 10)
    deposit(world, ada, 10)
    entry = {**row(world, "billing", sk="ENTRY#000000000001"), "occurredAt": "2020-01-01T00:00:00.000Z"}
    overwrite(world, "billing", {**entry, "hash": hash_of(entry)})

    [finding] = audit(world)["findings"]

    assert finding == {
        "rule": "the chain is broken before this entry",
        "table": "billing",
        "row": f"ACCOUNT#{ada.profile_id} ENTRY#000000000002",
    }


def test_a_profile_without_an_account_and_without_entries_is_sound() -> None:
    assert list(check_account("ada", None, BEFORE_THE_FIRST)) == []


def test_a_finding_that_two_pages_of_a_part_show_is_named_once(world: World, ada: User) -> None:
    """A payment that names neither of two entries."""
    order_id = order_in(world, ada, "PAID")
    execute(world, ada, order_id, "CANCEL")
    world.settle()
    payment = row(world, "billing", orderId=order_id, sk="PAYMENT")
    overwrite(world, "billing", {**payment, "entry": 77, "refundEntry": 78})

    report = audit(world, workers=1, pageRows=1)

    assert [finding["rule"] for finding in report["findings"]] == ["the payment is not what its entries say"]
    assert report["total"] == 1


# Messages


def _last_attempt(world: World) -> tuple[str, Any]:
    body = json.dumps({"detail-type": "OrderPaid", "detail": {}})
    return body, world.invoke("notifications.notify", queue_batch(body, attempt=5))


def test_a_message_is_put_away_with_its_reason_after_the_last_attempt(world: World) -> None:
    body, answer = _last_attempt(world)

    assert answer == {"batchItemFailures": []}
    [letter] = world.dead_letters
    assert letter["MessageBody"] == body
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("UnexpectedEventError: not an event that")


def test_a_message_that_can_not_be_put_away_is_left_to_the_queue(world: World) -> None:
    def refuse(_params: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage")

    with world.intercepting("sqs", "SendMessage", refuse):
        _, answer = _last_attempt(world)

    assert len(answer["batchItemFailures"]) == 1
    assert world.dead_letters == []


def test_a_message_before_its_last_attempt_goes_back_to_the_queue(world: World) -> None:
    answer = world.invoke("notifications.notify", queue_batch("{}", attempt=4))

    assert len(answer["batchItemFailures"]) == 1
    assert world.dead_letters == []


def test_an_event_that_comes_again_in_other_words_does_not_change_what_the_user_was_told(
    world: World, ada: User
) -> None:
    with_profile(world, ada)
    deposit(world, ada, 5)
    world.relay()
    [told] = [each for each in world.queued if each.consumer == "notifications.notify"]
    world.settle()
    before = world.rows("notifications")

    world.invoke(told.consumer, queue_batch(told.body.replace('"balance": 5.0', '"balance": 6.0')))

    assert notifications(world, ada) == ["DepositAccepted"]
    assert world.rows("notifications") == before


# The rest


def test_a_function_that_is_not_told_a_setting_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHANGES_QUEUE", raising=False)
    with pytest.raises(MissingSettingError, match="CHANGES_QUEUE is not set"):
        environment.required("CHANGES_QUEUE")


def test_a_number_of_a_kind_of_its_own_is_written_as_a_number() -> None:
    class Level(IntEnum):
        HIGH = 7

    assert write_json(Level.HIGH) == "7"


@pytest.mark.parametrize(
    ("published", "status"),
    [(b'{"keys": [{"kid": "a", "n": "x"}]}', 200), (b'{"keys": 7}', 503), (b'[{"kid": "a"}]', 503), (b"{}", 503)],
)
def test_the_signing_keys_are_shown_if_the_pool_has_a_key_set(
    world: World, monkeypatch: pytest.MonkeyPatch, published: bytes, status: int
) -> None:
    from auth import get_signing_keys  # noqa: PLC0415 - it reads its environment when imported

    with key_server() as server:
        server.answer = published
        shown = PublishedKeys(server.url, get_signing_keys._keys_of)  # noqa: SLF001 - as the module makes its own
        monkeypatch.setattr(get_signing_keys, "keys", shown)
        assert world.request("GET", "/.well-known/jwks.json").status == status


@pytest.fixture
def docs_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer that has the files of the docs page."""
    monkeypatch.syspath_prepend(str(assets.web_layer() / "python"))


@pytest.mark.usefixtures("docs_files")
def test_the_docs_page_has_its_files_and_no_others(world: World) -> None:
    redirect = world.request("GET", "/docs/oauth2-redirect.html")
    assert redirect.status == 200
    assert redirect.headers["cache-control"] == "public, max-age=300"
    problem(world.request("GET", "/docs/index.html"), 404, "not-found")
    problem(world.request("GET", "/docs/passwords.txt"), 404, "not-found")
