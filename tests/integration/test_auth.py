"""Signing up, in and out, with moto's user pool."""

import time
from collections.abc import Iterator

import pytest

from tests.integration.factories import PASSWORD, register, registered, sign_in
from tests.integration.faults import SECRET, TIMEOUT, aws_error, failing
from tests.integration.gateway import KeyServer, authorized, key_server
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import Answer, Ok, User, World

THROTTLED = ["TooManyRequestsException", "LimitExceededException", "TooManyFailedAttemptsException"]


@pytest.fixture
def keys(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """The authorizer finds the user pool's keys."""
    from auth import authorize, signing_keys, tokens  # noqa: PLC0415 - reads its environment when imported

    with key_server() as server:
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{world.user_pool_id}"
        verifier = tokens.TokenVerifier(
            issuer=issuer, client_id=world.client_id, keys=signing_keys.SigningKeys(server.url)
        )
        monkeypatch.setattr(authorize, "verifier", verifier)
        yield server


def logout(world: World, user: User | None, **body: object) -> Answer:
    """Sign out."""
    return world.request("POST", "/logout", user, json_body=body)


def refresh(world: World, token: str) -> Answer:
    """Ask for a new access token."""
    return world.request("POST", "/refresh", json_body={"refreshToken": token})


class TestRegister:
    """POST /register and POST /register/confirm."""

    def test_a_user_gets_an_id_which_is_the_profiles_too(self, world: World) -> None:
        answer = register(world)
        assert answer.status == 201
        assert answer.json["userId"] == answer.json["profileId"]
        assert PASSWORD not in answer.text

    def test_a_login_can_be_taken_once(self, world: World) -> None:
        register(world)
        problem(register(world, email="other@example.com"), 409, "login-taken")

    @pytest.mark.parametrize("password", ["Sh0rt!", "no-capital-letter-1", "NO-SMALL-LETTER-1", "No-Digit-At-All"])
    def test_a_weak_password_is_refused_by_name(self, world: World, password: str) -> None:
        assert refused_fields(register(world, password=password)) == ["password"]
        assert register(world).status == 201

    def test_a_password_that_follows_the_stated_rule_is_taken(self, world: World) -> None:
        rule = problem(register(world, password="weak"), 422, "validation-failed")["errors"][0]["message"]  # noqa: S106
        by_the_rule = "abcdefghijK1" if "symbol" not in rule else "abcdefghijK1!"
        assert register(world, password=by_the_rule).status == 201, rule

    @pytest.mark.parametrize(
        "email",
        ["", "x", "@example.com", "x@", "x@y", "a b@example.com", "x@y@example.com", f"{'x' * 65}@y.zz", 7, None],
    )
    def test_a_bad_address_is_refused_by_name(self, world: World, email: object) -> None:
        assert refused_fields(register(world, email=email)) == ["email"]

    @pytest.mark.parametrize("login", ["", "ab", "x" * 65, "ada@example.com", "a b", "ädä", "a\n", 7, None])
    def test_a_bad_login_is_refused_by_name(self, world: World, login: object) -> None:
        body = {"login": login, "email": "ada@example.com", "password": PASSWORD}
        assert refused_fields(world.request("POST", "/register", json_body=body)) == ["login"]

    def test_all_that_is_missing_is_named_and_no_password_comes_back(self, world: World) -> None:
        answer = world.request("POST", "/register", json_body={})
        assert sorted(refused_fields(answer)) == ["email", "login", "password"]
        answer = world.request("POST", "/register", json_body={"password": ["hunter2"]})
        assert "hunter2" not in answer.text

    @pytest.mark.parametrize("code", ["CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"])
    def test_a_wrong_code_is_refused_and_an_unknown_login_looks_the_same(self, world: World, code: str) -> None:
        register(world)
        with failing(world, "cognito-idp", "ConfirmSignUp", aws_error(code)):
            answer = world.request("POST", "/register/confirm", json_body={"login": "ada", "code": "000000"})
        problem(answer, 422, "confirmation-code-wrong")


class TestLogin:
    """POST /login."""

    def test_signing_in_gives_tokens(self, world: World) -> None:
        registered(world)
        answer = sign_in(world)
        assert answer.status == 200
        assert answer.json.keys() == {"token", "refreshToken", "idToken", "tokenType", "expiresIn"}
        assert (answer.json["tokenType"], answer.json["expiresIn"]) == ("Bearer", 3600)
        assert answer.headers["cache-control"] == "no-store"

    def test_an_unknown_login_and_a_wrong_password_look_alike(self, world: World) -> None:
        registered(world)
        documents = [
            problem(answer, 401, "wrong-credentials")
            for answer in (sign_in(world, "nobody"), sign_in(world, password="Wrong-Horse-7"))  # noqa: S106
        ]
        for document in documents:
            del document["requestId"]
        assert documents[0] == documents[1]

    def test_who_has_not_confirmed_is_told_so(self, world: World) -> None:
        register(world)
        problem(sign_in(world), 403, "registration-not-confirmed")

    def test_who_must_choose_a_new_password_first_can_not_sign_in(self, world: World) -> None:
        answer = {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": {}, "Session": "s" * 20}
        with world.intercepting("cognito-idp", "InitiateAuth", lambda _params: (Ok(), answer)):
            assert sign_in(world).status in {401, 403}


class TestCognitoFails:
    """The user pool does not answer as it should."""

    @staticmethod
    def requests(world: World) -> dict[str, Answer]:
        return {
            "SignUp": register(world),
            "ConfirmSignUp": world.request("POST", "/register/confirm", json_body={"login": "ada", "code": "1"}),
            "InitiateAuth": sign_in(world),
            "GetTokensFromRefreshToken": refresh(world, "token"),
            "RevokeToken": logout(world, User(), refreshToken="token"),
        }

    @pytest.mark.parametrize(
        ("failure", "status", "code"),
        [
            *((aws_error(code), 429, "too-many-requests") for code in THROTTLED),
            (aws_error("InternalErrorException"), 503, "dependency-unavailable"),
            (aws_error("UserLambdaValidationException"), 503, "dependency-unavailable"),
            (TIMEOUT, 503, "dependency-unavailable"),
        ],
    )
    def test_the_answer_says_to_come_back_and_nothing_of_the_inside(
        self, world: World, failure: Exception, status: int, code: str
    ) -> None:
        for operation in ("SignUp", "ConfirmSignUp", "InitiateAuth", "GetTokensFromRefreshToken", "RevokeToken"):
            with failing(world, "cognito-idp", operation, failure):
                answer = self.requests(world)[operation]
            problem(answer, status, code)
            assert answer.headers["retry-after"]
            assert SECRET not in answer.text
            assert "Exception" not in answer.text


class TestRefresh:
    """POST /refresh."""

    def test_a_refresh_token_gives_a_new_access_token_and_the_next_refresh_token(self, world: World) -> None:
        registered(world)
        first = sign_in(world).json
        second = refresh(world, first["refreshToken"])
        assert second.status == 200
        third = refresh(world, second.json["refreshToken"])
        assert third.status == 200
        assert len({first["token"], second.json["token"], third.json["token"]}) == 3
        assert len({first["refreshToken"], second.json["refreshToken"], third.json["refreshToken"]}) == 3

    def test_a_used_refresh_token_gives_nothing(self, world: World) -> None:
        registered(world)
        first = sign_in(world).json
        second = refresh(world, first["refreshToken"]).json
        problem(refresh(world, first["refreshToken"]), 401, "refresh-token-invalid")
        assert refresh(world, second["refreshToken"]).status == 200

    @pytest.mark.parametrize(
        "code",
        [
            "NotAuthorizedException",
            "RefreshTokenReuseException",
            "UserNotFoundException",
            "InvalidParameterException",
            "PasswordResetRequiredException",
            "UserNotConfirmedException",
        ],
    )
    def test_a_token_that_cognito_refuses_is_refused(self, world: World, code: str) -> None:
        with failing(world, "cognito-idp", "GetTokensFromRefreshToken", aws_error(code)):
            problem(refresh(world, "unknown"), 401, "refresh-token-invalid")

    @pytest.mark.parametrize("token", ["", "a b", "ä", "x" * 8193, 7, None])
    def test_what_can_be_no_refresh_token_is_refused_by_name(self, world: World, token: object) -> None:
        assert refused_fields(world.request("POST", "/refresh", json_body={"refreshToken": token})) == ["refreshToken"]


class TestLogout:
    """POST /logout, and what its session's tokens open afterwards."""

    def test_the_very_next_request_with_the_sessions_token_is_refused(self, world: World, keys: KeyServer) -> None:
        assert keys.url
        registered(world)
        tokens = sign_in(world).json
        user = authorized(world, tokens["token"])
        assert user
        assert user.login == "ada"
        assert logout(world, user).status == 204
        assert authorized(world, tokens["token"]) is None
        problem(refresh(world, tokens["refreshToken"]), 401, "refresh-token-invalid")

    def test_tokens_that_were_refreshed_end_with_their_session(self, world: World, keys: KeyServer) -> None:
        assert keys.url
        registered(world)
        tokens = sign_in(world).json
        fresh = refresh(world, tokens["refreshToken"]).json["token"]
        assert logout(world, authorized(world, tokens["token"])).status == 204
        assert authorized(world, fresh) is None

    def test_another_session_and_another_user_go_on(self, world: World, keys: KeyServer) -> None:
        assert keys.url
        registered(world)
        registered(world, "bob")
        ended, other, bobs = (sign_in(world, login).json for login in ("ada", "ada", "bob"))
        logout(world, authorized(world, ended["token"]))
        assert authorized(world, other["token"])
        assert authorized(world, bobs["token"])
        assert refresh(world, other["refreshToken"]).status == 200

    def test_everywhere_ends_all_sessions_and_no_later_one(self, world: World, keys: KeyServer) -> None:
        assert keys.url
        registered(world)
        registered(world, "bob")
        sessions = [sign_in(world).json for _ in range(2)]
        bobs = sign_in(world, "bob").json
        assert logout(world, authorized(world, sessions[0]["token"]), everywhere=True).status == 204
        for session in sessions:
            assert authorized(world, session["token"]) is None
            problem(refresh(world, session["refreshToken"]), 401, "refresh-token-invalid")
        assert authorized(world, bobs["token"])
        later = sign_in(world).json
        assert authorized(world, later["token"])
        assert refresh(world, later["refreshToken"]).status == 200

    def test_a_refresh_token_given_with_it_ends_too(self, world: World) -> None:
        registered(world)
        tokens = sign_in(world).json
        assert logout(world, User(), refreshToken=tokens["refreshToken"]).status == 204
        problem(refresh(world, tokens["refreshToken"]), 401, "refresh-token-invalid")

    @pytest.mark.parametrize("code", ["UnauthorizedException", "InvalidParameterException", "NotAuthorizedException"])
    def test_a_refresh_token_that_is_none_of_ours_does_no_harm(self, world: World, code: str) -> None:
        with failing(world, "cognito-idp", "RevokeToken", aws_error(code)):
            assert logout(world, User(), refreshToken="unknown").status == 204

    @pytest.mark.parametrize("repeats", [1, 2])
    def test_signing_out_again_is_no_error(self, world: World, repeats: int) -> None:
        user = User()
        assert [logout(world, user).status for _ in range(repeats)] == [204] * repeats
        assert len(world.rows("auth")) == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"everywhere": "yes"}, "everywhere"),
            ({"everywhere": None}, "everywhere"),
            ({"refreshToken": ""}, "refreshToken"),
        ],
    )
    def test_a_bad_field_is_named_and_the_session_goes_on(
        self, world: World, body: dict[str, object], field: str
    ) -> None:
        assert refused_fields(logout(world, User(), **body)) == [field]
        assert world.rows("auth") == []

    def test_the_session_has_ended_even_when_cognito_does_not_answer(self, world: World, keys: KeyServer) -> None:
        assert keys.url
        registered(world)
        token = sign_in(world).json["token"]
        user = authorized(world, token)
        with failing(world, "cognito-idp", "AdminUserGlobalSignOut", TIMEOUT):
            problem(logout(world, user, everywhere=True), 503, "dependency-unavailable")
        assert authorized(world, token) is None

    def test_a_row_outlives_every_token_of_its_session(self, world: World) -> None:
        logout(world, User())
        [row] = world.rows("auth")
        assert row["expiresAt"] >= int(time.time()) + 30 * 24 * 3600 + 3600
