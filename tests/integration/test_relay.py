"""The relay: from the tables' streams to the bus, at least once each, in order."""

import json
from typing import Any

import pytest

from tests.integration.factories import create_order, deposit, execute, order_in, with_profile
from tests.integration.faults import TIMEOUT, aws_error, failing
from tests.scaffolding.world import Item, User, World


def relay(world: World, records: list[dict[str, Any]]) -> list[str]:
    """Pass records to the relay; returns the sequence number from which the stream must deliver again."""
    failures = world.invoke("events.relay", {"Records": records})["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def amounts(world: World) -> list[int]:
    """The amounts of the deposits that were published, in that order."""
    details = [json.loads(entry["Detail"]) for entry in world.published]
    return [int(detail["amount"]) for detail in details]


def deposits(world: World, user: User, count: int) -> list[dict[str, Any]]:
    """The records of the stream after deposits of 1, 2, … `count`; those with an event alone."""
    for amount in range(1, count + 1):
        deposit(world, user, amount)
    return [record for record in world.records("billing") if "event" in record["dynamodb"]["NewImage"]]


def sequence_number(record: dict[str, Any]) -> str:
    """The place of a record in its stream."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def refuse(world: World, *refused: int, times: int = 1_000) -> None:
    """Make the bus reject the deposits of these amounts, each so many times."""
    left = dict.fromkeys(refused, times)

    def is_refused(entry: Item) -> bool:
        amount = int(json.loads(entry["Detail"])["amount"])
        left[amount] = left.get(amount, 0) - 1
        return left[amount] >= 0

    world.bus_refuses = is_refused


def test_events_are_published_in_order_ten_at_a_time(world: World, ada: User) -> None:
    deposits(world, ada, 23)
    sizes: list[int] = []

    def count(params: Item | None) -> None:
        assert params
        sizes.append(len(json.loads(params["body"])["Entries"]))

    with world.intercepting("events", "PutEvents", count):
        assert relay(world, world.records("billing")) == []
    assert amounts(world) == list(range(1, 24))
    assert sizes == [10, 10, 3]


def test_records_without_an_event_are_passed_over(world: World, ada: User) -> None:
    order_id = create_order(world, ada).json["id"]
    execute(world, ada, order_id, "EDIT", productQuantity=4)
    execute(world, ada, order_id, "CONFIRM")
    assert relay(world, world.records("orders")) == []
    assert world.published == []


def test_a_removed_item_publishes_nothing(world: World, ada: User) -> None:
    with_profile(world, ada)
    world.dynamodb.delete_item(TableName=world.table_name("profiles"), Key={"id": {"S": ada.profile_id}})
    created, removed = world.records("profiles")
    assert removed["eventName"] == "REMOVE"
    assert relay(world, [created, removed]) == []
    assert len(world.published) == 1


def test_an_empty_batch_publishes_nothing(world: World) -> None:
    assert relay(world, []) == []


def test_a_later_change_of_an_item_does_not_publish_its_event_again(world: World, ada: User) -> None:
    with_profile(world, ada)
    world.request("PATCH", f"/profiles/{ada.profile_id}", ada, json_body={"age": 36})
    order_in(world, ada, "COMPLETED")
    assert relay(world, world.records("profiles") + world.records("orders")) == []
    assert [entry["DetailType"] for entry in world.published] == ["ProfileCreated", "OrderCompleted"]


def test_entries_that_the_bus_refuses_are_sent_again(world: World, ada: User) -> None:
    records = deposits(world, ada, 5)
    refuse(world, 2, 4, times=2)
    assert relay(world, records) == []
    assert sorted(amounts(world)) == [1, 2, 3, 4, 5]


def test_what_is_refused_to_the_end_is_reported_from_the_lowest_on(world: World, ada: User) -> None:
    records = deposits(world, ada, 25)
    refuse(world, 14, 12, 23)
    assert relay(world, records) == [sequence_number(records[11])]
    assert not {12, 14} & set(amounts(world))


def test_nothing_is_lost_when_the_stream_hands_over_again_from_there(world: World, ada: User) -> None:
    records = deposits(world, ada, 12)
    refuse(world, 3)
    [failed] = relay(world, records)
    world.bus_refuses = lambda _entry: False
    again = [record for record in records if int(sequence_number(record)) >= int(failed)]
    assert relay(world, again) == []
    assert set(amounts(world)) == set(range(1, 13))


@pytest.mark.parametrize("failure", [TIMEOUT, aws_error("ThrottlingException"), aws_error("InternalException")])
def test_a_bus_that_does_not_answer_fails_the_batch_so_that_it_is_handed_over_again(
    world: World, ada: User, failure: Exception
) -> None:
    records = deposits(world, ada, 2)
    with failing(world, "events", "PutEvents", failure), pytest.raises(type(failure)):
        relay(world, records)
    assert relay(world, records) == []
    assert amounts(world) == [1, 2]


# What can never be published


def reasons(world: World) -> list[str]:
    """The reasons of the relay's dead letters."""
    return [letter["MessageAttributes"]["reason"]["StringValue"] for letter in world.dead_letters]


def refuse_for_good(world: World, amount: int, code: str) -> None:
    """Make the bus always reject the deposit of this amount."""
    world.bus_refuses_for_good = lambda entry: code if json.loads(entry["Detail"])["amount"] == amount else None


@pytest.mark.parametrize("code", ["MalformedDetail", "InvalidArgument", "RedactionFailure"])
def test_an_event_that_is_refused_for_good_is_put_away_with_its_reason_and_what_is_behind_goes_on(
    world: World, ada: User, code: str
) -> None:
    records = deposits(world, ada, 25)
    refuse_for_good(world, 7, code)
    assert relay(world, records) == []
    assert amounts(world) == [amount for amount in range(1, 26) if amount != 7]
    [letter] = world.dead_letters
    assert letter["MessageBody"] == records[6]["dynamodb"]["NewImage"]["event"]["S"]
    assert reasons(world) == [f"UnpublishableEventError: refused by the bus: {code}"]


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "InternalFailure", "AccessDeniedException", "NotAuthorizedForSourceException", "New"],
)
def test_what_may_be_taken_later_is_not_put_away(world: World, ada: User, code: str) -> None:
    records = deposits(world, ada, 3)
    refuse_for_good(world, 2, code)
    assert relay(world, records) == [sequence_number(records[1])]
    assert world.dead_letters == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"source": "billing"}', "3", '{"source":1,"name":"x","detail":{}}']
)
def test_an_outbox_entry_that_can_not_be_read_is_put_away_and_its_neighbours_go_on(
    world: World, ada: User, text: str
) -> None:
    records = deposits(world, ada, 3)
    records[1]["dynamodb"]["NewImage"]["event"]["S"] = text
    assert relay(world, records) == []
    assert amounts(world) == [1, 3]
    if text:  # an empty one is none
        assert [letter["MessageBody"] for letter in world.dead_letters] == [text]
        assert reasons(world)[0].startswith("UnpublishableEventError: not an entry of the outbox: ")


def test_entries_that_are_too_large_together_go_one_by_one_and_one_that_is_too_large_alone_is_put_away(
    world: World, ada: User
) -> None:
    records = deposits(world, ada, 5)
    too_large = aws_error("ValidationException")

    def refuse_large(params: Item | None) -> None:
        entries = json.loads((params or {})["body"])["Entries"]
        if len(entries) > 1 or json.loads(entries[0]["Detail"])["amount"] == 4:
            raise too_large

    with world.intercepting("events", "PutEvents", refuse_large):
        assert relay(world, records) == []
    assert amounts(world) == [1, 2, 3, 5]
    assert reasons(world) == ["UnpublishableEventError: refused by the bus: ValidationException"]


def test_while_the_dead_letter_queue_does_not_answer_the_batch_is_handed_over_again(world: World, ada: User) -> None:
    records = deposits(world, ada, 3)
    refuse_for_good(world, 2, "MalformedDetail")
    with failing(world, "sqs", "SendMessage", TIMEOUT), pytest.raises(type(TIMEOUT)):
        relay(world, records)
    assert relay(world, records) == []
    assert set(amounts(world)) == {1, 3}
    assert len(world.dead_letters) == 1
