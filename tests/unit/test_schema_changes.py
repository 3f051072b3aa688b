"""What breaks a schema's promise is named, and what doesn't is left alone."""

from typing import Any

import pytest

from infra.contract.schema_changes import Documents, read_changes, sent_changes

type Object = dict[str, Any]

DOCUMENT: Object = {"schemas": {"Word": {"type": "string"}, "Number": {"type": "integer"}}}
DOCUMENTS = Documents(DOCUMENT, DOCUMENT)
WORD: Object = {"$ref": "#/schemas/Word"}


def thing(**fields: Object) -> Object:
    """An object of fields that are all required."""
    return {"type": "object", "properties": fields, "required": [*fields]}


def closed(schema: Object) -> Object:
    """The same, and no other field."""
    return {**schema, "additionalProperties": False}


def optional(schema: Object, *names: str) -> Object:
    """The same, where some fields may be left out."""
    return {**schema, "required": [name for name in schema["required"] if name not in names]}


def nullable(schema: Object) -> Object:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


@pytest.mark.parametrize(
    ("released", "current"),
    [
        (thing(a=STRING), thing(a=STRING, b=INTEGER)),
        (thing(a=STRING), optional(thing(a=STRING, b=INTEGER), "b")),
        (optional(thing(a=STRING), "a"), thing(a=STRING)),
        (thing(a=nullable(STRING)), thing(a=STRING)),
        (thing(a=NUMBER), thing(a=INTEGER)),
        (thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["x"]})),
        (thing(a=STRING), thing(a={"type": "string", "format": "uuid"})),
        (thing(a=WORD), thing(a=STRING)),
        (thing(a={"type": "array", "items": NUMBER}), thing(a={"type": "array", "items": INTEGER})),
    ],
)
def test_readers_stand_what_was_added_or_became_narrower(released: Object, current: Object) -> None:
    assert read_changes(DOCUMENTS, released, current, "body") == []


@pytest.mark.parametrize(
    ("released", "current", "named"),
    [
        (thing(a=STRING), thing(), ["body.a: is required on one side alone", "body.a: is gone"]),
        (thing(a=STRING), optional(thing(a=STRING), "a"), ["body.a: is required on one side alone"]),
        (thing(a=STRING), thing(a=INTEGER), ["body.a: integer is not string"]),
        (thing(a=INTEGER), thing(a=NUMBER), ["body.a: number is not integer"]),
        (thing(a=STRING), thing(a=nullable(STRING)), ["body.a: null is not string"]),
        (thing(a={"enum": ["x"]}), thing(a={"enum": ["x", "z"]}), ["body.a: z is not x"]),
        (thing(a={"const": "x"}), thing(a={}), ["body.a: may be anything, not only x"]),
        (thing(a={**STRING, "format": "uuid"}), thing(a=STRING), ["body.a: format None is not 'uuid'"]),
        (thing(a=WORD), thing(a={"$ref": "#/schemas/Number"}), ["body.a: integer is not string"]),
        (
            thing(a={"type": "array", "items": thing(b=STRING)}),
            thing(a={"type": "array", "items": thing(b=INTEGER)}),
            ["body.a[].b: integer is not string"],
        ),
        (thing(a=thing(b=STRING)), thing(a=thing(b=nullable(STRING))), ["body.a.b: null is not string"]),
    ],
)
def test_what_breaks_readers_is_named(released: Object, current: Object, named: list[str]) -> None:
    assert read_changes(DOCUMENTS, released, current, "body") == named


@pytest.mark.parametrize(
    ("released", "current"),
    [
        (closed(thing(a=STRING)), closed(optional(thing(a=STRING, b=INTEGER), "b"))),
        (thing(a=STRING), optional(thing(a=STRING), "a")),
        (thing(a=STRING), thing(a=nullable(STRING))),
        (thing(a=INTEGER), thing(a=NUMBER)),
        (thing(a={"enum": ["x"]}), thing(a={"enum": ["x", "y"]})),
        (thing(a={**INTEGER, "maximum": 10, "minimum": 1}), thing(a={**INTEGER, "maximum": 11, "minimum": 0})),
        (thing(a={**STRING, "pattern": "^x"}), thing(a=STRING)),
        ({"oneOf": [thing(a={"const": "x"})]}, {"oneOf": [thing(a={"const": "x"}), thing(a={"const": "y"})]}),
    ],
)
def test_senders_stand_what_is_taken_besides(released: Object, current: Object) -> None:
    assert sent_changes(DOCUMENTS, released, current, "body") == []


@pytest.mark.parametrize(
    ("released", "current", "named"),
    [
        (closed(thing(a=STRING)), closed(thing(a=STRING, b=INTEGER)), ["body.b: is required on one side alone"]),
        (closed(optional(thing(a=STRING), "a")), closed(thing()), ["body.a: is not taken any more"]),
        (thing(a=nullable(STRING)), thing(a=STRING), ["body.a: null is not string"]),
        (thing(a=NUMBER), thing(a=INTEGER), ["body.a: number is not integer"]),
        (
            thing(a={**INTEGER, "maximum": 10}),
            thing(a={**INTEGER, "maximum": 9}),
            ["body.a: maximum 10 is not within 9"],
        ),
        (thing(a=INTEGER), thing(a={**INTEGER, "minimum": 1}), ["body.a: minimum None is not within 1"]),
        (thing(a=STRING), thing(a={**STRING, "maxLength": 5}), ["body.a: maxLength None is not within 5"]),
        (thing(a=STRING), thing(a={**STRING, "pattern": "^x"}), ["body.a: pattern None is not '^x'"]),
        (
            {"oneOf": [thing(a={"const": "x"}), thing(a={"const": "y"})]},
            {"oneOf": [thing(a={"const": "x"})]},
            ["body.a: y is not x"],
        ),
    ],
)
def test_what_breaks_senders_is_named(released: Object, current: Object, named: list[str]) -> None:
    assert sent_changes(DOCUMENTS, released, current, "body") == named
