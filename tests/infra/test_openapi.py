"""The OpenAPI document: exactly what is deployed, completely described, with valid examples."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.contract import schema_changes
from infra.contract.answers import Answers
from infra.contract.contract_error import ContractError
from infra.contract.openapi import DOCUMENT, document, handler_of, text
from infra.contract.parameters import parameters
from infra.contract.schemas import Schemas
from infra.operations import API_PREFIX, PAGES, ROUTES, Access, Route
from shared.problems import ProblemError
from tests.scaffolding.template import resources

type Object = Mapping[str, Any]

OPENAPI = document()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
}

every_operation = pytest.mark.parametrize("name", OPERATIONS)


def resolved(thing: Object) -> Object:
    """The target of `thing` if it is a reference, else itself."""
    return schema_changes.resolved(thing, OPENAPI)


def responses(name: str) -> Iterator[tuple[int, Object]]:
    """The documented answers of an operation."""
    for status, response in OPERATIONS[name][2]["responses"].items():
        yield int(status), resolved(response)


def assert_fits(value: object, schema: Object) -> None:
    """`value` fits `schema`, including formats."""
    jsonschema.validate(
        value,
        {**schema, "components": OPENAPI["components"]},
        cls=jsonschema.Draft202012Validator,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def examples(media: Object) -> list[Any]:
    """All examples of a media type or parameter."""
    named = [resolved(example)["value"] for example in media.get("examples", {}).values()]
    return [*named, *([media["example"]] if "example" in media else [])]


def test_the_committed_document_is_the_one_that_the_code_makes() -> None:
    assert DOCUMENT.read_text() == text()


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(json.loads(text())).iter_errors()] == []


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_every_route_of_the_template_is_in_it_and_nothing_else(stage: str) -> None:
    deployed = {route["Properties"]["RouteKey"] for route in resources("AWS::ApiGatewayV2::Route", stage).values()}
    [server] = OPENAPI["servers"]
    assert server["url"] == API_PREFIX
    documented = {f"{method} {API_PREFIX}{path}" for method, path, _ in OPERATIONS.values()}
    pages = {page.key for page in PAGES}
    assert documented == {re.sub(r"\{(\w+)\+\}", r"{\1}", key) for key in deployed - pages}


def test_no_two_operations_have_one_name() -> None:
    assert len(OPERATIONS) == len(ROUTES)


@every_operation
def test_an_operation_says_what_it_does(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    assert re.fullmatch(r"[A-Z][^\n]{9,79}[^.\s]", operation["summary"])
    assert operation["description"]
    assert not re.search(r"\bOne (read|write|request)\b", operation["summary"] + operation["description"])
    assert set(operation["tags"]) < {tag["name"] for tag in OPENAPI["tags"]}


@every_operation
def test_who_must_be_signed_in_is_said(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    [route] = [route for route in ROUTES if (route.method, re.sub(r"\+\}", "}", route.path)) == (method, path)]
    asks_itself = path.startswith("/auth/istio")
    assert bool(operation["security"]) is (route.access is Access.SIGNED_IN or asks_itself)
    for requirement in operation["security"]:
        assert requirement.keys() <= OPENAPI["components"]["securitySchemes"].keys()


@every_operation
def test_the_parameters_of_an_operation_have_examples_that_fit(name: str) -> None:
    _, path, operation = OPERATIONS[name]
    parameters = [resolved(parameter) for parameter in operation["parameters"]]
    in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    assert in_path == set(re.findall(r"\{(\w+)\}", path))
    for parameter in parameters:
        assert parameter["description"]
        assert examples(parameter) or parameter["name"] == "cursor", "only a cursor can't be made up"
        for example in examples(parameter):
            assert_fits(example, parameter["schema"])


@every_operation
def test_the_body_of_an_operation_has_examples_that_fit(name: str) -> None:
    for media in OPERATIONS[name][2].get("requestBody", {}).get("content", {}).values():
        assert examples(media)
        for example in examples(media):
            assert_fits(example, media["schema"])


@every_operation
def test_every_answer_of_an_operation_has_examples_that_fit(name: str) -> None:
    for status, response in responses(name):
        assert response["description"]
        for media_type, media in response.get("content", {}).items():
            assert examples(media) or media["schema"] == {"type": "string"}, (status, media_type)
            for example in examples(media):
                assert_fits(example, media["schema"])


@every_operation
def test_every_error_is_documented_with_its_codes(name: str) -> None:
    statuses = set()
    for status, response in responses(name):
        if problems := response.get("content", {}).get("application/problem+json"):
            statuses.add(status)
            for code, example in problems["examples"].items():
                problem = resolved(example)["value"]
                assert (problem["code"], problem["status"]) == (code, status)
                assert f"`{code}`" in response["description"]
                for header in _problem_class(code).headers:
                    assert header in response["headers"]
    assert {429, 500, 503} <= statuses


def test_no_two_problems_have_one_code() -> None:
    codes = [problem.code for problem in _problem_classes()]
    assert len(codes) == len(set(codes))


@every_operation
def test_links_lead_to_operations_with_what_those_take(name: str) -> None:
    for _, response in responses(name):
        for link in response.get("links", {}).values():
            _, _, target = OPERATIONS[link["operationId"]]
            taken = {resolved(parameter)["name"] for parameter in target["parameters"]}
            assert link.get("parameters", {}).keys() <= taken
            if "requestBody" in link:
                body = resolved(target["requestBody"]["content"]["application/json"]["schema"])
                assert link["requestBody"].keys() <= body["properties"].keys()


def _problem_classes() -> list[type[ProblemError]]:
    return [problem for problem in ProblemError.__subclasses__() if problem.__module__ == "shared.problems"]


def _problem_class(code: str) -> type[ProblemError]:
    [found] = [problem for problem in _problem_classes() if problem.code == code]
    return found


def _route(module: str) -> Route:
    return next(route for route in ROUTES if route.function.module == module)


def test_a_contract_that_leaves_something_out_is_told_by_its_file_and_the_fix() -> None:
    route, promised = _route("orders.get_order"), handler_of("orders.get_order").interface
    with pytest.raises(ContractError, match=r"^functions/orders/get_order\.py \(GET /orders/\{id\}\): say .*\['id'\]"):
        parameters(route, promised._replace(path={}))
    answers = Answers(Schemas({route.function.module: promised}))
    with pytest.raises(ContractError, match=r"^functions/orders/get_order\.py .*example="):
        answers.of(route, promised._replace(example=None), "orders_get_order")
