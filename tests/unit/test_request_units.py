"""What AWS documents that calls cost, by its own examples where it gives some."""

import math
from typing import Any

import pytest

from tests.scaffolding.request_units import Index, Item, Units, indexes_of, item_size, request_units
from tests.scaffolding.template import table_definitions

KB = 1024
BY_STATE = {"orders": (Index("stateKey"),)}


def item_of(size: float, **attributes: str) -> Item:
    """An item of that many bytes, its attribute `text` filled up."""
    item: dict[str, Any] = {"id": {"S": "1"}, **{name: {"S": value} for name, value in attributes.items()}}
    return {**item, "text": {"S": "x" * (int(size) - item_size(item) - len("text"))}}


def cost(operation: str, parameters: dict[str, Any], answer: dict[str, Any] | None = None, **more: Any) -> Units:
    """What a call on the table `orders` costs, which has an index by `stateKey`."""
    return request_units(operation, {"TableName": "orders", **parameters}, answer or {}, indexes=BY_STATE, **more)


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"Ää": {"S": "€"}}, 4 + 3),
        ({"n": {"N": "0"}}, 1 + 1),
        ({"n": {"N": "7"}}, 1 + 2),
        ({"n": {"N": "-0012.5000"}}, 1 + 3),
        ({"n": {"N": "1200000"}}, 1 + 2),
        ({"n": {"N": "12345678901234567890123456789012345678"}}, 1 + 20),
        ({"n": {"N": "1.5E+20"}}, 1 + 2),
        ({"b": {"B": b"four"}}, 1 + 4),
        ({"yes": {"BOOL": True}, "no": {"NULL": True}}, 4 + 3),
        ({"l": {"L": []}, "m": {"M": {}}}, 2 + 2 * 3),
        ({"l": {"L": [{"S": "ab"}, {"N": "1"}]}}, 1 + 3 + (1 + 2) + (1 + 2)),
        ({"m": {"M": {"key": {"S": "ab"}}}}, 1 + 3 + 1 + 3 + 2),
        ({"s": {"SS": ["ab", "c"]}}, 1 + 3),
    ],
)
def test_an_item_is_as_large_as_its_names_and_values(item: Item, size: int) -> None:
    assert item_size(item) == size


@pytest.mark.parametrize(
    ("size", "strong", "eventual"), [(3.5 * KB, 1, 0.5), (4 * KB, 1, 0.5), (8 * KB, 2, 1), (10 * KB, 3, 1.5)]
)
def test_reading_an_item_costs_by_steps_of_four_kilobytes(size: float, strong: float, eventual: float) -> None:
    answer = {"Item": item_of(size)}
    assert cost("GetItem", {"ConsistentRead": True}, answer) == Units(read=strong)
    assert cost("GetItem", {}, answer) == Units(read=eventual)


def test_a_transactional_read_costs_double() -> None:
    parameters = {"TransactItems": [{"Get": {"TableName": "orders", "Key": {}}}] * 2}
    assert cost("TransactGetItems", parameters, {"Responses": [{"Item": item_of(8 * KB)}, {}]}) == Units(read=4 + 2)


def test_reading_what_is_not_there_costs_as_much_as_the_smallest_item() -> None:
    assert cost("GetItem", {"ConsistentRead": True}) == Units(read=1)
    assert cost("GetItem", {}) == Units(read=0.5)
    assert cost("Query", {"ConsistentRead": True}, {"Items": []}) == Units(read=1)


def test_a_batch_rounds_each_item_by_itself() -> None:
    # AWS's example: 1.5 KB and 6.5 KB are 4 KB + 8 KB.
    request = {"RequestItems": {"orders": {"Keys": [{}, {}, {}, {}], "ConsistentRead": True}}}
    found = {"Responses": {"orders": [item_of(1.5 * KB), item_of(6.5 * KB)]}}
    assert cost("BatchGetItem", request, found) == Units(read=3 + 2)
    put_off = {**found, "UnprocessedKeys": {"orders": {"Keys": [{}, {}]}}}
    assert cost("BatchGetItem", request, put_off) == Units(read=3)


@pytest.mark.parametrize("operation", ["Query", "Scan"])
def test_a_page_is_summed_up_before_it_is_rounded(operation: str) -> None:
    # AWS's example: items of 40.8 KB together are 44 KB.
    answer = {"Items": [item_of(4.08 * KB)] * 10, "ScannedCount": 10}
    assert cost(operation, {"ConsistentRead": True}, answer) == Units(read=11)
    assert cost(operation, {}, answer) == Units(read=5.5)


@pytest.mark.parametrize(
    ("operation", "parameters", "answer"),
    [
        ("GetItem", {"ProjectionExpression": "id"}, {"Item": {}}),
        ("Query", {"ProjectionExpression": "id"}, {"Items": []}),
        ("Scan", {"FilterExpression": "…"}, {"Items": [], "ScannedCount": 5}),
        ("UpdateItem", {"Key": {}}, {}),
        ("ListTables", {}, {}),
    ],
)
def test_a_cost_that_the_answer_hides_is_not_guessed(operation: str, parameters: Any, answer: Any) -> None:
    with pytest.raises(ValueError, match=r"hides|hidden|ask for|no rule"):
        cost(operation, parameters, answer)


@pytest.mark.parametrize(("size", "units"), [(500, 1), (512, 1), (KB, 1), (1.5 * KB, 2), (2 * KB, 2)])
def test_writing_an_item_costs_by_steps_of_one_kilobyte(size: float, units: float) -> None:
    assert cost("PutItem", {"Item": item_of(size)}) == Units(write=units)


