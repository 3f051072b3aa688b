"""AWS::Cognito::ManagedLoginBranding: a client of managed login without one has no login page.

As https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-branding.html has it. Its style is not
applied: the emulator's page has its own, and the unpatched emulator shows it to every client.
"""

import uuid
from collections.abc import Callable
from typing import Any

from ministack.services import cognito
from ministack.services.cloudformation import provisioners

_MANAGED_LOGIN = 2
_NO_PAGE = "<!doctype html><title>Sign in</title><p>Login pages unavailable. Please contact an administrator.</p>"
_branded: dict[str, str] = {}
"""The app client of each branding."""


def install() -> None:
    """Support it in templates, and show no page to a client without one."""
    provisioners._RESOURCE_HANDLERS["AWS::Cognito::ManagedLoginBranding"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    cognito._login_page_html = _of_the_branded(cognito._login_page_html)


def _of_the_branded(page: Callable[..., str]) -> Callable[..., str]:
    def handle(client_id: str, *fields: Any, **more: Any) -> str:
        pool, _ = cognito._pool_for_client(client_id)
        versions = (pool or {}).get("_managed_login_versions", {}).values()
        if _MANAGED_LOGIN in versions and client_id not in _branded.values():
            return _NO_PAGE
        return page(client_id, *fields, **more)

    return handle


def _create(_logical_id: str, properties: dict[str, Any], _stack_name: str) -> tuple[str, dict[str, str]]:
    branding_id = str(uuid.uuid4())
    _branded[branding_id] = properties["ClientId"]
    return branding_id, {"ManagedLoginBrandingId": branding_id}


def _update(physical_id: str, _old: object, new: dict[str, Any], _stack_name: str) -> tuple[str, dict[str, str]]:
    _branded[physical_id] = new["ClientId"]
    return physical_id, {"ManagedLoginBrandingId": physical_id}


def _delete(physical_id: str, _properties: object) -> None:
    _branded.pop(physical_id, None)
