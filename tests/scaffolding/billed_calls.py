"""The AWS calls that functions make in a world, with what DynamoDB would bill for each."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, get_args

from botocore.model import OperationModel

from shared import aws
from tests.scaffolding.request_units import Index, Item, Units, indexes_of, request_units
from tests.scaffolding.template import table_definitions
from tests.scaffolding.world import Service, World

NOTHING = Units()


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the service, the operation, and DynamoDB's request units."""

    service: str
    operation: str
    units: Units = NOTHING


@contextmanager
def billed_calls(world: World) -> Iterator[list[Call]]:
    """All calls made while the block runs, in order of their start."""
    calls: list[Call] = []
    meter = _Meter(world, calls)
    with ExitStack() as tapped:
        for service in get_args(Service.__value__):
            client = aws.client(service)
            # By operation, to come before the world's own stand-ins.
            for operation in client.meta.service_model.operation_names:
                for moment, hook in (("before-call", meter.begin), ("after-call", meter.end)):
                    event = f"{moment}.{service}.{operation}"
                    client.meta.events.register_first(event, hook)
                    tapped.callback(client.meta.events.unregister, event, hook)
        yield calls


class _Meter:
    def __init__(self, world: World, calls: list[Call]) -> None:
        self._world = world
        self._calls = calls
        self._keys = {name: _key_names(definition) for name, definition in table_definitions().items()}
        self._indexes: dict[str, tuple[Index, ...]] = {
            name: indexes_of(definition) for name, definition in table_definitions().items()
        }

    def begin(self, *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        """Note a call, and the stored item that it may replace."""
        service = model.service_model.service_name
        context["place"] = len(self._calls)
        self._calls.append(Call(service, model.name))
        if service == "dynamodb":
            context["parameters"] = parameters = json.loads(params["body"])
            context["before"] = {
                self._key(table, item): self._world.stored(table, item) for table, item in _written(parameters)
            }

    def end(self, *, model: OperationModel, parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        """Note its cost."""
        if "parameters" not in context:
            return
        replaced = context["before"]

        def before(table: str, item: Item) -> Item | None:
            found: Item | None = replaced[self._key(table, item)]
            return found

        units = request_units(model.name, context["parameters"], parsed, indexes=self._indexes, before=before)
        self._calls[context["place"]] = Call("dynamodb", model.name, units)

    def _key(self, table: str, item: Item) -> tuple[str, ...]:
        return (table, *(item[name]["S"] for name in self._keys[table]))


def _key_names(definition: dict[str, Any]) -> list[str]:
    return [key["AttributeName"] for key in definition["KeySchema"]]


def _written(parameters: dict[str, Any]) -> Iterator[tuple[str, Item]]:
    """The tables that a call writes to, each with the new item or its key."""
    parts = parameters.get("TransactItems")
    for request in [parameters] if parts is None else [request for part in parts for request in part.values()]:
        if item := request.get("Item") or request.get("Key"):
            yield request["TableName"], item
