"""The AsyncAPI document of the events: what each service publishes, and which functions subscribe to it.

`python -m infra.contract.asyncapi` writes it to docs/events/asyncapi.json, from the events' models and operations.py.
"""

import inspect
from typing import Any

from infra.contract.json_schemas import EVENTS, event_schemas, text
from infra.contract.openapi import TAGS, handler_of
from infra.contract.openapi import VERSION as CONTRACT_VERSION
from infra.operations import CONSUMERS
from shared import events
from shared.events import Event

DOCUMENT = EVENTS / "asyncapi.json"
_MODELS = {event.name(): event for event in events.EVENTS}
_SERVICES = ("profiles", "orders", "billing", "notifications")
_DESCRIPTION = """\
Services publish what has happened as events on an EventBridge bus: `detail-type` is the event's name, `source` the
service that publishes it, and `detail` the payload described here. Each is delivered at least once, in any order; its
`eventId` is the same each time. Consumers ignore unknown fields.
"""


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the platform."""
    schemas = event_schemas()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Order and billing platform: events",
            "version": CONTRACT_VERSION,
            "description": _DESCRIPTION,
            "tags": [{"name": name, "description": TAGS[name]} for name in _SERVICES],
        },
        "defaultContentType": "application/json",
        "servers": {
            "eventBridge": {
                "host": "events.{region}.amazonaws.com",
                "protocol": "eventbridge",
                "description": "Access to the bus is by IAM only, from within the stage's account.",
                "variables": {"region": {"description": "The region of the stage", "examples": ["eu-west-1"]}},
            }
        },
        "channels": {
            "bus": {
                "address": "order-billing-{stage}",
                "description": "The event bus of a stage.",
                "parameters": {"stage": {"description": "The stage, such as dev"}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _MODELS},
            }
        },
        "operations": _sent() | _received(),
        "components": {
            "messages": {name: _message(event) for name, event in _MODELS.items()},
            "schemas": {name: _schema(schemas[f"{name}.v{events.VERSION}.json"]) for name in _MODELS},
        },
    }


def _sent() -> dict[str, Any]:
    says = "Written together with the change that it reports, and put on the bus by the relay."
    return {
        f"{service}.publish": _operation("send", service, _said_by(service), f"Events that {service} publishes", says)
        for service in dict.fromkeys(event.producer for event in events.EVENTS)
    }


def _said_by(service: str) -> tuple[type[Event], ...]:
    return tuple(event for event in events.EVENTS if event.producer == service)


def _received() -> dict[str, Any]:
    operations = {}
    for consumer in CONSUMERS:
        function = consumer.function
        says = inspect.getdoc(handler_of(function.module)) or ""
        summary = f"Events that {function.service} subscribes to, in {function.module}"
        operations[function.module] = _operation("receive", function.service, consumer.hears, summary, says)
    return operations


def _operation(action: str, service: str, about: tuple[type[Event], ...], summary: str, says: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/bus"},
        "summary": summary,
        "description": says,
        "tags": [{"name": service}],
        "messages": [{"$ref": f"#/channels/bus/messages/{event.name()}"} for event in about],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.name(),
        "title": event.name(),
        "summary": inspect.getdoc(event),
        "tags": [{"name": event.producer}],
        "payload": {"$ref": f"#/components/schemas/{event.name()}"},
    }


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in {"$schema", "x-producer"}}


if __name__ == "__main__":
    DOCUMENT.write_text(text(document()))
