"""What registering, confirming and signing in reveal, and what not. test_auth.py has more tests of them."""

import re
import uuid

import jwt
import pytest

from tests.integration.factories import PASSWORD, register, registered, sign_in
from tests.integration.faults import SECRET, aws_error, failing
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import Answer, Item, User, World

WRONG_CODES = [
    "CodeMismatchException",
    "ExpiredCodeException",
    "UserNotFoundException",
    "NotAuthorizedException",
    "AliasExistsException",
    "InvalidParameterException",
]
WRONG_CREDENTIALS = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "InvalidParameterException",
    "PasswordResetRequiredException",
]


def confirm(world: World, **body: object) -> Answer:
    """Confirm a registration."""
    return world.request("POST", "/register/confirm", json_body={"login": "ada", "code": "123456", **body})


def all_but_the_request(answer: Answer) -> object:
    """An answer without what differs from request to request."""
    document = {name: value for name, value in answer.json.items() if name != "requestId"}
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status, document, headers


class TestRegister:
    """POST /register."""

    def test_the_id_that_registering_gives_is_whose_the_tokens_are(self, world: World) -> None:
        user = registered(world)
        said = jwt.decode(sign_in(world).json["token"], options={"verify_signature": False})
        assert (said["sub"], said["username"]) == (user.profile_id, "ada")
        assert world.request("GET", f"/profiles/{said['sub']}", user).json["login"] == "ada"

    def test_the_answer_has_the_two_ids_and_nothing_else(self, world: World) -> None:
        answer = register(world)
        assert answer.json.keys() == {"userId", "profileId"}
        assert answer.headers["cache-control"] == "no-store"

    def test_whether_the_address_is_another_users_does_not_show(self, world: World) -> None:
        fresh = register(world)
        with failing(world, "cognito-idp", "SignUp", aws_error("AliasExistsException")):
            taken = register(world, login="bob")
        assert (taken.status, taken.json.keys()) == (fresh.status, fresh.json.keys())
        assert taken.headers.keys() == fresh.headers.keys()
        ids = [uuid.UUID(answer.json["userId"]) for answer in (fresh, taken)]
        assert ids[0] != ids[1]
        assert [answer.json["profileId"] for answer in (fresh, taken)] == [str(each) for each in ids]
        assert {each.version for each in ids} == {4}
        problem(sign_in(world, "bob"), 401, "wrong-credentials")

    def test_a_login_that_is_taken_is_said_to_be_so_and_nothing_of_the_address(self, world: World) -> None:
        register(world)
        answers = [register(world, email=email) for email in ("ada@example.com", "fresh@example.com")]
        assert problem(answers[0], 409, "login-taken")["detail"] == "The login is taken"
        assert all_but_the_request(answers[0]) == all_but_the_request(answers[1])

    @pytest.mark.parametrize(
        ("code", "field"), [("InvalidPasswordException", "password"), ("InvalidParameterException", "email")]
    )
    def test_what_cognito_finds_wrong_is_said_in_our_words(self, world: World, code: str, field: str) -> None:
        with failing(world, "cognito-idp", "SignUp", aws_error(code)):
            answer = register(world, password="weak-and-secret")  # noqa: S106
        assert refused_fields(answer) == [field]
        for inside in (SECRET, "Exception", "Cognito", "botocore", "weak-and-secret"):
            assert inside not in answer.text

    @pytest.mark.parametrize("password", [" Correct-Horse-7", "Correct-Horse-7 "])
    def test_a_password_that_cognito_can_not_take_is_refused_as_the_password(self, world: World, password: str) -> None:
        def validate(params: Item | None) -> None:
            if re.search(r'"Password": ?"(\s|[^"]*\s")', str((params or {})["body"])):
                raise aws_error("InvalidParameterException")

        with world.intercepting("cognito-idp", "SignUp", validate):
            assert refused_fields(register(world, password=password)) == ["password"]

    @pytest.mark.parametrize("field", ["email", "login", "password"])
    @pytest.mark.parametrize("value", [["hunter2!"], {"hunter2!": 1}, "hunter2!" * 50])
    def test_a_value_that_is_refused_does_not_come_back(self, world: World, field: str, value: object) -> None:
        body = {"login": "ada", "email": "ada@example.com", "password": PASSWORD, field: value}
        answer = world.request("POST", "/register", json_body=body)
        assert refused_fields(answer) == [field]
        for given in ("hunter2!", PASSWORD, "ada@example.com"):
            assert given not in answer.text

    @pytest.mark.parametrize("field", ["role", "profileId", "custom:admin", "Email", "fullName"])
    def test_a_field_that_nobody_asked_for_is_named_and_nobody_is_registered(self, world: World, field: str) -> None:
        answer = register(world, **{field: "given-value"})
        assert refused_fields(answer) == [field]
        assert "given-value" not in answer.text
        assert register(world).status == 201

    def test_what_is_refused_never_reaches_cognito(self, world: World) -> None:
        world.open_user_pool()
        with failing(world, "cognito-idp", "*", aws_error("InternalErrorException")):
            assert register(world, email="x").status == 422
            assert confirm(world, code="not a code").status == 422
            assert sign_in(world, "").status == 422
            assert world.request("POST", "/refresh", json_body={}).status == 422


