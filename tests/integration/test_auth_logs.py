"""The logs of auth, however requests end: enough to find a request, and no credentials."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.factories import PASSWORD, register, registered, sign_in
from tests.integration.faults import TIMEOUT, aws_error, failing
from tests.integration.gateway import authorized
from tests.integration.verifiers import fresh_verifiers
from tests.scaffolding.world import User, World

WRONG_PASSWORD = "Wrong-Horse-8-Battery"  # noqa: S105
CODE = "987654"
OPERATIONS = [
    "SignUp",
    "ConfirmSignUp",
    "InitiateAuth",
    "GetTokensFromRefreshToken",
    "RevokeToken",
    "AdminUserGlobalSignOut",
]


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """The log's lines."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def post(world: World, path: str, user: User | None = None, **body: object) -> Any:
    """Make a request; returns the body of its answer."""
    answer = world.request("POST", path, user, json_body=body)
    return answer.json if answer.text else None


def everything(world: World) -> set[str]:
    """Do everything that auth offers, with success and failure; returns the secrets involved."""
    user = registered(world)
    tokens = sign_in(world).json
    fresh = post(world, "/refresh", refreshToken=tokens["refreshToken"])
    altered = f"{tokens['token'].rpartition('.')[0]}.AAAA"
    for token in (tokens["token"], tokens["idToken"], tokens["refreshToken"], altered):
        authorized(world, token)
        authorized(world, token, "Basic")
        headers = {"authorization": f"Bearer {token}"}
        world.request("GET", f"/auth/istio/orders?access_token={token}", headers=headers, query={"token": token})
    register(world)
    register(world, password="short")  # noqa: S106
    post(world, "/register", email=["bob@example.com"], login={"hunter2!": 1}, password=["hunter2!"])
    sign_in(world, password=WRONG_PASSWORD)
    sign_in(world, "ada@example.com")
    post(world, "/login", login="ada", password=[PASSWORD])
    post(world, "/register/confirm", login="ada@example.com", code=CODE)
    world.request("POST", "/login", body=f'{{"password": "{PASSWORD}"')
    post(world, "/refresh", refreshToken="Foreign.Refresh.Token")
    post(world, "/logout", user, refreshToken=tokens["refreshToken"])
    session = authorized(world, tokens["token"])
    post(world, "/logout", session, refreshToken=tokens["refreshToken"])
    authorized(world, tokens["token"])
    return {
        *(tokens[name] for name in ("token", "idToken", "refreshToken")),
        *(part for name in ("token", "idToken") for part in tokens[name].split(".")[1:]),
        *fresh["token"].split(".")[1:],
        *(PASSWORD, WRONG_PASSWORD, CODE, "hunter2!", "Foreign.Refresh.Token"),
        *("ada@example.com", "bob@example.com", "@example.com"),
    }


def test_no_line_holds_a_password_a_token_or_an_address(
    world: World, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_verifiers(world):
        secrets = everything(world)
    printed = capsys.readouterr()
    assert lines(log)
    for secret in secrets:
        for text in (log.getvalue(), printed.out, printed.err):
            assert secret not in text, secret


BROKEN: dict[str, Callable[[], Exception]] = {
    "throttled": lambda: aws_error("TooManyRequestsException"),
    "broken": lambda: aws_error("InternalErrorException"),
    "silent": lambda: TIMEOUT,
    "a bug": lambda: RuntimeError("unexpected"),
}


@pytest.mark.parametrize("failure", BROKEN)
def test_nor_does_it_when_cognito_or_the_table_fails(world: World, log: io.StringIO, failure: str) -> None:
    registered(world)
    tokens = sign_in(world).json
    user = User(login="ada")
    with fresh_verifiers(world):
        for operation in OPERATIONS:
            with failing(world, "cognito-idp", operation, BROKEN[failure]()):
                register(world, "bob")
                post(world, "/register/confirm", login="ada@example.com", code=CODE)
                sign_in(world, "ada@example.com")
                post(world, "/refresh", refreshToken=tokens["refreshToken"])
                post(world, "/logout", user, refreshToken=tokens["refreshToken"])
        with failing(world, "dynamodb", "*", BROKEN[failure]()):
            post(world, "/refresh", refreshToken=tokens["refreshToken"])
            post(world, "/logout", user, refreshToken=tokens["refreshToken"], everywhere=True)
            world.request("GET", "/auth/istio/orders", headers={"authorization": f"Bearer {tokens['token']}"})
            with pytest.raises(type(BROKEN[failure]())):
                authorized(world, tokens["token"])
    assert any(line["level"] == "ERROR" for line in lines(log)), "a failure is to be found in the log"
    for secret in (*(tokens[name] for name in ("token", "idToken", "refreshToken")), PASSWORD, CODE, "@example.com"):
        assert secret not in log.getvalue(), secret


def test_each_request_leaves_one_line_by_which_it_is_found(world: World, log: io.StringIO) -> None:
    world.open_user_pool()
    answer = sign_in(world, "nobody")
    [line] = lines(log)
    assert line["correlation_id"] == answer.headers["x-request-id"]
    assert (line["route"], line["status"]) == ("POST /api/v1/login", answer.status)


def test_the_log_says_why_the_authorizer_refused_without_saying_whom(world: World, log: io.StringIO) -> None:
    with fresh_verifiers(world):
        assert authorized(world, None) is None
        assert authorized(world, "garbage") is None
    assert [(line["message"], line["reason"], line["correlation_id"]) for line in lines(log)] == [
        ("refused", "unauthorized", "r"),
        ("refused", "invalid-token", "r"),
    ]
