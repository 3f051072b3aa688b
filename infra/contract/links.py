"""Links from one operation to the next: documents show them, and stateful tests follow them.

https://spec.openapis.org/oas/v3.1.0#link-object
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """From an operation's success to another operation; values are runtime expressions."""

    name: str
    to: str
    says: str
    parameters: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)

    def as_openapi(self) -> dict[str, Any]:
        """The link object."""
        return {
            "operationId": self.to,
            "description": self.says,
            **({"parameters": self.parameters} if self.parameters else {}),
            **({"requestBody": self.body} if self.body else {}),
        }


def _by_id(name: str, to: str, says: str) -> Link:
    return Link(name=name, to=to, says=says, parameters={"id": "$response.body#/id"})


def _next_page(operation: str) -> Link:
    return Link(
        name="NextPage",
        to=operation,
        says="The page after this one, unless `nextCursor` is null",
        parameters={"cursor": "$response.body#/nextCursor"},
    )


_CREDENTIALS = {"login": "$request.body#/login", "password": "$request.body#/password"}
_GET_ORDER = _by_id("GetOrder", "orders_get_order", "The order")
_EXECUTE = _by_id("ExecuteOrder", "orders_execute_order", "Apply an event to the order")
_SAME_AMOUNT = {"amount": "$response.body#/amount"}

LINKS: dict[str, tuple[Link, ...]] = {
    "auth_register": (Link(name="Login", to="auth_login", says="Sign the new user in", body=_CREDENTIALS),),
    "auth_login": (
        Link(
            name="Refresh",
            to="auth_refresh",
            says="A new access token",
            body={"refreshToken": "$response.body#/refreshToken"},
        ),
    ),
    "billing_get_account": (
        _by_id("GetProfile", "profiles_get_profile", "The owner's profile"),
        _by_id("UpdateProfile", "profiles_update_profile", "Change the owner's profile"),
    ),
    "billing_deposit": (
        Link(name="Withdraw", to="billing_withdraw", says="Withdraw the same amount again", body=_SAME_AMOUNT),
    ),
    "billing_list_transactions": (_next_page("billing_list_transactions"),),
    "orders_create_order": (_GET_ORDER, _EXECUTE),
    "orders_execute_order": (_GET_ORDER, _EXECUTE),
    "orders_list_orders": (
        _next_page("orders_list_orders"),
        Link(
            name="GetFirstOrder",
            to="orders_get_order",
            says="The newest order of the page",
            parameters={"id": "$response.body#/items/0/id"},
        ),
    ),
    "notifications_list_notifications": (_next_page("notifications_list_notifications"),),
}
"""The links of each operation, by operationId."""
