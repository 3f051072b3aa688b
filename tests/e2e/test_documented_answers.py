"""Every route × every answer that the OpenAPI document promises, over HTTP, with IAM enforced.

The cases come from the document: a new route or answer without a case fails here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jsonschema
import pytest

from infra.contract import schema_changes
from infra.contract.openapi import document
from tests.e2e.api import Api, Body, Credentials, User, new_key
from tests.e2e.emulated import EMULATOR_CODE, forget_profile, unconfirmed_user

NEEDS_A_FAULT = {429, 500, 503}
"""Answers that only a fault or a flood brings about: tests/integration makes those."""

NEEDS_A_RACE = {("billing_deposit", 409), ("billing_withdraw", 409), ("orders_create_order", 409)}
"""Ten lost races in a row; tests/integration makes those too."""

HUGE = '{"amount": "' + "9" * 65_536 + '"}'
ANOTHERS = "01990000-0000-7000-8000-00000000a11e"
"""The id of somebody else's profile."""
ASKED = "/auth/istio/api/v1/orders"
MALFORMED = '{"amount": 1'
JSON = {"content-type": "application/json"}
XML = {"content-type": "application/xml"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a case may use."""

    api: Api
    user: User


type Case = Callable[[Setting], httpx.Response]

CASES: dict[tuple[str, int], Case] = {}


def answers(operation: str, status: int) -> Callable[[Case], Case]:
    """The decorated function provokes this answer of this operation."""

    def keep(case: Case) -> Case:
        CASES[operation, status] = case
        return case

    return keep


def _case(operation: str, status: int, case: Case) -> None:
    CASES[operation, status] = case


@cache
def openapi() -> dict[str, Any]:
    """The document that the code makes."""
    return document()


def resolved(thing: schema_changes.Schema) -> schema_changes.Schema:
    """The target of `thing` in the document if it is a reference, else itself."""
    return schema_changes.resolved(thing, openapi())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the document: method, path, and what it says."""
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def documented() -> list[tuple[str, int]]:
    """Every answer that is possible without a fault."""
    promised = [
        (operation["operationId"], int(status)) for _, _, operation in operations() for status in operation["responses"]
    ]
    return [answer for answer in promised if answer[1] not in NEEDS_A_FAULT and answer not in NEEDS_A_RACE]


# What all operations with a body, a token or a key have in common.

EXAMPLE_BODIES: dict[str, Body] = {
    "auth_register": Credentials().registration(),
    "auth_confirm_registration": {"login": "nobody", "code": "123456"},
    "auth_login": {"login": "nobody", "password": "Wrong-pass-1"},
    "auth_refresh": {"refreshToken": "x.y.z"},
    "auth_logout": {},
    "profiles_create_profile": {},
    "profiles_update_profile": {},
    "billing_deposit": {"amount": 5},
    "billing_withdraw": {"amount": 5},
    "orders_create_order": {"productQuantity": 1},
    "orders_execute_order": {"event": "CANCEL"},
}


def _request(setting: Setting, method: str, path: str, *, signed_in: bool = True, **options: Any) -> httpx.Response:
    client = setting.user if signed_in else setting.api
    order = "01990000-0000-7000-8000-000000000000"
    own = setting.user.profile_id if path.startswith("/profiles") else order
    headers = {**new_key(), **options.pop("headers", {})}
    return client.request(
        method,
        path.replace("{id}", own).replace("{orderId}", order).replace("{proxy}", "orders"),
        headers=headers,
        **options,
    )


def _common_cases(method: str, path: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    if operation["security"]:
        forged = {"authorization": "Bearer not.a.token"}
        _case(name, 401, lambda setting: _request(setting, method, path, headers=forged))
    if "requestBody" in operation:
        _case(name, 400, lambda setting: _request(setting, method, path, content=MALFORMED, headers=JSON))
        _case(name, 413, lambda setting: _request(setting, method, path, content=HUGE, headers=JSON))
        _case(name, 415, lambda setting: _request(setting, method, path, content="<amount/>", headers=XML))
        unknown = {**EXAMPLE_BODIES[name], "unknown": 1}
        _case(name, 422, lambda setting: _request(setting, method, path, json=unknown))
    if any(resolved(parameter)["name"] == "cursor" for parameter in operation["parameters"]):
        _case(name, 400, lambda setting: _request(setting, method, path, params={"cursor": "tampered"}))
        _case(name, 422, lambda setting: _request(setting, method, path, params={"limit": "0"}))


for _method, _path, _operation in operations():
    _common_cases(_method, _path, _operation)


# auth


@answers("auth_register", 201)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/register", Credentials().registration())


@answers("auth_register", 409)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/register", setting.user.credentials.registration())


@answers("auth_confirm_registration", 204)
def _(setting: Setting) -> httpx.Response:
    with unconfirmed_user(setting.api) as credentials:
        return setting.api.post("/register/confirm", {"login": credentials.login, "code": EMULATOR_CODE})


@answers("auth_login", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/login", setting.user.credentials.sign_in())


@answers("auth_login", 401)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/login", {**setting.user.credentials.sign_in(), "password": "Wrong-pass-1"})


@answers("auth_login", 403)
def _(setting: Setting) -> httpx.Response:
    with unconfirmed_user(setting.api) as credentials:
        return setting.api.post("/login", credentials.sign_in())


@answers("auth_refresh", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/refresh", {"refreshToken": setting.user.tokens.refresh})


@answers("auth_refresh", 401)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/refresh", {"refreshToken": "not.a.token"})


@answers("auth_logout", 204)
def _(setting: Setting) -> httpx.Response:
    return setting.user.post("/logout", {})


@answers("auth_get_signing_keys", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/.well-known/jwks.json")


for _method in ("GET", "POST", "PATCH"):
    _name = f"check_request_{_method.lower()}"

    def _checked(setting: Setting, method: str = _method) -> httpx.Response:
        return setting.user.request(method, ASKED)

    def _ended(setting: Setting, method: str = _method) -> httpx.Response:
        assert setting.user.post("/logout", {}).status_code == 204
        return setting.user.request(method, ASKED)

    CASES |= {(_name, 200): _checked, (_name, 401): _ended}


# profiles


@answers("profiles_create_profile", 201)
def _(setting: Setting) -> httpx.Response:
    forget_profile(setting.user)
    return setting.user.post("/profiles", {"fullName": "Ada Lovelace"})


@answers("profiles_create_profile", 409)
def _(setting: Setting) -> httpx.Response:
    return setting.user.post("/profiles", {})


@answers("profiles_get_profile", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/profiles/{setting.user.profile_id}")


@answers("profiles_get_profile", 403)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/profiles/{ANOTHERS}")


@answers("profiles_update_profile", 403)
def _(setting: Setting) -> httpx.Response:
    return setting.user.patch(f"/profiles/{ANOTHERS}", {"age": 36})


@answers("profiles_get_profile", 404)
def _(setting: Setting) -> httpx.Response:
    forget_profile(setting.user)
    return setting.user.get(f"/profiles/{setting.user.profile_id}")


@answers("profiles_update_profile", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.patch(f"/profiles/{setting.user.profile_id}", {"age": 36})


@answers("profiles_update_profile", 404)
def _(setting: Setting) -> httpx.Response:
    forget_profile(setting.user)
    return setting.user.patch(f"/profiles/{setting.user.profile_id}", {"age": 36})


# billing


@answers("billing_get_account", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get("/billing/account")


@answers("billing_deposit", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.post("/billing/account/deposit", {"amount": 12.5}, headers=new_key())


@answers("billing_withdraw", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.with_money(10).post("/billing/account/withdraw", {"amount": 10}, headers=new_key())


@answers("billing_withdraw", 402)
def _(setting: Setting) -> httpx.Response:
    return setting.user.post("/billing/account/withdraw", {"amount": 1}, headers=new_key())


@answers("billing_list_transactions", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.with_money(10).get("/billing/account/transactions")


@answers("billing_get_payment", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/billing/payments/{setting.user.with_money(10).order_in('PAID')['id']}")


@answers("billing_get_payment", 404)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/billing/payments/{setting.api.new_user().with_money(10).order_in('PAID')['id']}")


# orders


@answers("orders_create_order", 201)
def _(setting: Setting) -> httpx.Response:
    return setting.user.post("/orders", {"productQuantity": 2}, headers=new_key())


@answers("orders_list_orders", 200)
def _(setting: Setting) -> httpx.Response:
    setting.user.new_order()
    return setting.user.get("/orders?state=CREATED")


@answers("orders_get_order", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/orders/{setting.user.new_order()['id']}")


@answers("orders_get_order", 404)
def _(setting: Setting) -> httpx.Response:
    return setting.user.get(f"/orders/{setting.api.new_user().new_order()['id']}")


@answers("orders_execute_order", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.user.execute(setting.user.new_order(), "EDIT", productQuantity=2)


@answers("orders_execute_order", 402)
def _(setting: Setting) -> httpx.Response:
    return setting.user.execute(setting.user.new_order(), "CONFIRM")


@answers("orders_execute_order", 404)
def _(setting: Setting) -> httpx.Response:
    return setting.user.execute(setting.api.new_user().new_order(), "CONFIRM")


@answers("orders_execute_order", 409)
def _(setting: Setting) -> httpx.Response:
    return setting.user.execute(setting.user.new_order(), "COMPLETE")


# notifications, health, the document


@answers("notifications_list_notifications", 200)
def _(setting: Setting) -> httpx.Response:
    setting.user.with_money(1).until("/notifications", lambda page: page["items"])
    return setting.user.get("/notifications")


@answers("profiles_health", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/health")


for _service in ("orders", "billing", "notifications"):

    def _healthy(setting: Setting, service: str = _service) -> httpx.Response:
        return setting.api.get(f"/{service}/health")

    _case(f"{_service}_health", 200, _healthy)


@answers("contract_get_openapi", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/openapi.json")


@answers("contract_get_docs", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/docs")


@answers("contract_get_docs_file", 200)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/docs/oauth2-redirect.js")


@answers("contract_get_docs_file", 404)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/docs/get_docs.py")


@answers("hosted_login_get", 307)
def _(setting: Setting) -> httpx.Response:
    return setting.api.get("/oauth2/authorize?response_type=code")


@answers("hosted_login_post", 307)
def _(setting: Setting) -> httpx.Response:
    return setting.api.post("/oauth2/token")


@pytest.mark.parametrize(("operation", "status"), documented(), ids=str)
def test_the_documented_answer_is_given_as_documented(api: Api, operation: str, status: int) -> None:
    answer = CASES[operation, status](Setting(api, api.new_user()))

    assert answer.status_code == status, answer.text
    assert_as_documented(operation, answer)


def assert_as_documented(operation_id: str, answer: httpx.Response) -> None:
    """The body has a media type documented for this status, and its schema."""
    [operation] = [operation for _, _, operation in operations() if operation["operationId"] == operation_id]
    response = resolved(operation["responses"][str(answer.status_code)])
    promised = response.get("content")
    for name, header in response.get("headers", {}).items():
        if resolved(header).get("required"):
            assert name in answer.headers
    if promised is None:
        assert answer.content in {b"", b"{}"}
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in promised, (media_type, answer.text)
    schema = {**promised[media_type]["schema"], "components": openapi()["components"]}
    jsonschema.validate(answer.text if media_type.startswith("text/") else answer.json(), _closed(schema))
    if media_type == "application/problem+json":
        problem = answer.json()
        assert problem["code"] in promised[media_type]["examples"]
        assert problem["status"] == answer.status_code


def _closed(schema: Any) -> Any:
    """The schema without additional fields: an answer has only documented ones."""
    match schema:
        case dict():
            closed = {name: _closed(member) for name, member in schema.items()}
            return {"additionalProperties": False, **closed} if "properties" in schema else closed
        case list():
            return [_closed(member) for member in schema]
        case _:
            return schema
