"""AWS::Cognito::ManagedLoginBranding: taken note of, and no more. The emulator's login page has a look of its own."""

import uuid
from typing import Any

from ministack.services.cloudformation import provisioners


def install() -> None:
    """Let a template have one."""
    provisioners._RESOURCE_HANDLERS["AWS::Cognito::ManagedLoginBranding"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _create(_logical_id: str, _properties: dict[str, Any], _stack_name: str) -> tuple[str, dict[str, str]]:
    branding_id = str(uuid.uuid4())
    return branding_id, {"ManagedLoginBrandingId": branding_id}


def _update(physical_id: str, _old: object, _new: object, _stack_name: str) -> tuple[str, dict[str, str]]:
    return physical_id, {"ManagedLoginBrandingId": physical_id}


def _delete(_physical_id: str, _properties: object) -> None:
    return
