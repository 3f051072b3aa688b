"""Logins and e-mail addresses, which ignore case, and passwords and codes, as strict as on AWS."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest

from tests.e2e.api import Api, Credentials, User
from tests.e2e.emulated import EMULATOR_CODE, unconfirmed_user


def register(api: Api, login: str, email: str | None = None, password: str = "Aa1!aaaa") -> httpx.Response:  # noqa: S107
    """Register somebody."""
    return api.post("/register", {"login": login, "email": email or Credentials().email, "password": password})


def sign_in(api: Api, login: str, password: str) -> httpx.Response:
    """Sign in."""
    return api.post("/login", {"login": login, "password": password})


def spellings(text: str) -> tuple[str, ...]:
    """A name in other cases."""
    return (text.upper(), text.title(), text[0].upper() + text[1:], text[:-1] + text[-1].upper())


def test_a_login_is_taken_however_it_is_spelled(api: Api) -> None:
    login = f"{Credentials().login}x"
    assert register(api, login).status_code == 201
    for taken in (login, *spellings(login)):
        answer = register(api, taken)
        assert (answer.status_code, answer.json()["code"]) == (409, "login-taken")


def test_a_login_in_capitals_is_taken_by_the_same_in_small_letters(api: Api) -> None:
    login = Credentials().login.upper()
    assert register(api, login).status_code == 201
    assert register(api, login.lower()).status_code == 409


def test_of_eight_at_once_who_want_one_login_one_gets_it(api: Api) -> None:
    login = f"{Credentials().login}x"
    wanted = [login, *spellings(login), login, login.upper(), login]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda spelled: register(api, spelled), wanted))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


def test_one_signs_in_by_login_and_address_in_any_case(api: Api, user: User) -> None:
    credentials = user.credentials
    for name in (*spellings(credentials.login), credentials.email, *spellings(credentials.email)):
        answer = sign_in(api, name, credentials.password)
        assert answer.status_code == 200, name
        assert jwt.decode(answer.json()["token"], options={"verify_signature": False})["sub"] == user.profile_id


def test_who_registers_in_capitals_is_known_in_small_letters(api: Api) -> None:
    credentials = Credentials()
    login, email = credentials.login.upper(), credentials.email.upper()
    profile_id = register(api, login, email, credentials.password).json()["profileId"]
    for name in (login, credentials.login, email, credentials.email):
        assert sign_in(api, name, credentials.password).status_code == 200
    user = api.signed_in(credentials, profile_id)
    profile = user.get(f"/profiles/{profile_id}").json()
    claims = jwt.decode(user.tokens.access, options={"verify_signature": False})
    assert profile["login"] == claims["username"] == credentials.login
    assert profile["email"] == credentials.email
    assert user.post("/logout", {"everywhere": True}).status_code == 204
    assert user.get("/orders").is_client_error


def test_the_case_of_a_password_counts(api: Api, user: User) -> None:
    password = user.credentials.password
    assert sign_in(api, user.credentials.login, password.swapcase()).status_code == 401
    assert sign_in(api, user.credentials.login.upper(), password).status_code == 200


@pytest.mark.parametrize("login", [" {}", "{} ", "{}\n", "{}\u200b", "{}%", "*", "{}.", "\uff35{}"])
def test_a_login_with_something_about_it_is_another(api: Api, user: User, login: str) -> None:
    name = login.format(user.credentials.login)
    assert sign_in(api, name, user.credentials.password).status_code in {401, 422}


def test_the_hosted_login_takes_any_case_too(api: Api, user: User) -> None:
    endpoint, client_id = api.stack["awsEndpoint"], api.stack["clientId"]
    form = {
        "client_id": client_id,
        "redirect_uri": "http://localhost:3000/callback",
        "response_type": "code",
        "scope": "openid",
        "password": user.credentials.password,
    }
    for name in (user.credentials.login.upper(), user.credentials.email.upper()):
        answer = httpx.post(f"{endpoint}/login", data={**form, "username": name})
        assert answer.status_code == 302
        assert "code=" in answer.headers["location"]
    assert httpx.post(f"{endpoint}/login", data={**form, "username": "somebody-else"}).status_code == 200


class TestAddresses:
    """An e-mail address signs in one user at a time."""

    def test_where_addresses_are_not_verified_an_address_moves_to_who_registers_last(
        self, api: Api, user: User
    ) -> None:
        newcomer = Credentials()
        email = user.credentials.email
        registered = register(api, newcomer.login, email.upper(), newcomer.password)
        assert registered.status_code == 201
        assert sign_in(api, email, user.credentials.password).status_code == 401
        assert sign_in(api, user.credentials.login, user.credentials.password).status_code == 200
        token = sign_in(api, email, newcomer.password).json()["token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["sub"] == registered.json()["profileId"]

    def test_the_code_makes_the_address_one_to_sign_in_by(self, api: Api) -> None:
        with unconfirmed_user(api) as credentials:
            assert sign_in(api, credentials.email, credentials.password).status_code == 401
            confirmed = api.post("/register/confirm", {"login": credentials.login.upper(), "code": EMULATOR_CODE})
            assert confirmed.status_code == 204
            assert sign_in(api, credentials.email.upper(), credentials.password).status_code == 200

    def test_the_code_does_not_confirm_an_address_that_is_anothers_by_then(self, api: Api) -> None:
        with unconfirmed_user(api) as late:
            first = Credentials()
            assert register(api, first.login, late.email, first.password).status_code == 201
            answer = api.post("/register/confirm", {"login": late.login, "code": EMULATOR_CODE})
            assert (answer.status_code, answer.json()["code"]) == (422, "confirmation-code-wrong")
            assert sign_in(api, late.login, late.password).json()["code"] == "registration-not-confirmed"
            assert sign_in(api, late.email, first.password).status_code == 200


@pytest.mark.parametrize(
    "password", ["ÄÖÜß-lower-7", "äöüß-UPPER-7", "Upper-lower-٣", "Upper-lower-²", "Upperlower7é", "Aa1!aaa"]
)
def test_a_password_without_one_of_each_in_basic_latin_is_refused(api: Api, password: str) -> None:
    answer = register(api, Credentials().login, password=password)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["password"])


@pytest.mark.parametrize("password", ["Ünï-Aa1-cöde", "Aa1!٣²É\U0001f9fe", "Aa1! blank inside"])
def test_a_password_may_have_other_characters_beside(api: Api, password: str) -> None:
    credentials = Credentials(password=password)
    assert register(api, credentials.login, password=password).status_code == 201
    assert sign_in(api, credentials.login, password).status_code == 200


class TestRevocation:
    """The refresh token in a sign-out."""

    def test_a_forged_one_ends_nobodys_session(self, api: Api, user: User) -> None:
        header, payload, signature = user.tokens.refresh.split(".")
        forged = f"{header}.{payload}.{signature[:-8]}AAAAAAAA"
        assert api.new_user().post("/logout", {"refreshToken": forged}).status_code == 204
        assert api.post("/refresh", {"refreshToken": user.tokens.refresh}).status_code == 200

    @pytest.mark.parametrize("kind", ["access", "identity"])
    def test_a_token_of_another_kind_ends_nothing(self, api: Api, user: User, kind: str) -> None:
        other = getattr(user.tokens, kind)
        assert api.new_user().post("/logout", {"refreshToken": other}).status_code == 204
        assert user.get("/orders").status_code == 200
        assert api.post("/refresh", {"refreshToken": user.tokens.refresh}).status_code == 200

    def test_ones_own_is_ended(self, api: Api, user: User) -> None:
        other_session = api.signed_in(user.credentials, user.profile_id)
        assert user.post("/logout", {"refreshToken": other_session.tokens.refresh}).status_code == 204
        assert api.post("/refresh", {"refreshToken": other_session.tokens.refresh}).status_code == 401
