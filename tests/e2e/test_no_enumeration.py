"""Login, register and confirm do not reveal who has an account. tests/attack compares their timing.

A taken login is the exception, since registering must report it (docs/decisions/0009).
"""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.e2e.api import Api, Credentials, User
from tests.e2e.emulated import unconfirmed_user

WRONG = "Wrong-pass-1"
CODE = "000000"

type Ask = Callable[[], httpx.Response]


@pytest.fixture(scope="module")
def known(api: Api) -> User:
    """Somebody who has an account."""
    return api.new_user()


@pytest.fixture(scope="module")
def unconfirmed(api: Api) -> Iterator[Credentials]:
    """A user who has registered but not confirmed."""
    with unconfirmed_user(api) as credentials:
        yield credentials


def what_it_says(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, str]]:
    """An answer without what differs from request to request: ids, tokens and times."""
    ids = {"requestId", "userId", "profileId"}
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_ONE_REQUEST}
    body = answer.json() if answer.content else {}
    return answer.status_code, headers, {name: "an id" if name in ids else value for name, value in body.items()}


_OF_ONE_REQUEST = {"date", "x-request-id", "apigw-requestid"}


def sign_in(api: Api, login: str) -> Ask:
    return lambda: api.post("/login", {"login": login, "password": WRONG})


def confirm(api: Api, login: str) -> Ask:
    return lambda: api.post("/register/confirm", {"login": login, "code": CODE})


def register(api: Api, email: str | None = None, login: str | None = None) -> Ask:
    """Register a new user, with these fields changed."""

    def ask() -> httpx.Response:
        fresh = Credentials()
        body = {"login": login or fresh.login, "email": email or fresh.email, "password": fresh.password}
        return api.post("/register", body)

    return ask


def test_signing_in_answers_alike_whoever_has_an_account(api: Api, known: User) -> None:
    nobody = Credentials()
    answers = [
        sign_in(api, login)()
        for login in (nobody.login, known.credentials.login, nobody.email, known.credentials.email, known.profile_id)
    ]

    assert answers[0].status_code == 401
    assert all(what_it_says(answer) == what_it_says(answers[0]) for answer in answers)


def test_confirming_answers_alike_whoever_has_an_account(api: Api, known: User, unconfirmed: Credentials) -> None:
    answers = [
        confirm(api, login)()
        for login in (Credentials().login, known.credentials.login, unconfirmed.login, known.credentials.email)
    ]

    assert answers[0].status_code == 422
    assert all(what_it_says(answer) == what_it_says(answers[0]) for answer in answers)


def test_registering_answers_alike_whoever_has_the_address(api: Api, known: User, unconfirmed: Credentials) -> None:
    answers = [register(api, email)() for email in (None, known.credentials.email, unconfirmed.email)]

    assert answers[0].status_code == 201
    assert all(what_it_says(answer) == what_it_says(answers[0]) for answer in answers)


def test_a_login_that_is_taken_tells_nothing_of_its_address(api: Api, known: User) -> None:
    login = known.credentials.login
    answers = [register(api, email, login)() for email in (None, known.credentials.email)]

    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "login-taken")
    assert what_it_says(answers[0]) == what_it_says(answers[1])


def test_registering_with_a_known_address_opens_nothing_of_its_owners(api: Api, known: User) -> None:
    newcomer = Credentials()
    registered = api.post("/register", {**newcomer.registration(), "email": known.credentials.email})
    signed_in = api.signed_in(newcomer, registered.json()["profileId"])

    assert signed_in.profile_id != known.profile_id
    assert signed_in.get(f"/profiles/{known.profile_id}").status_code == 403
    assert api.post("/login", known.credentials.sign_in()).status_code == 200
