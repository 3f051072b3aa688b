"""Who passes the authorizer and the gateways' check; nobody does when the answer is unknown.

test_tokens.py has the other rejected forgeries.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.faults import SECRET, TIMEOUT, aws_error, failing
from tests.integration.gateway import authorized, authorizer_context, claims, refresh_giving, signed
from tests.integration.problems import problem
from tests.integration.verifiers import fresh_verifiers
from tests.scaffolding.world import Answer, Item, Ok, User, World, running_world

METHODS = ["GET", "POST", "PATCH"]
FAILURES: dict[str, Exception] = {
    "throttled": aws_error("ProvisionedThroughputExceededException"),
    "not allowed": aws_error("AccessDeniedException"),
    "broken": aws_error("InternalServerError"),
    "gone": aws_error("ResourceNotFoundException"),
    "silent": TIMEOUT,
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One platform for all of these tests: each has its own user and session."""
    with running_world() as world, fresh_verifiers(world):
        yield world


def ask(world: World, token: str, method: str = "GET", **headers: str) -> Answer:
    """The check by another gateway."""
    sent = {"authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return world.request(method, "/auth/istio/api/v1/orders", headers=sent)


def nobody_passes(answer: Answer) -> None:
    """The answer lets no request through, and names no user."""
    assert answer.status >= 400
    assert not answer.headers.keys() & {"x-profile-id", "x-user-login"}


# Who passes


def test_a_good_token_passes_and_operations_learn_who_it_is_from(world: World, ada: User) -> None:
    context = authorizer_context(world, {"authorization": f"Bearer {signed(claims(world, ada))}"})
    assert context == {"profileId": ada.profile_id, "login": "ada", "sessionId": ada.session_id}


def test_the_token_is_found_however_the_header_is_written(world: World, ada: User) -> None:
    for name in ("Authorization", "AUTHORIZATION"):
        found = authorizer_context(world, {name: f"Bearer {signed(claims(world, ada))}"})
        assert found["profileId"] == ada.profile_id


@pytest.mark.parametrize("method", METHODS)
def test_a_gateway_learns_who_asks_from_the_token_and_from_nothing_else(world: World, ada: User, method: str) -> None:
    spoofed = {"x_profile_id": "somebody-else", "x_user_login": "root", "x_forwarded_user": "root"}
    answer = ask(world, signed(claims(world, ada)), method, **spoofed)
    assert (answer.status, answer.text) == (200, "")
    assert (answer.headers["x-profile-id"], answer.headers["x-user-login"]) == (ada.profile_id, "ada")
    assert "somebody-else" not in answer.headers.values()
    assert "root" not in answer.headers.values()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("body", ["", "{", "no JSON at all", "x" * 70_000])
def test_the_body_of_the_original_request_is_not_the_questions_business(world: World, ada: User, body: str) -> None:
    headers = {"authorization": f"Bearer {signed(claims(world, ada))}", "content-type": "text/plain"}
    assert world.request("POST", "/auth/istio/upload", body=body, headers=headers).status == 200


# Who does not

REFUSED: dict[str, Callable[[dict[str, Any]], str]] = {
    "not valid before later": lambda said: signed({**said, "nbf": said["iat"] + 600}),
    "issued in the future": lambda said: signed({**said, "iat": said["iat"] + 600}),
    "a refresh token by its own word": lambda said: signed({**said, "token_use": "refresh"}),
    "a refresh token as Cognito makes it": lambda said: f"{signed(said)}.x.y",
    "of 8 KB": lambda said: signed({**said, "scope": "x" * 8 * 1024}),
    "a good one, padded to 8 KB": lambda said: signed(said).ljust(8 * 1024, "="),
    "two at once": lambda said: f"{signed(said)} {signed(said)}",
    "of no session": lambda said: signed({**said, "origin_jti": None}),
    "of a number for a subject": lambda said: signed({**said, "sub": 7}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_such_a_token_opens_nothing(world: World, ada: User, kind: str) -> None:
    token = REFUSED[kind](claims(world, ada))
    assert authorized(world, token) is None
    answer = ask(world, token)
    problem(answer, 401, "invalid-token")
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    nobody_passes(answer)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((value, "unauthorized") for value in (None, "", " ", "Bearer", "Bearer ", "Basic {}", "Token {}")),
        *((value, "unauthorized") for value in ("Bearer: {}", "{}", " {}")),
        ("Bearer Bearer {}", "invalid-token"),
    ],
)
def test_a_header_without_a_bearer_token_opens_nothing(world: World, ada: User, value: str | None, code: str) -> None:
    headers = {} if value is None else {"authorization": value.format(signed(claims(world, ada)))}
    assert authorizer_context(world, headers) == {"refused": code}
    for method in METHODS:
        answer = world.request(method, "/auth/istio/orders", headers=headers)
        problem(answer, 401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_anywhere_but_in_its_header_opens_nothing(world: World, ada: User) -> None:
    token = signed(claims(world, ada))
    misplaced = {"cookie": f"authorization=Bearer {token}", "x-authorization": f"Bearer {token}"}
    assert authorizer_context(world, misplaced) == {"refused": "unauthorized"}
    query = {"access_token": token, "authorization": f"Bearer {token}"}
    problem(world.request("GET", "/auth/istio/orders", headers=misplaced, query=query), 401, "unauthorized")


@pytest.mark.parametrize("method", METHODS)
def test_a_token_of_an_ended_session_is_refused_to_gateways_by_every_method(
    world: World, ada: User, method: str
) -> None:
    token = signed(claims(world, ada))
    assert world.request("POST", "/logout", ada, json_body={}).status == 204
    answer = ask(world, token, method)
    problem(answer, 401, "session-ended")
    nobody_passes(answer)
    assert authorized(world, token) is None


def test_a_cut_off_ends_what_began_in_its_second_and_nothing_later_wherever_it_is_asked(
    world: World, ada: User
) -> None:
    started = int(time.time())
    with world.intercepting("cognito-idp", "AdminUserGlobalSignOut", lambda _params: (Ok(), {})):
        assert world.request("POST", "/logout", ada, json_body={"everywhere": True}).status == 204
    [row] = [row for row in world.rows("auth") if row["id"] == f"USER#{ada.profile_id}"]
    cut_off = row["endedBefore"]
    assert started <= cut_off < int(time.time()), "a sign-in after the answer would fall into the cut-off's second"
    for began, lives in ((cut_off - 1, False), (cut_off, False), (cut_off + 1, True)):
        session = User(ada.profile_id)
        token = signed(claims(world, session, auth_time=began))
        assert (authorized(world, token) is not None) is lives
        assert ask(world, token).status == (200 if lives else 401)
        assert refresh_giving(world, token).status == (200 if lives else 401)


# When it can't be known


@pytest.mark.parametrize("failure", FAILURES)
def test_while_the_table_fails_nobody_passes(world: World, ada: User, failure: str) -> None:
    token = signed(claims(world, ada))
    with failing(world, "dynamodb", "*", FAILURES[failure]):
        with pytest.raises(type(FAILURES[failure])):
            authorized(world, token)
        answers = [ask(world, token), refresh_giving(world, token)]
    for answer in answers:
        problem(answer, 503, "dependency-unavailable")
        assert answer.headers["retry-after"]
        nobody_passes(answer)
        for inside in (SECRET, "Exception", token):
            assert inside not in answer.text
    assert authorized(world, token)


@pytest.mark.parametrize("unread", [[0], [1], [0, 1]], ids=["the session's own", "the user's", "both"])
def test_a_row_that_the_table_leaves_unread_is_not_taken_for_one_that_is_not_there(
    world: World, ada: User, unread: list[int]
) -> None:
    table = world.table_name("auth")
    keys = [{"id": {"S": f"SESSION#{ada.session_id}"}}, {"id": {"S": f"USER#{ada.profile_id}"}}]
    left = {table: {"Keys": [keys[number] for number in unread], "ConsistentRead": True}}
    partial = {"Responses": {table: []}, "UnprocessedKeys": left}
    token = signed(claims(world, ada))
    with world.intercepting("dynamodb", "BatchGetItem", lambda _params: (Ok(), partial)):
        answer = refresh_giving(world, token)
    problem(answer, 503, "dependency-unavailable")
    nobody_passes(answer)


def test_sessions_are_read_once_a_request_and_as_they_are_at_that_moment(world: World, ada: User) -> None:
    reads: list[str] = []

    def note(params: Item | None) -> None:
        reads.append((params or {})["body"])

    token = signed(claims(world, ada))
    with world.intercepting("dynamodb", "*", note):
        assert authorized(world, token)
        assert ask(world, token).status == 200
        assert refresh_giving(world, token).status == 200
    assert len(reads) == 3
    for read in reads:
        asked = json.loads(read)
        [table] = asked.get("RequestItems", {"": asked}).values()
        assert table["ConsistentRead"] is True


def test_a_token_that_is_refused_costs_no_read(world: World, ada: User) -> None:
    with failing(world, "dynamodb", "*", TIMEOUT):
        assert authorized(world, signed(claims(world, ada, exp=1))) is None
        assert authorized(world, "garbage") is None
        problem(ask(world, "garbage"), 401, "invalid-token")
