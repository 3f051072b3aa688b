"""Every request body, with every field tried in every odd way: each rejection states the fix."""

import json
from itertools import product
from typing import Any, get_args

import pytest
from pydantic import BaseModel, RootModel

from infra.contract.openapi import handler_of
from infra.operations import ROUTES
from shared.body import Body, read_body
from shared.http import Request
from shared.interface import Interface
from shared.problems import ValidationFailedError
from tests.unit.gateway import request

ODD = (
    *("null", "true", "false", "0", "-1", "1" + "0" * 30, "1.5", "1E+999999", "-0.0"),
    *('""', '" "', '"\\ud800"', '"\\u0000"', '"a\\nb"', f'"{"x" * 20_000}"', '"no such word"'),
    *("[]", "[1]", "{}", '{"value": 1}'),
)
"""Values, as JSON spells them."""


def interfaces() -> dict[str, Interface]:
    """The interface of each operation that takes a body."""
    promised = {route.function.module: handler_of(route.function.module).interface for route in ROUTES}
    return {module: each for module, each in promised.items() if each.takes}


def models_of(body: type[BaseModel]) -> list[type[BaseModel]]:
    """The body, or each that it may be."""
    return list(get_args(body.model_fields["root"].annotation)) if issubclass(body, RootModel) else [body]


def examples_of(model: type[BaseModel]) -> list[dict[str, str]]:
    """The examples of a body: its fields, each as JSON spells it."""
    examples: Any = model.model_json_schema()["examples"]
    return [{name: json.dumps(value) for name, value in example.items()} for example in examples]


def sent(members: dict[str, str]) -> Request:
    """A request with these fields in its body."""
    return request("{" + ",".join(f'"{name}": {value}' for name, value in members.items()) + "}")


every_body = pytest.mark.parametrize("module", interfaces())


@every_body
def test_a_body_is_a_model_that_is_strict_and_knows_its_fields(module: str) -> None:
    for model in models_of(interfaces()[module].takes):
        assert issubclass(model, Body)
        assert (model.model_config["strict"], model.model_config["extra"]) == (True, "forbid")


@every_body
def test_an_odd_value_is_refused_by_its_field_with_a_sentence_of_ours(module: str) -> None:
    body, refused = interfaces()[module].takes, 0
    for model in models_of(body):
        for example, field, odd in product(examples_of(model), model.model_fields, ODD):
            try:
                read_body(sent({**example, field: odd}), body)
            except ValidationFailedError as failure:
                refused += 1
                [error] = failure.errors
                assert error["field"] == field, odd
                assert error["message"] != "can't be accepted", odd
    assert refused


@every_body
def test_its_examples_are_taken_and_a_field_of_no_model_is_not(module: str) -> None:
    body = interfaces()[module].takes
    for example in (example for model in models_of(body) for example in examples_of(model)):
        read_body(sent(example), body)
        with pytest.raises(ValidationFailedError) as refused:
            read_body(sent({**example, "x-y": "1"}), body)
        assert refused.value.errors == [{"field": "x-y", "message": "is not a field of this operation; leave it out"}]
