"""The event contract: producers' real events fit the committed schemas, and consumers tolerate new fields."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from infra.contract.asyncapi import DOCUMENT
from infra.contract.json_schemas import EVENTS
from infra.contract.released import RELEASED
from infra.operations import CONSUMERS
from local.invoking.queue_messages import queue_batch
from shared.events import EVENTS as MODELS
from tests.integration.factories import notifications, statement
from tests.integration.test_events import TOLD, delivered, live
from tests.scaffolding.world import Delivery, User, World

PAIRS = [(consumer.function.module, name) for consumer in CONSUMERS for name in consumer.event_names]


def payload_schemas(name: str, version: int) -> dict[str, dict[str, Any]]:
    """Every committed event schema, by its path."""
    asyncapi = json.loads(DOCUMENT.read_text())
    released = RELEASED / f"{name}.v{version}.json"  # which a new event does not have yet
    return {
        "docs/events": json.loads((EVENTS / f"{name}.v{version}.json").read_text()),
        **({"docs/released": json.loads(released.read_text())} if released.exists() else {}),
        "asyncapi.json": asyncapi["components"]["schemas"][name],
    }


def test_what_producers_say_fits_the_committed_schemas(world: World, ada: User) -> None:
    live(world, ada)
    world.settle()
    assert {entry["DetailType"] for entry in world.published} == {event.name() for event in MODELS}
    for entry in world.published:
        detail = json.loads(entry["Detail"])
        for schema in payload_schemas(entry["DetailType"], detail["version"]).values():
            jsonschema.validate(
                detail,
                schema,
                cls=jsonschema.Draft202012Validator,
                format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
            )


def changed(delivery: Delivery, **fields: object) -> Delivery:
    """The same delivery with changed fields in its event; Ellipsis removes a field."""
    envelope = json.loads(delivery.body)
    detail = {**envelope["detail"], **fields}
    envelope["detail"] = {name: value for name, value in detail.items() if value is not ...}
    return replace(delivery, body=json.dumps(envelope))


def test_consumers_take_no_notice_of_fields_that_were_added(world: World, ada: User) -> None:
    seen: set[tuple[str, str]] = set()

    def add_fields(deliveries: list[Delivery]) -> list[Delivery]:
        seen.update((delivery.consumer, delivery.name) for delivery in deliveries)
        return [changed(delivery, addedLater={"deep": [1.5, None]}, other="x") for delivery in deliveries]

    live(world, ada)
    world.settle(order=add_fields)

    assert seen >= set(PAIRS)
    assert notifications(world, ada) == TOLD
    assert sorted(kind for kind, _ in statement(world, ada)) == ["DEPOSIT", "DEPOSIT", "PAYMENT", "PAYMENT", "REFUND"]


@pytest.mark.parametrize(("consumer", "name"), PAIRS)
def test_a_consumer_refuses_an_event_with_a_field_missing_or_retyped(
    world: World, ada: User, consumer: str, name: str
) -> None:
    live(world, ada)
    mine = next(each for each in delivered(world) if (each.consumer, each.name) == (consumer, name))
    fields = sorted(mine.event)
    assert fields
    for field in fields:
        values = [["another type"], *([] if field == "correlationId" else [...])]
        wrong = queue_batch(*(changed(mine, **{field: value}).body for value in values))
        assert len(world.invoke(consumer, wrong)["batchItemFailures"]) == len(values), field