def test_replacing_an_item_costs_as_much_as_the_larger_one() -> None:
    put = {"Item": item_of(KB), "ReturnValues": "ALL_OLD"}
    assert cost("PutItem", put, {"Attributes": item_of(3 * KB)}) == Units(write=3)
    assert cost("PutItem", put, {"Attributes": item_of(10)}) == Units(write=1)
    assert cost("PutItem", {"Item": item_of(KB)}, before=lambda *_: item_of(3 * KB)) == Units(write=3)


def test_an_update_costs_the_whole_item_however_little_it_changes() -> None:
    update = {"Key": {"id": {"S": "1"}}, "UpdateExpression": "SET a = :a", "ReturnValues": "ALL_NEW"}
    assert cost("UpdateItem", update, {"Attributes": item_of(2.5 * KB)}) == Units(write=3)
    larger = item_of(5 * KB)
    assert cost("UpdateItem", update, {"Attributes": item_of(2.5 * KB)}, before=lambda *_: larger) == Units(write=5)


def test_deleting_costs_what_is_deleted() -> None:
    delete = {"Key": {"id": {"S": "1"}}, "ReturnValues": "ALL_OLD"}
    assert cost("DeleteItem", delete, {"Attributes": item_of(1.5 * KB)}) == Units(write=2)
    assert cost("DeleteItem", delete) == Units(write=1)


def test_a_refused_write_costs_as_if_it_had_written_and_does_not_touch_the_index() -> None:
    # AWS's example: the item there is 300 KB, the new one 310 KB.
    refused = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": item_of(300 * KB, stateKey="A")}
    assert cost("PutItem", {"Item": item_of(310 * KB, stateKey="B")}, refused) == Units(write=310)
    assert cost("UpdateItem", {"Key": {"id": {"S": "1"}}}, refused) == Units(write=300)
    assert cost("UpdateItem", {"Key": {"id": {"S": "1"}}}, {"Error": {}}) == Units(write=1)


OLD, NEW = item_of(1.5 * KB, stateKey="A"), item_of(2.5 * KB, stateKey="A")


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        pytest.param(None, item_of(9), 0, id="never in the index"),
        pytest.param(None, NEW, 3, id="put into it"),
        pytest.param(OLD, NEW, 3, id="changed in it"),
        pytest.param(NEW, NEW, 0, id="written as it was"),
        pytest.param(OLD, {**NEW, "stateKey": {"S": "B"}}, 2 + 3, id="moved in it: deleted and put"),
        pytest.param(OLD, item_of(9), 2, id="taken out of it"),
    ],
)
def test_an_index_costs_a_write_for_each_entry_that_comes_or_goes(old: Item | None, new: Item, units: int) -> None:
    own = max(item_size(old or {}), item_size(new)) / KB
    assert cost("PutItem", {"Item": new}, before=lambda *_: old).write == max(1, math.ceil(own)) + units


def test_an_index_that_holds_less_costs_less() -> None:
    item = item_of(3 * KB, stateKey="A")
    small = {"orders": (Index("stateKey", frozenset({"id", "stateKey"})),)}
    put = {"TableName": "orders", "Item": item}
    assert request_units("PutItem", put, {}, indexes=small) == Units(write=3 + 1)
    changed = {"TableName": "orders", "Item": {**item, "text": {"S": "y" * 3000}}}
    assert request_units("PutItem", changed, {}, indexes=small, before=lambda *_: item) == Units(write=3)


def test_an_update_of_an_unknown_item_moves_it_in_the_index_if_it_names_the_key() -> None:
    answer = {"Attributes": item_of(100, stateKey="A")}
    update = {"Key": {"id": {"S": "1"}}, "ReturnValues": "ALL_NEW"}
    assert cost("UpdateItem", {**update, "UpdateExpression": "SET text = :t"}, answer) == Units(write=1 + 1)
    assert cost("UpdateItem", {**update, "UpdateExpression": "SET stateKey = :s"}, answer) == Units(write=1 + 2)


def test_a_transaction_costs_double_done_or_canceled_but_for_its_index_entries() -> None:
    key = {"id": {"S": "1"}}
    put = {"Put": {"TableName": "accounts", "Item": item_of(1.5 * KB)}}
    indexed = {"Put": {"TableName": "orders", "Item": item_of(100, stateKey="A")}}
    check = {"ConditionCheck": {"TableName": "accounts", "Key": key}}
    parameters = {"TransactItems": [put, indexed, check]}
    assert cost("TransactWriteItems", parameters) == Units(write=2 * (2 + 1 + 1) + 1)
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": item_of(3 * KB)}, {"Code": "None"}]
    canceled = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    assert cost("TransactWriteItems", parameters, canceled) == Units(write=2 * (2 + 3 + 1))


def test_the_index_of_the_template_is_read_off_its_definition() -> None:
    indexes = {name: indexes_of(definition) for name, definition in table_definitions().items()}
    assert [found for found in indexes.values() if found] == [(Index("stateKey"),)]
    included = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["amount"]}
    key = [{"AttributeName": "pk", "KeyType": "HASH"}]
    index = {"KeySchema": [*key, {"AttributeName": "by", "KeyType": "RANGE"}], "Projection": included}
    definition = {"KeySchema": [*key, {"AttributeName": "sk", "KeyType": "RANGE"}], "LocalSecondaryIndexes": [index]}
    assert indexes_of(definition) == (Index("by", frozenset({"pk", "sk", "by", "amount"})),)
