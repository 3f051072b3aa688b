"""Request bodies: what is wrong is said field by field, and never by repeating the value."""

from decimal import Decimal
from typing import Annotated, Literal

import pytest

from shared.body import Body
from shared.fields import Text, Whole
from shared.problems import (
    BodyTooLargeError,
    MalformedRequestError,
    ProblemError,
    UnsupportedContentTypeError,
    ValidationFailedError,
)
from shared.wire import write_json
from tests.unit.gateway import request

SECRET = "hunter2-hunter2"  # noqa: S105 - what must not come back


class SignUpBody(Body):
    """A body with each kind of field that operations have."""

    login: Annotated[str, Text(min_length=3, max_length=8)]
    password: Annotated[str, Text(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")]
    age: Annotated[int, Whole(0, 150)] | None = None
    newsletter: bool = False
    plan: Literal["FREE", "PAID"] = "FREE"
    weight: Decimal | None = None


def a_body(**changes: object) -> dict[str, object]:
    """A good sign-up, with `changes`."""
    return {"login": "ada", "password": SECRET, **changes}


def refusal(body: dict[str, object]) -> ValidationFailedError:
    """What is said about a bad body."""
    with pytest.raises(ValidationFailedError) as refused:
        SignUpBody.of_object(body)
    return refused.value


def test_a_good_body_is_understood() -> None:
    body = SignUpBody.of_object(a_body(age=36, newsletter=True, plan="PAID", weight=Decimal("12.50")))
    assert (body.login, body.password, body.age, body.newsletter) == ("ada", SECRET, 36, True)
    assert (body.plan, body.weight) == ("PAID", Decimal("12.50"))


def test_what_was_left_out_has_its_default_and_counts_as_not_given() -> None:
    body = SignUpBody.of_object(a_body(age=None))
    assert (body.age, body.newsletter, body.plan) == (None, False, "FREE")
    assert body.given() == a_body(age=None)


def test_a_body_comes_out_of_a_request() -> None:
    assert SignUpBody.of(request(write_json(a_body()))).login == "ada"


def test_a_missing_field_is_named() -> None:
    assert refusal({"login": "ada"}).errors == [{"field": "password", "message": "is required"}]


def test_without_any_body_all_required_fields_are_missing() -> None:
    with pytest.raises(ValidationFailedError) as refused:
        SignUpBody.of(request())
    assert [error["field"] for error in refused.value.errors] == ["login", "password"]


def test_an_unknown_field_is_named() -> None:
    (error,) = refusal(a_body(admin=True)).errors
    assert error["field"] == "admin"
    assert "not a field" in error["message"]


def test_every_wrong_field_is_named_at_once() -> None:
    errors = refusal({"login": "a", "age": -1, "extra": 0}).errors
    assert {error["field"] for error in errors} == {"login", "password", "age", "extra"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", 5),
        ("login", None),
        ("login", ["ada"]),
        ("login", "ab"),
        ("login", "x" * 9),
        ("password", 12345),
        ("age", "36"),
        ("age", True),
        ("age", Decimal("36.5")),
        ("login", "ad\ud800"),
        ("password", "hunter2\n"),
        ("age", Decimal("1E+1000000")),
        ("age", 151),
        ("age", 10**4000),
        ("newsletter", "true"),
        ("newsletter", 1),
        ("newsletter", None),
        ("plan", "free"),
        ("plan", None),
        ("plan", []),
        ("weight", "12.50"),
        ("weight", True),
        ("weight", []),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_of_another_type_or_range_is_refused_by_name(field: str, value: object) -> None:
    (error,) = refusal(a_body(**{field: value})).errors
    assert error["field"] == field
    assert error["message"]


@pytest.mark.parametrize(
    "body",
    [
        a_body(login=SECRET),
        a_body(password=[SECRET]),
        a_body(password={"value": SECRET}),
        a_body(password=SECRET.upper()),
        a_body(password=SECRET * 10),
        a_body(age=SECRET),
        a_body(newsletter=SECRET),
        a_body(plan=SECRET),
        a_body(weight=SECRET),
        a_body(unknown=SECRET),
        {"password": SECRET},
    ],
    ids=lambda body: next(reversed(body)),
)
def test_no_value_comes_back_to_who_sent_it(body: dict[str, object]) -> None:
    said = write_json(refusal(body).document(instance="/", request_id="request-1"))
    assert SECRET.lower() not in said.lower()


def test_an_exception_of_a_refused_body_does_not_hold_its_values() -> None:
    failure = refusal(a_body(password=[SECRET]))
    assert SECRET not in repr(failure)
    assert failure.__cause__ is None
    assert failure.__context__ is None


@pytest.mark.parametrize(
    ("text", "content_type", "problem"),
    [
        ("{", "application/json", MalformedRequestError),
        ("[]", "application/json", MalformedRequestError),
        ("{}", "text/plain", UnsupportedContentTypeError),
        ('{"login":"' + "x" * 65536 + '"}', "application/json", BodyTooLargeError),
    ],
    ids=["malformed", "an array", "text", "too large"],
)
def test_what_is_wrong_with_the_request_comes_before_its_fields(
    text: str, content_type: str, problem: type[ProblemError]
) -> None:
    with pytest.raises(problem):
        SignUpBody.of(request(text, headers={"content-type": content_type}))
