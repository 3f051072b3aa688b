"""Signing out when something fails: the session ends first, and no answer claims what did not happen."""

import json
import time

import jwt
import pytest

from infra.identity import ACCESS_TOKEN_MINUTES, REFRESH_TOKEN_DAYS
from tests.integration.factories import registered, sign_in
from tests.integration.faults import SECRET, TIMEOUT, aws_error, failing, losing_the_answer, meanwhile
from tests.integration.problems import problem
from tests.scaffolding.world import Answer, Item, User, World

LONGEST = REFRESH_TOKEN_DAYS * 24 * 3600 + ACCESS_TOKEN_MINUTES * 60
"""The seconds after which no token of a session can be valid any more."""


def logout(world: World, user: User, **body: object) -> Answer:
    """Sign out."""
    return world.request("POST", "/logout", user, json_body=body)


def refresh(world: World, token: str) -> Answer:
    """Ask for a new access token."""
    return world.request("POST", "/refresh", json_body={"refreshToken": token})


def ended(world: World) -> list[str]:
    """What has ended, by the rows of users: sessions, and users for all of theirs.

    It checks that a row stays as long as it must.
    """
    rows = [row for row in world.rows("auth") if row["id"].startswith("USER#")]
    assert all(row["expiresAt"] > time.time() + LONGEST for row in rows)
    whole = [row["id"] for row in rows if row.get("endedBefore")]
    return [*whole, *(name for row in rows for name in row if name.startswith("SESSION#"))]


def claimed_by(token: str) -> dict[str, str]:
    """What a token says, unchecked."""
    said: dict[str, str] = jwt.decode(token, options={"verify_signature": False})
    return said


class TestCognitoFails:
    """The session has ended before the first call of Cognito."""

    @pytest.mark.parametrize(
        ("failure", "status", "code"),
        [
            (aws_error("TooManyRequestsException"), 429, "too-many-requests"),
            (aws_error("InternalErrorException"), 503, "dependency-unavailable"),
            (TIMEOUT, 503, "dependency-unavailable"),
        ],
    )
    def test_the_session_has_ended_though_its_refresh_token_could_not_be_revoked(
        self, world: World, ada: User, failure: Exception, status: int, code: str
    ) -> None:
        world.open_user_pool()
        with failing(world, "cognito-idp", "RevokeToken", failure):
            answer = logout(world, ada, refreshToken="token")
        problem(answer, status, code)
        assert SECRET not in answer.text
        assert ended(world) == [f"SESSION#{ada.session_id}"]
        assert logout(world, ada, refreshToken="token").status == 204

    def test_the_row_is_there_by_the_time_cognito_is_asked(self, world: World, ada: User) -> None:
        world.open_user_pool()
        seen: list[str] = []
        with meanwhile(world, "cognito-idp", "RevokeToken", lambda: seen.extend(ended(world))):
            assert logout(world, ada, refreshToken="token").status == 204
        assert seen == [f"SESSION#{ada.session_id}"]

    @pytest.mark.parametrize(
        ("failure", "status", "code"),
        [
            (aws_error("TooManyRequestsException"), 429, "too-many-requests"),
            (aws_error("InternalErrorException"), 503, "dependency-unavailable"),
        ],
    )
    def test_all_sessions_have_ended_though_cognito_could_not_end_its_refresh_tokens(
        self, world: World, ada: User, failure: Exception, status: int, code: str
    ) -> None:
        with failing(world, "cognito-idp", "AdminUserGlobalSignOut", failure):
            answer = logout(world, ada, everywhere=True)
        assert ended(world) == [f"USER#{ada.profile_id}"]
        assert answer.status >= 400
        assert SECRET not in answer.text
        assert "Exception" not in answer.text
        problem(answer, status, code)

    def test_a_user_who_is_gone_signs_out_everywhere(self, world: World, ada: User) -> None:
        with failing(world, "cognito-idp", "AdminUserGlobalSignOut", aws_error("UserNotFoundException")):
            assert logout(world, ada, everywhere=True).status == 204

    def test_a_token_that_is_no_refresh_token_does_no_harm(self, world: World, ada: User) -> None:
        with failing(world, "cognito-idp", "RevokeToken", aws_error("UnsupportedTokenTypeException")):
            assert logout(world, ada, refreshToken="an.access.token").status == 204


