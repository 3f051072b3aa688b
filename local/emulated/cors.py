"""CORS of an API that a template makes: CloudFormation writes `AllowOrigins`, the emulator looks for `allowOrigins`."""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

type Properties = dict[str, Any]


def install() -> None:
    """Let the emulator find the template's setting."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]
    handlers["create"] = _created_by(create)
    handlers["update"] = _updated_by(update)


def _created_by(create: Callable[..., Any]) -> Callable[..., Any]:
    def handle(logical_id: str, properties: Properties, stack_name: str) -> Any:
        return create(logical_id, _as_the_service_writes(properties), stack_name)

    return handle


def _updated_by(update: Callable[..., Any]) -> Callable[..., Any]:
    def handle(physical_id: str, old: Properties, new: Properties, *names: str, **named: str) -> Any:
        return update(physical_id, _as_the_service_writes(old), _as_the_service_writes(new), *names, **named)

    return handle


def _as_the_service_writes(properties: Properties) -> Properties:
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    return {**properties, "CorsConfiguration": {name[0].lower() + name[1:]: value for name, value in cors.items()}}
