"""Rejected tokens, through the authorizer and every operation behind it: 401 with the reason, and nothing else."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from infra.operations import ROUTES, Access, Route
from shared.problems import InvalidTokenError, ProblemError, SessionEndedError, UnauthorizedError
from tests.integration.faults import TIMEOUT, failing
from tests.integration.gateway import authorizer_context, claims, signed
from tests.integration.problems import problem
from tests.integration.verifiers import fresh_verifiers
from tests.scaffolding.world import Answer, User, World, gateway_event, running_world

SIGNED_IN = [route for route in ROUTES if route.access is Access.SIGNED_IN]
PUBLIC = [route for route in ROUTES if route.access is Access.ANYONE]

type Token = Callable[[World, User], str | None]


def _of_an_ended_session(world: World, user: User) -> str:
    ended = User(user.profile_id)
    assert world.request("POST", "/logout", ended, json_body={}).status == 204
    return f"Bearer {signed(claims(world, ended))}"


_OF_IDENTITY = {"token_use": "id"}
REFUSED: dict[str, tuple[Token, type[ProblemError]]] = {
    "expired": (lambda world, user: f"Bearer {signed(claims(world, user, exp=1))}", InvalidTokenError),
    "spoilt": (lambda world, user: f"Bearer {signed(claims(world, user))[:-4]}AAAA", InvalidTokenError),
    "an id token": (lambda world, user: f"Bearer {signed(claims(world, user, **_OF_IDENTITY))}", InvalidTokenError),
    "another client's": (lambda world, user: f"Bearer {signed(claims(world, user, client_id='x'))}", InvalidTokenError),
    "garbage": (lambda _world, _user: "Bearer garbage", InvalidTokenError),
    "of an ended session": (_of_an_ended_session, SessionEndedError),
    "by another scheme": (lambda world, user: f"Basic {signed(claims(world, user))}", UnauthorizedError),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One platform for all of these tests, which change only sessions."""
    with running_world() as world, fresh_verifiers(world):
        yield world


def asked(world: World, route: Route, context: dict[str, str] | None) -> Answer:
    """The answer of an operation behind an authorizer that passed on `context`; None: without an authorizer."""
    parameters = dict.fromkeys(re.findall(r"\{(\w+)\+?\}", route.path), str(uuid.uuid4()))
    path = re.sub(r"\{(\w+)\+?\}", lambda match: parameters[match[1]], route.path)
    headers = {"idempotency-key": "k"}
    # A body that no operation would read without complaint.
    event: Any = gateway_event(route, path, parameters, None, body='{"x": 1', headers=headers, query={})
    if context is not None:
        event["requestContext"]["authorizer"] = {"lambda": context}
    answer = world.invoke(route.function.module, event)
    return Answer(answer["statusCode"], answer["headers"], answer.get("body", ""))


def calling_nothing(world: World) -> ExitStack:
    """While it is open, every AWS call fails."""
    stack = ExitStack()
    for service in ("dynamodb", "cognito-idp", "lambda", "events"):
        stack.enter_context(failing(world, service, "*", TIMEOUT))
    return stack


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("route", SIGNED_IN, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_answers_a_refused_token_by_its_reason_without_any_call_of_aws(
    world: World, ada: User, route: Route, kind: str
) -> None:
    token, reason = REFUSED[kind]
    context = authorizer_context(world, {"authorization": token(world, ada) or ""})
    calls: list[object] = []
    with calling_nothing(world), ExitStack() as watched:
        for service in ("dynamodb", "cognito-idp", "lambda", "events"):
            watched.enter_context(world.intercepting(service, "*", calls.append))
        answer = asked(world, route, context)
    problem(answer, 401, reason.code)
    assert answer.headers["www-authenticate"] == reason.headers["www-authenticate"]
    assert calls == []


@pytest.mark.parametrize("context", [None, {}, {"login": "ada"}, {"refused": "for a reason of tomorrow"}], ids=str)
@pytest.mark.parametrize("route", SIGNED_IN, ids=lambda route: f"{route.method} {route.path}")
def test_without_a_caller_and_without_a_reason_it_is_401_too(
    world: World, route: Route, context: dict[str, str] | None
) -> None:
    with calling_nothing(world):
        answer = asked(world, route, context)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", PUBLIC, ids=lambda route: f"{route.method} {route.path}")
def test_what_anyone_may_ask_wants_no_caller(world: World, route: Route) -> None:
    answer = asked(world, route, None)
    assert answer.status != 401 or route.function.module == "auth.check_request"