class TestEverywhere:
    """All sessions of one user."""

    def test_it_ends_the_callers_own_refresh_tokens_by_the_pool_and_login_of_the_token(self, world: World) -> None:
        user = registered(world)
        other = registered(world, "bob")
        kept = sign_in(world, other.login).json["refreshToken"]
        asked: list[tuple[object, list[str]]] = []

        def note(params: Item | None) -> None:
            asked.append((json.loads((params or {})["body"]), ended(world)))

        with world.intercepting("cognito-idp", "AdminUserGlobalSignOut", note):
            assert logout(world, user, everywhere=True).status == 204
        assert asked == [({"UserPoolId": world.user_pool_id, "Username": "ada"}, [f"USER#{user.profile_id}"])]
        assert refresh(world, kept).status == 200

    def test_one_session_alone_needs_no_permission_over_the_pool(self, world: World, ada: User) -> None:
        with failing(world, "cognito-idp", "*", aws_error("AccessDeniedException")):
            assert logout(world, ada).status == 204
            assert logout(world, ada, everywhere=False).status == 204
            assert logout(world, ada, refreshToken=None).status == 204


class TestTableFails:
    """A session that could not be ended is not reported as ended."""

    @pytest.mark.parametrize("everywhere", [False, True])
    @pytest.mark.parametrize(
        "failure", [aws_error("ProvisionedThroughputExceededException"), aws_error("InternalServerError"), TIMEOUT]
    )
    def test_nothing_was_done_and_the_user_is_told_so(
        self,
        world: World,
        ada: User,
        failure: Exception,
        everywhere: bool,
    ) -> None:
        asked: list[object] = []
        with (
            world.intercepting("cognito-idp", "*", asked.append),
            failing(world, "dynamodb", "*", failure),
        ):
            answer = logout(world, ada, everywhere=everywhere, refreshToken="token")
        problem(answer, 503, "dependency-unavailable")
        assert answer.headers["retry-after"]
        assert SECRET not in answer.text
        assert asked == [], "the session goes on, and so must its refresh token"
        assert ended(world) == []

    def test_an_answer_that_is_lost_may_be_asked_for_again(self, world: World, ada: User) -> None:
        with losing_the_answer(world, "dynamodb", "UpdateItem"):
            problem(logout(world, ada), 503, "dependency-unavailable")
        assert logout(world, ada).status == 204
        assert ended(world) == [f"SESSION#{ada.session_id}"]


class TestRefresh:
    """What a refresh token returns, and when it is rejected."""

    def test_it_gives_all_that_signing_in_gives(self, world: World) -> None:
        registered(world)
        first = sign_in(world).json
        answer = refresh(world, first["refreshToken"])
        assert answer.json.keys() == {"token", "refreshToken", "idToken", "tokenType", "expiresIn"}
        assert (answer.json["tokenType"], answer.json["expiresIn"]) == ("Bearer", 3600)
        assert answer.headers["cache-control"] == "no-store"

    def test_an_ended_session_looks_like_a_token_that_was_never_given(self, world: World) -> None:
        registered(world)
        tokens = sign_in(world).json
        with failing(world, "cognito-idp", "GetTokensFromRefreshToken", aws_error("NotAuthorizedException")):
            unknown = problem(refresh(world, "unknown"), 401, "refresh-token-invalid")
        session = claimed_by(tokens["token"])
        assert logout(world, User(session["sub"], "ada", session["origin_jti"])).status == 204
        answer = refresh(world, tokens["refreshToken"])
        gone = problem(answer, 401, "refresh-token-invalid")
        assert {**gone, "requestId": ""} == {**unknown, "requestId": ""}
        assert tokens["refreshToken"] not in answer.text

    def test_no_refresh_token_outlives_its_session_however_often_it_was_exchanged(self, world: World) -> None:
        registered(world)
        tokens = sign_in(world).json
        fresh = refresh(world, tokens["refreshToken"]).json
        session = claimed_by(tokens["token"])
        assert claimed_by(fresh["token"])["origin_jti"] == session["origin_jti"]
        assert logout(world, User(session["sub"], "ada", session["origin_jti"])).status == 204
        problem(refresh(world, fresh["refreshToken"]), 401, "refresh-token-invalid")

    def test_while_sessions_can_not_be_read_no_token_is_given_and_the_refresh_token_can_be_used_again(
        self, world: World
    ) -> None:
        world.grace_is_over = False
        registered(world)
        tokens = sign_in(world).json
        with failing(world, "dynamodb", "BatchGetItem", TIMEOUT):
            answer = refresh(world, tokens["refreshToken"])
        problem(answer, 503, "dependency-unavailable")
        assert not answer.json.keys() & {"token", "refreshToken", "idToken"}
        assert refresh(world, tokens["refreshToken"]).status == 200
