"""No body can set undocumented fields: they are rejected by name, and nothing changes.

Operations and fields come from the OpenAPI document, so that new ones are tried automatically.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.api import Api, Body, Credentials, User, exact, new_key
from tests.e2e.test_documented_answers import EXAMPLE_BODIES, openapi, operations

INSIDE = (
    "sub",
    "email_verified",
    "cognito:groups",
    "custom:role",
    "endedBefore",
    "expiresAt",
    "pk",
    "sk",
    "event_",
    "__proto__",
    "constructor",
)
"""Names of the inside, and those that other languages fall for."""
EXECUTE_BODIES: dict[str, Body] = {
    "EDIT": {"event": "EDIT", "productQuantity": 5},
    "CONFIRM": {"event": "CONFIRM"},
    "CANCEL": {"event": "CANCEL"},
    "COMPLETE": {"event": "COMPLETE"},
}


def shown() -> set[str]:
    """Every field that any answer has."""
    schemas = openapi()["components"]["schemas"]
    return {field for name, schema in schemas.items() if name.endswith("View") for field in schema["properties"]}


def bodies() -> Iterator[tuple[str, str, str, Body]]:
    """Every operation that takes a body, and a good one for it."""
    for method, path, operation in operations():
        if "requestBody" in operation:
            name = operation["operationId"]
            variants = EXECUTE_BODIES.values() if name == "orders_execute_order" else [EXAMPLE_BODIES[name]]
            yield from ((name, method, path, body) for body in variants)


def _case(value: str | Body) -> str:
    """How a test's name tells this parameter: some bodies have other values each time."""
    return value if isinstance(value, str) else str(value.get("event", "body"))


def taken_by(name: str, body: Body) -> set[str]:
    """The fields that an operation takes, or this event of execute."""
    schemas = openapi()["components"]["schemas"]
    [content] = [
        operation["requestBody"]["content"] for _, _, operation in operations() if operation["operationId"] == name
    ]
    schema = content["application/json"]["schema"]
    variants = schemas[schema["$ref"].rsplit("/", 1)[1]]
    references = [each["$ref"] for each in variants.get("oneOf", variants.get("anyOf", [schema]))]
    models = [schemas[reference.rsplit("/", 1)[1]]["properties"] for reference in references]
    if "event" in body:
        models = [
            model for model in models if body["event"] in model["event"].get("enum", [model["event"].get("const")])
        ]
    [model] = models
    return set(model)


def everything_of(user: User, order: Body) -> list[Any]:
    """All that a user has."""
    places = (f"/profiles/{user.profile_id}", "/billing/account", "/billing/account/transactions", "/orders")
    return [exact(user.get(place)) for place in (*places, f"/orders/{order['id']}")]


@pytest.mark.parametrize(("name", "method", "path", "body"), list(bodies()), ids=_case)
def test_a_field_that_is_not_the_clients_to_set_is_refused_by_name(
    user: User, name: str, method: str, path: str, body: Body
) -> None:
    order = user.with_money(100).new_order()
    before = everything_of(user, order)
    place = user.profile_id if path.startswith("/profiles") else order["id"]
    foreign = sorted((shown() | set(INSIDE)) - taken_by(name, body))
    assert len(foreign) > 20

    answer = user.request(
        method, path.replace("{id}", place), json={**body, **dict.fromkeys(foreign, "given")}, headers=new_key()
    )

    assert answer.status_code == 422, answer.text
    assert sorted(error["field"] for error in answer.json()["errors"]) == foreign
    assert "given" not in answer.text
    assert everything_of(user, order) == before


def test_registering_with_a_role_registers_nobody(api: Api) -> None:
    somebody = Credentials()

    assert api.post("/register", {**somebody.registration(), "custom:role": "admin"}).status_code == 422
    assert api.post("/login", somebody.sign_in()).status_code == 401
