"""Bodies in every odd spelling, and the API's answer to each: numbers, nested, mistyped, unknown, missing, null."""

import pytest

from tests.integration.factories import create_order, keyed, with_profile
from tests.scaffolding.world import Answer, User, World

NAME = "fullName: must be 1 to 200 characters on one line, without control characters or direction overrides"
REASON = "reason: must be text of at most 500 characters, without control characters or direction overrides"


def sent(world: World, user: User, operation: str, body: str) -> Answer:
    """The answer of an operation to a body."""
    match operation:
        case "create":
            return world.request("POST", "/orders", user, body=body, headers=keyed())
        case "execute":
            order_id = create_order(world, user).json["id"]
            return world.request("POST", f"/orders/{order_id}/execute", user, body=body)
        case "deposit":
            return world.request("POST", "/billing/account/deposit", user, body=body, headers=keyed())
        case "profile":
            with_profile(world, user)
            return world.request("PATCH", f"/profiles/{user.profile_id}", user, body=body)
        case "logout":
            return world.request("POST", "/logout", user, body=body)
        case _:
            return world.request("POST", "/register", body=body)


@pytest.mark.parametrize(
    ("operation", "body", "field", "value"),
    [
        ("create", '{"productQuantity":3}', "productQuantity", "3"),
        ("create", '{"productQuantity":3.0}', "productQuantity", "3"),
        ("create", '{"productQuantity":1e2}', "productQuantity", "100"),
        ("create", '{"productQuantity":30e-1}', "productQuantity", "3"),
        ("create", '{"productQuantity":null}', "productQuantity", "None"),
        ("create", "", "productQuantity", "None"),
        ("deposit", '{"amount":12.5}', "amount", "12.50"),
        ("deposit", '{"amount":12.500}', "amount", "12.50"),
        ("deposit", '{"amount":1e2}', "amount", "100.00"),
        ("execute", r'{"event":"CANCEL","reason":"\ud83d\ude00"}', "cancelReason", "\N{GRINNING FACE}"),
        ("execute", r'{"event":"CANCEL"}', "cancelReason", "None"),
        ("execute", r'{"event":"CANCEL","reason":" \t "}', "cancelReason", "None"),
        ("execute", r'{"event":"CANCEL","reason":""}', "cancelReason", "None"),
        ("execute", r'{"event":"CANCEL","reason":" one\n\ttwo "}', "cancelReason", "one\n\ttwo"),
        (
            "profile",
            r'{"fullName":"Zoe\u0308 \u0645\u062d\u0645\u062f"}',
            "fullName",
            "Zoe\u0308 \u0645\u062d\u0645\u062f",
        ),
        ("profile", r'{"fullName":"\ud83d\udc69\u200d\ud83d\udc67"}', "fullName", "\U0001f469\u200d\U0001f467"),
        ("profile", '{"fullName":"  Ada "}', "fullName", "Ada"),
        ("profile", r'{"fullName":"Ada\u00a0"}', "fullName", "Ada"),
        ("profile", '{"fullName":null}', "fullName", "None"),
        ("profile", '{"age":36.0}', "age", "36"),
    ],
)
def test_what_is_meant_well_is_taken_however_it_is_spelled(
    world: World, ada: User, operation: str, body: str, field: str, value: str
) -> None:
    answer = sent(world, ada, operation, body)
    assert answer.status < 300, answer.text
    assert str(answer.json[field]) == value