class TestConfirm:
    """POST /register/confirm."""

    def test_whoever_confirms_can_sign_in_from_then_on(self, world: World) -> None:
        register(world)
        problem(sign_in(world), 403, "registration-not-confirmed")
        answer = confirm(world)
        assert (answer.status, answer.text) == (204, "")
        assert sign_in(world).status == 200

    def test_a_wrong_code_an_unknown_login_and_one_that_is_confirmed_look_alike(self, world: World) -> None:
        register(world)
        answers = [confirm(world, login="nobody")]
        for code in WRONG_CODES:
            with failing(world, "cognito-idp", "ConfirmSignUp", aws_error(code)):
                answers.append(confirm(world))
        problem(answers[0], 422, "confirmation-code-wrong")
        assert len({str(all_but_the_request(answer)) for answer in answers}) == 1
        assert SECRET not in answers[-1].text
        problem(sign_in(world), 403, "registration-not-confirmed")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"code": ""}, "code"),
            ({"code": "12 34"}, "code"),
            ({"code": "1" * 65}, "code"),
            ({"code": 123456}, "code"),
            ({"login": ""}, "login"),
            ({"login": "x" * 129}, "login"),
            ({"login": None}, "login"),
            ({"password": "x"}, "password"),
        ],
    )
    def test_a_field_that_can_not_be_so_is_refused_by_name(
        self, world: World, body: dict[str, object], field: str
    ) -> None:
        assert refused_fields(confirm(world, **body)) == [field]

    def test_all_that_is_missing_is_named(self, world: World) -> None:
        answer = world.request("POST", "/register/confirm", json_body={})
        assert sorted(refused_fields(answer)) == ["code", "login"]


class TestLogin:
    """POST /login."""

    def test_no_way_to_be_wrong_shows_whether_the_login_exists(self, world: World) -> None:
        answers = []
        for code in WRONG_CREDENTIALS:
            with failing(world, "cognito-idp", "InitiateAuth", aws_error(code)):
                answers.append(sign_in(world))
        problem(answers[0], 401, "wrong-credentials")
        assert len({str(all_but_the_request(answer)) for answer in answers}) == 1
        for inside in (SECRET, "Exception", PASSWORD, "ada"):
            assert inside not in str(all_but_the_request(answers[0]))

    def test_all_that_is_missing_is_named(self, world: World) -> None:
        assert sorted(refused_fields(world.request("POST", "/login", json_body={}))) == ["login", "password"]

    def test_a_password_of_the_wrong_kind_does_not_come_back(self, world: World) -> None:
        answer = world.request("POST", "/login", json_body={"login": "ada", "password": ["hunter2!"]})
        assert refused_fields(answer) == ["password"]
        assert "hunter2!" not in answer.text

    def test_each_sign_in_is_a_session_of_its_own(self, world: World) -> None:
        user: User = registered(world)
        sessions = [
            jwt.decode(sign_in(world).json["token"], options={"verify_signature": False})["origin_jti"]
            for _ in range(2)
        ]
        assert len({*sessions, user.session_id}) == 3
