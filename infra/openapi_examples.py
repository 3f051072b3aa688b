"""Examples of what goes over the wire: one user's story. Tests hold them against the schemas."""

from typing import Any

from shared.problems import (
    FieldError,
    OrderStateConflictError,
    ProblemDocument,
    ProblemError,
    ValidationFailedError,
)

type Named = dict[str, tuple[str, Any]]
"""Examples by name, each with what it shows."""

PROFILE_ID = "0d9c3c0e-7d0b-4d3a-9a51-3c1f6a2b8e47"
ORDER_ID = "01936a4e-5b1c-7f3e-8d2a-6c4b9e0f1a23"
_TRANSACTION_ID = "01936a4d-9e2f-7c55-a3b1-0f8d7e6c5b4a"
_REQUEST_ID = "8f1d2c3b-4a59-4e68-9c7d-0b1a2f3e4d5c"
_MOMENT = "2026-11-24T13:07:09.123Z"
_TOKEN = "eyJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJzdWIiOiIwZDljM2MwZSJ9.c2lnbmF0dXJl"  # noqa: S105 - signs nobody in
_PASSWORD = "Correct-horse-7"  # noqa: S105 - nobody's

_ORDER = {
    "id": ORDER_ID,
    "profileId": PROFILE_ID,
    "orderNumber": 1,
    "state": "CREATED",
    "productQuantity": 3,
    "unitPrice": 10.00,
    "amount": 30.00,
    "currency": "USD",
    "cancelReason": None,
    "version": 1,
    "createdAt": _MOMENT,
    "updatedAt": _MOMENT,
}
_PAID = _ORDER | {"state": "PAID", "version": 3, "updatedAt": "2026-11-24T13:08:11.456Z"}
_PROFILE = {
    "id": PROFILE_ID,
    "email": "ada@example.com",
    "login": "ada",
    "fullName": "Ada Lovelace",
    "age": 36,
    "createdAt": _MOMENT,
    "updatedAt": _MOMENT,
}
_TOKENS = {
    "token": _TOKEN,
    "refreshToken": _TOKEN,
    "idToken": _TOKEN,
    "tokenType": "Bearer",
    "expiresIn": 3600,
}
_MOVED = {
    "transactionId": _TRANSACTION_ID,
    "amount": 100.00,
    "balance": 100.00,
    "currency": "USD",
    "createdAt": _MOMENT,
}
_HEALTHY = {"status": "OK", "checks": {"table": "OK"}}
_DOWN = {"status": "DOWN", "checks": {"table": "DOWN"}}
_NO_MORE = None


def _page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": [*items], "nextCursor": _NO_MORE}


BODIES: dict[str, Named] = {
    "auth.register": {
        "ada": ("A new user", {"login": "ada", "email": "ada@example.com", "password": _PASSWORD}),
    },
    "auth.confirm_registration": {"code": ("The code from the e-mail", {"login": "ada", "code": "123456"})},
    "auth.login": {
        "login": ("By login", {"login": "ada", "password": _PASSWORD}),
        "email": ("By e-mail address", {"login": "ada@example.com", "password": _PASSWORD}),
    },
    "auth.refresh": {"refresh": ("What signing in gave", {"refreshToken": _TOKEN})},
    "auth.logout": {
        "here": ("This session", {}),
        "everywhere": ("All of the user's sessions", {"everywhere": True, "refreshToken": _TOKEN}),
    },
    "profiles.create_profile": {
        "empty": ("Nothing said", {}),
        "ada": ("Name and age", {"fullName": "Ada Lovelace", "age": 36}),
    },
    "profiles.update_profile": {
        "name": ("Set the name, keep the age", {"fullName": "Ada Lovelace"}),
        "clear": ("Clear the age", {"age": None}),
    },
    "billing.deposit": {"hundred": ("A hundred", {"amount": 100})},
    "billing.withdraw": {"change": ("With decimal places", {"amount": 12.5})},
    "orders.create_order": {
        "three": ("Three pieces", {"productQuantity": 3}),
        "incomplete": ("Quantity still open", {}),
    },
    "orders.execute_order": {
        "edit": ("Change the quantity", {"event": "EDIT", "productQuantity": 3}),
        "confirm": ("Pay it", {"event": "CONFIRM"}),
        "cancel": ("End it", {"event": "CANCEL", "reason": "changed my mind"}),
        "complete": ("It is delivered", {"event": "COMPLETE"}),
    },
}
"""Bodies of requests, by the module of their function."""

ANSWERS: dict[str, Any] = {
    "auth.register": {"userId": PROFILE_ID, "profileId": PROFILE_ID},
    "auth.login": _TOKENS,
    "auth.refresh": _TOKENS,
    "auth.get_signing_keys": {
        "keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "sXch"}]
    },
    "profiles.create_profile": _PROFILE,
    "profiles.get_profile": _PROFILE,
    "profiles.update_profile": _PROFILE,
    "profiles.health": _HEALTHY,
    "billing.get_account": {"id": PROFILE_ID, "balance": 100.00, "currency": "USD", "updatedAt": _MOMENT},
    "billing.deposit": _MOVED,
    "billing.withdraw": _MOVED | {"amount": 12.50, "balance": 87.50},
    "billing.list_transactions": _page(
        {
            "transactionId": _TRANSACTION_ID,
            "sequence": 1,
            "kind": "DEPOSIT",
            "amount": 100.00,
            "balanceAfter": 100.00,
            "currency": "USD",
            "orderId": None,
            "createdAt": _MOMENT,
        }
    ),
    "billing.health": _HEALTHY,
    "orders.create_order": _ORDER,
    "orders.list_orders": _page(_PAID),
    "orders.get_order": _PAID,
    "orders.execute_order": _PAID,
    "orders.health": _HEALTHY,
    "notifications.list_notifications": _page(
        {
            "id": _TRANSACTION_ID,
            "type": "OrderPaid",
            "text": "Your order was paid: 30.00 USD.",
            "orderId": ORDER_ID,
            "amount": 30.00,
            "createdAt": _MOMENT,
        }
    ),
    "notifications.health": _HEALTHY,
    "contract.get_openapi": {"openapi": "3.1.0", "info": {"title": "Order and billing platform", "version": "1.0.0"}},
}
"""Bodies of success, by the module of their function."""

ALSO: dict[str, Any] = {"HealthView": _DOWN}
"""Bodies of other answers that are no problem documents, by the name of their shape."""

GATEWAY_MESSAGES = {
    401: "Unauthorized",
    403: "Forbidden",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""API Gateway's own words."""


def problem(kind: type[ProblemError]) -> ProblemDocument:
    """The problem document of an error, as the code writes it."""
    return _raised(kind).document(instance="/api/v1/orders", request_id=_REQUEST_ID)


def _raised(kind: type[ProblemError]) -> ProblemError:
    if kind is OrderStateConflictError:
        return OrderStateConflictError("COMPLETED", "CANCEL")
    if kind is ValidationFailedError:
        wrong: FieldError = {"field": "productQuantity", "message": "is required"}
        return ValidationFailedError([wrong])
    return kind()
