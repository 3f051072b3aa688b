"""Rules for every route."""

import json
from collections.abc import Iterator

import pytest

from infra.operations import ROUTES, Access, Route
from tests.integration.factories import keyed
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import User, World, gateway_event, running_world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One platform for all of these tests, whose requests are all rejected."""
    with running_world() as world:
        yield world


SIGNED_IN = [route for route in ROUTES if route.access is Access.SIGNED_IN]
READS_NO_BODY = {"auth.check_request", "web.hosted_login"}
WITH_BODY = [
    route for route in ROUTES if route.method in {"POST", "PATCH"} and route.function.module not in READS_NO_BODY
]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


def _path(route: Route, user: User) -> str:
    return route.path.replace("{id}", user.profile_id)


@pytest.mark.parametrize("route", SIGNED_IN, ids=_name)
def test_a_route_for_users_answers_nobody_else(world: World, ada: User, route: Route) -> None:
    answer = world.request(route.method, _path(route, ada), json_body={"amount": 1}, headers=keyed())
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", WITH_BODY, ids=_name)
class TestBody:
    """Routes that take a body."""

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "nonsense",
            '{"amount": NaN}',
            '{"amount": Infinity}',
            "[]",
            '"text"',
            "1",
            "null",
            "[" * 60_000,
            '{"a":' * 10_000,
            "\x00",
        ],
        ids=lambda text: text[:20],
    )
    def test_what_is_not_a_json_object_is_malformed(self, world: World, ada: User, route: Route, text: str) -> None:
        answer = world.request(route.method, _path(route, ada), ada, body=text, headers=keyed())
        problem(answer, 400, "malformed-request")

    def test_more_than_64_kib_is_too_large(self, world: World, ada: User, route: Route) -> None:
        text = json.dumps({"amount": 1}).ljust(64 * 1024 + 1)
        problem(world.request(route.method, _path(route, ada), ada, body=text, headers=keyed()), 413, "body-too-large")

    def test_64_kib_of_many_bytes_a_character_count_in_bytes(self, world: World, ada: User, route: Route) -> None:
        text = json.dumps({"amount": "ä" * 40_000}, ensure_ascii=False)
        problem(world.request(route.method, _path(route, ada), ada, body=text, headers=keyed()), 413, "body-too-large")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_only_json_is_taken(self, world: World, ada: User, route: Route, content_type: str) -> None:
        headers = keyed() | {"content-type": content_type}
        answer = world.request(route.method, _path(route, ada), ada, body="{}", headers=headers)
        problem(answer, 415, "unsupported-content-type")

    @pytest.mark.parametrize("name", ["surprise", "\ud800", "__class__", ""])
    def test_an_unknown_field_is_named(self, world: World, ada: User, route: Route, name: str) -> None:
        body = {name: 1, **({"event": "CANCEL"} if route.path.endswith("/execute") else {})}
        answer = world.request(route.method, _path(route, ada), ada, json_body=body, headers=keyed())
        if name == "\ud800":
            assert refused_fields(answer)
        else:
            assert name in refused_fields(answer)


def test_a_json_type_with_parameters_is_taken(world: World, ada: User) -> None:
    headers = keyed() | {"content-type": "Application/JSON; charset=utf-8"}
    assert world.request("POST", "/orders", ada, body="{}", headers=headers).status == 201


@pytest.mark.parametrize(("text", "status"), [("eyJhbW91bnQiOjEyLjV9", 200), ("eyJhbW91bnQ", 400)])
def test_api_gateway_may_pass_a_body_as_base64(world: World, ada: User, text: str, status: int) -> None:
    [route] = [route for route in ROUTES if route.path == "/billing/account/deposit"]
    headers = keyed() | {"content-type": "application/json"}
    event = gateway_event(route, route.path, {}, ada, body=text, headers=headers, query={})
    answer = world.invoke(route.function.module, event | {"isBase64Encoded": True})
    assert answer["statusCode"] == status


def test_no_answer_is_kept_by_caches_unless_it_says_so(world: World, ada: User) -> None:
    assert world.request("GET", "/billing/account", ada).headers["cache-control"] == "no-store"
    assert world.request("GET", "/openapi.json").headers["cache-control"] == "public, max-age=300"


def test_the_contract_names_every_route(world: World) -> None:
    answer = world.request("GET", "/openapi.json")
    assert answer.status == 200
    paths = answer.json["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    for route in ROUTES:
        assert any(
            method == route.method and path.removeprefix("/api/v1") == route.path.replace("+}", "}")
            for method, path in described
        ), f"{route.method} {route.path}"


@pytest.mark.parametrize("path", ["/health", "/orders/health", "/billing/health", "/notifications/health"])
def test_a_service_whose_table_answers_is_ok(world: World, path: str) -> None:
    answer = world.request("GET", path)
    assert (answer.status, answer.json) == (200, {"status": "OK", "checks": {"table": "OK"}})
