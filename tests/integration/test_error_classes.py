"""How DynamoDB's rejections are classified: a lost race is retried, a permanent error is not."""

from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from shared.dynamodb import ConditionFailedError, Table, look, to_item
from shared.retry import ConflictError, ThrottledError
from tests.scaffolding.world import Ok, World

RETRIED, FINAL = ConflictError, ClientError
KEY = {"pk": "a", "sk": "b"}


@pytest.fixture
def table(world: World) -> Table:
    """A table."""
    return Table(world.table_name("billing"))


def write(table: Table) -> None:
    """A transaction of one write."""
    table.transact(table.putting(KEY, Attr("pk").not_exists()))


def refusal(code: str, operation: str, reasons: list[str] | None = None) -> ClientError:
    """DynamoDB's refusal with this code, and the reasons for which a transaction was canceled."""
    answer: Any = {"Error": {"Code": code, "Message": "no"}}
    if reasons is not None:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, operation)


def outcome(world: World, error: ClientError, act: Callable[[], object]) -> type[Exception]:
    """The class of error when DynamoDB rejects the call of `act`."""

    def refuse(_params: object) -> None:
        raise error

    intercepted = world.intercepting("dynamodb", error.operation_name, refuse)
    with intercepted, pytest.raises((ConflictError, ClientError)) as raised:
        act()
    return FINAL if isinstance(raised.value, ClientError) else RETRIED


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["ConditionalCheckFailed", "None"], RETRIED),
        (["None", "TransactionConflict"], RETRIED),
        (["ThrottlingError", "None"], RETRIED),
        (["ProvisionedThroughputExceeded", "None"], RETRIED),
        (["ConditionalCheckFailed", "TransactionConflict"], RETRIED),
        (["ItemCollectionSizeLimitExceeded", "None"], FINAL),
        (["ValidationError", "None"], FINAL),
        (["AccessDenied", "None"], FINAL),
        (["DuplicateItem", "None"], FINAL),
        (["ConditionalCheckFailed", "ValidationError"], FINAL),
        (["None", "None"], FINAL),
        ([], FINAL),
    ],
)
def test_a_canceled_transaction_is_tried_again_if_all_its_reasons_pass(
    world: World, table: Table, reasons: list[str], expected: type[Exception]
) -> None:
    code = "TransactionCanceledException"
    assert outcome(world, refusal(code, "TransactWriteItems", reasons), lambda: write(table)) is expected
    assert outcome(world, refusal(code, "TransactGetItems", reasons), lambda: look((table, KEY))) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("TransactionConflictException", RETRIED),
        ("TransactionInProgressException", RETRIED),
        ("ConditionalCheckFailedException", RETRIED),
        ("ThrottlingException", FINAL),
        ("ProvisionedThroughputExceededException", FINAL),
        ("RequestLimitExceeded", FINAL),
        ("InternalServerError", FINAL),
        ("ValidationException", FINAL),
        ("AccessDeniedException", FINAL),
        ("ResourceNotFoundException", FINAL),
        ("IdempotentParameterMismatchException", FINAL),
        ("ItemCollectionSizeLimitExceededException", FINAL),
    ],
)
def test_a_refused_write_is_tried_again_if_somebody_else_was_first(
    world: World, table: Table, code: str, expected: type[Exception]
) -> None:
    """The SDK has tried a throttled call three times already; it becomes a 503, and the client retries."""
    free = Attr("pk").not_exists()
    acts: dict[str, Callable[[], object]] = {
        "PutItem": lambda: table.put(KEY, free),
        "UpdateItem": lambda: table.update(KEY, changes="SET a = :a", values={"a": 1}, condition=free),
        "TransactWriteItems": lambda: write(table),
    }
    assert {name: outcome(world, refusal(code, name), act) for name, act in acts.items()} == dict.fromkeys(
        acts, expected
    )


def test_a_failed_condition_says_what_is_there(world: World, table: Table) -> None:
    table.put({**KEY, "amount": 7})

    with pytest.raises(ConditionFailedError) as raised:
        table.put({**KEY, "amount": 8}, Attr("pk").not_exists())

    assert raised.value.item == {**KEY, "amount": 7}
    assert world.rows("billing") == [{**KEY, "amount": 7}]


def test_a_batch_that_comes_back_in_part_is_tried_again(world: World, table: Table) -> None:
    def put_off(_params: object) -> object:
        return Ok(), {"Responses": {}, "UnprocessedKeys": {table.name: {"Keys": [to_item(KEY)]}}}

    with world.intercepting("dynamodb", "BatchGetItem", put_off), pytest.raises(ThrottledError):
        table.get_several(KEY)
