"""Request bodies: what is wrong is said field by field, and never by repeating the value."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, RootModel, StringConstraints

from shared.body import Body, read_body, says
from shared.exact import Exact, whole
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

    login: Annotated[str, Field(min_length=3, max_length=8)]
    password: Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]+$"), says("must be a password")]
    age: Annotated[int, Field(ge=0, le=150), whole] | None = None
    newsletter: bool = False
    plan: Literal["FREE", "PAID"] = "FREE"
    weight: Exact | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=3)] = "Ada"


class Moved(Body):
    """Part of a body."""

    to: Literal["MOVE"]
    steps: Annotated[int, Field(ge=1), whole]


class Stopped(Body):
    """Another."""

    to: Literal["STOP", "HALT"]


class StepBody(RootModel[Annotated[Moved | Stopped, Field(discriminator="to")]]):
    """One of two."""


class NestedBody(Body):
    """A body with an object in it."""

    step: Moved


def a_body(**changes: object) -> dict[str, object]:
    """A good sign-up, with `changes`."""
    return {"login": "ada", "password": SECRET, **changes}


def read(body: dict[str, object]) -> SignUpBody:
    """The body, after its way through JSON."""
    return read_body(request(write_json(body)), SignUpBody)


def refusal(body: dict[str, object], model: Any = SignUpBody) -> ValidationFailedError:
    """What is said about a bad body."""
    with pytest.raises(ValidationFailedError) as refused:
        read_body(request(write_json(body)), model)
    return refused.value


def test_a_good_body_is_understood() -> None:
    body = read(a_body(age=36, newsletter=True, plan="PAID", weight=Decimal("12.50")))
    assert (body.login, body.password, body.age, body.newsletter) == ("ada", SECRET, 36, True)
    assert (body.plan, body.weight) == ("PAID", Decimal("12.50"))


def test_what_was_left_out_has_its_default_and_counts_as_not_given() -> None:
    body = read(a_body(age=None))
    assert (body.age, body.newsletter, body.plan) == (None, False, "FREE")
    assert body.model_dump(exclude_unset=True) == a_body(age=None)


def test_a_missing_field_is_named() -> None:
    assert refusal({"login": "ada"}).errors == [{"field": "password", "message": "is required"}]


def test_without_any_body_all_required_fields_are_missing() -> None:
    with pytest.raises(ValidationFailedError) as refused:
        read_body(request(), SignUpBody)
    assert [error["field"] for error in refused.value.errors] == ["login", "password"]


def test_an_unknown_field_is_named() -> None:
    assert refusal(a_body(admin=True)).errors == [
        {"field": "admin", "message": "is not a field of this operation; leave it out"}
    ]


def test_every_wrong_field_is_named_at_once() -> None:
    errors = refusal({"login": "a", "age": -1, "extra": 0}).errors
    assert {error["field"] for error in errors} == {"login", "password", "age", "extra"}


def test_a_field_within_a_field_is_named_by_its_path() -> None:
    assert refusal({"step": {"to": "MOVE", "steps": "3"}}, NestedBody).errors == [
        {"field": "step.steps", "message": "must be a whole number"}
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("to", "is required")),
        ({"to": "FLY"}, ("to", "must be one of 'MOVE', 'STOP', 'HALT'")),
        ({"to": ["MOVE"]}, ("to", "must be one of 'MOVE', 'STOP', 'HALT'")),
        ({"to": "MOVE"}, ("steps", "is required")),
        ({"to": "MOVE", "steps": 0}, ("steps", "must be at least 1")),
        ({"to": "HALT", "steps": 1}, ("steps", "is not a field of this operation; leave it out")),
    ],
)
def test_of_several_bodies_the_one_that_was_meant_says_what_is_wrong(
    body: dict[str, object], error: tuple[str, str]
) -> None:
    [found] = refusal(body, StepBody).errors
    assert (found["field"], found["message"]) == error


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("login", 5, "must be text"),
        ("login", None, "must be text"),
        ("login", ["ada"], "must be text"),
        ("login", "ab", "must have 3 or more characters"),
        ("login", "x" * 9, "must have at most 8 characters"),
        ("login", "ad\ud800", "must be well-formed Unicode"),
        ("password", 12345, "must be a password"),
        ("password", "hunter2\n", "must be a password"),
        ("password", "", "must be a password"),
        ("age", "36", "must be a whole number"),
        ("age", True, "must be a whole number"),
        ("age", Decimal("36.5"), "must be a whole number"),
        ("age", Decimal("36.0000000000000000000000000001"), "must be a whole number"),
        ("age", Decimal(-1), "must be at least 0"),
        ("age", 151, "must be at most 150"),
        ("age", 10**4000, "must be at most 150"),
        ("newsletter", "true", "must be true or false"),
        ("newsletter", 1, "must be true or false"),
        ("newsletter", None, "must be true or false"),
        ("plan", "free", "must be 'FREE' or 'PAID'"),
        ("plan", None, "must be 'FREE' or 'PAID'"),
        ("plan", [], "must be 'FREE' or 'PAID'"),
        ("weight", "12.50", "must be a number"),
        ("weight", True, "must be a number"),
        ("weight", [], "must be a number"),
        ("name", "   ", "must have 1 or more characters"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_of_another_type_or_range_is_refused_by_name_with_the_fix(
    field: str, value: object, message: str
) -> None:
    assert refusal(a_body(**{field: value})).errors == [{"field": field, "message": message}]


@pytest.mark.parametrize("text", ["1E+1000000", "1e400", "1E+18"])
def test_no_number_is_written_out_to_find_that_it_is_too_large(text: str) -> None:
    body = '{"login":"ada","password":"x","age":' + text + "}"
    with pytest.raises(ValidationFailedError) as refused:
        read_body(request(body), SignUpBody)
    assert refused.value.errors == [{"field": "age", "message": "must be a whole number"}]


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("3.0", 3), ("3.000", 3), ("30e-1", 3), ("1e2", 100), ("0.0", 0), ("-0.0", 0)]
)
def test_a_number_without_a_fraction_is_whole_however_json_spells_it(text: str, number: int) -> None:
    body = read_body(request('{"login":"ada","password":"x","age":' + text + "}"), SignUpBody)
    assert (type(body.age), body.age) == (int, number)


@pytest.mark.parametrize("text", ["1250", "12.50", "0.1", "1e3"])
def test_a_number_is_exact_digit_for_digit(text: str) -> None:
    body = read_body(request('{"login":"ada","password":"x","weight":' + text + "}"), SignUpBody)
    assert (type(body.weight), body.weight) == (Decimal, Decimal(text))


def test_blanks_at_the_ends_do_not_count_where_they_are_stripped() -> None:
    assert read(a_body(name="  Ada ")).name == "Ada"


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


def test_the_word_that_tells_bodies_apart_does_not_come_back_either() -> None:
    assert SECRET not in write_json(refusal({"to": SECRET}, StepBody).document(instance="/", request_id="request-1"))


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
        read_body(request(text, headers={"content-type": content_type}), SignUpBody)