@pytest.mark.parametrize(
    ("operation", "body", "errors"),
    [
        ("create", '{"productQuantity":3.5}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":3.0000000000000001}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":true}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":"3"}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":[3]}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":{"value":3}}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":0}', "productQuantity: must be at least 1"),
        ("create", '{"productQuantity":-0.0}', "productQuantity: must be at least 1"),
        ("create", '{"productQuantity":1000001}', "productQuantity: must be at most 1000000"),
        ("create", '{"productQuantity":' + "9" * 4000 + "}", "productQuantity: must be at most 1000000"),
        ("create", '{"productQuantity":1e400}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":1E+999999999}', "productQuantity: must be a whole number"),
        ("create", '{"productQuantity":3,"price":1}', "price: is not a field of this operation; leave it out"),
        ("deposit", "{}", "amount: is required"),
        ("deposit", '{"amount":12.345}', "amount: must have at most 2 decimal places"),
        ("deposit", '{"amount":12.340000000000000000000000000001}', "amount: must have at most 2 decimal places"),
        ("deposit", '{"amount":0}', "amount: must be greater than 0"),
        ("deposit", '{"amount":-1}', "amount: must be greater than 0"),
        ("deposit", '{"amount":1000000.01}', "amount: must be at most 1000000.00"),
        ("deposit", '{"amount":1e999999}', "amount: must be at most 1000000.00"),
        ("deposit", '{"amount":"5"}', "amount: must be a JSON number"),
        ("deposit", '{"amount":true}', "amount: must be a JSON number"),
        ("deposit", '{"amount":null}', "amount: must be a JSON number"),
        ("execute", "{}", "event: is required"),
        ("execute", '{"event":"SHIP"}', "event: must be one of 'EDIT', 'CONFIRM', 'PAID', 'CANCEL', 'COMPLETE'"),
        ("execute", '{"event":["CANCEL"]}', "event: must be one of 'EDIT', 'CONFIRM', 'PAID', 'CANCEL', 'COMPLETE'"),
        ("execute", '{"event":"EDIT"}', "productQuantity: is required"),
        ("execute", '{"event":"EDIT","productQuantity":null}', "productQuantity: must be a whole number"),
        (
            "execute",
            '{"event":"CONFIRM","productQuantity":3}',
            "productQuantity: is not a field of this operation; leave it out",
        ),
        ("execute", '{"event":"CANCEL","reason":5}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"\ud800"}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"a\u0000b"}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"\u202eevil"}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"a\u2066b"}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"a\u007fb"}', REASON),
        ("execute", r'{"event":"CANCEL","reason":"a\u0085b"}', REASON),
        ("execute", '{"event":"CANCEL","reason":"' + "x" * 501 + '"}', REASON),
        ("profile", r'{"fullName":"Ada\u202e"}', NAME),
        ("profile", r'{"fullName":"A\nda"}', NAME),
        ("profile", r'{"fullName":"A\u2028da"}', NAME),
        ("profile", r'{"fullName":"\u2069Ada"}', NAME),
        (
            "profile",
            '{"fullName":"   "}',
            NAME,
        ),
        (
            "profile",
            r'{"fullName":"A\u0000da"}',
            NAME,
        ),
        (
            "profile",
            '{"age":-1,"x":1}',
            "age: must be at least 0; x: is not a field of this operation; leave it out",
        ),
        ("profile", '{"age":151}', "age: must be at most 150"),
        ("logout", '{"everywhere":1}', "everywhere: must be true or false"),
        ("logout", '{"everywhere":null}', "everywhere: must be true or false"),
        ("logout", '{"refreshToken":"a b"}', "refreshToken: must be a refresh token that signing in gave"),
        (
            "register",
            '{"login":"ada","email":"a@b.co","password":"Correct-horse-7 "}',
            "password: must be one line of at most 256 characters, without a blank at its ends",
        ),
        (
            "register",
            r'{"login":"ada\n","email":"a@b","password":"Correct-horse-7"}',
            (
                "email: must be an e-mail address of at most 254 characters; "
                "login: must be 3 to 64 letters, digits, dots, underscores or hyphens"
            ),
        ),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_wrong_is_refused_by_field_with_the_fix(
    world: World, ada: User, operation: str, body: str, errors: str
) -> None:
    answer = sent(world, ada, operation, body)
    assert (answer.status, answer.json["code"]) == (422, "validation-failed")
    assert "; ".join(f"{error['field']}: {error['message']}" for error in answer.json["errors"]) == errors


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "3",
        "{",
        '{"productQuantity":NaN}',
        '{"productQuantity":Infinity}',
        '{"productQuantity":' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"productQuantity":1e99999999999999999999}',
    ],
    ids=lambda body: body[:30],
)
def test_what_is_no_json_object_is_malformed(world: World, ada: User, body: str) -> None:
    answer = sent(world, ada, "create", body)
    assert (answer.status, answer.json["code"]) == (400, "malformed-request")
