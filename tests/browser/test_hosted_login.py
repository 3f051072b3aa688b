"""Through the hosted login and back: code and PKCE, tokens that rotate, and sessions that end.

Locally the login page is the emulator's own: without a form to sign up, and with a look of its own. On AWS it is
Cognito's managed login.
"""

import base64
import hashlib
import time
from collections.abc import Callable

import httpx
import pytest

from local.app.configuration import ADDRESS
from tests.browser.visitor import Visitor, answer_to, form, query
from tests.e2e.api import Api, Credentials, User
from tests.infra.stages import LOCAL

_CALLBACK = f"{ADDRESS}/callback"


def _opens(api: Api, token: str) -> int:
    return api.get("/billing/account", headers={"authorization": f"Bearer {token}"}).status_code


def _token_request(api: Api, **form: str) -> httpx.Response:
    data = {"client_id": api.stack["clientId"], **form}
    return httpx.post(f"{api.stack['hostedLoginUrl']}/oauth2/token", data=data)


def _exchange(api: Api, code: str, **verifier: str) -> httpx.Response:
    return _token_request(api, grant_type="authorization_code", redirect_uri=_CALLBACK, code=code, **verifier)


def _refresh(api: Api, refresh_token: str) -> httpx.Response:
    return _token_request(api, grant_type="refresh_token", refresh_token=refresh_token)


def test_sign_up_sign_in_refresh_and_sign_out(api: Api, visitor: Visitor) -> None:
    credentials = Credentials()

    visitor.open_app()
    visitor.shoot("01-the-app")
    visitor.create_account(credentials)
    visitor.shoot("02-sign-up")
    visitor.press("Create account")
    visitor.sees("Your account is there. You can sign in now.")
    visitor.shoot("03-signed-up")

    visitor.go_to_the_login_page()
    asked = query(visitor.page.url)
    visitor.shoot("04-hosted-login")
    visitor.log_in(credentials.login, credentials.password)
    visitor.sees(credentials.login)
    visitor.sees(credentials.email)
    visitor.sees("$0.00")
    visitor.shoot("05-signed-in")

    [exchange] = visitor.sent("POST", "/oauth2/token")
    verifier = form(exchange)["code_verifier"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", challenge)
    assert visitor.page.url == f"{ADDRESS}/"
    assert visitor.keeps() == {"cookies": [], "localStorage": {}, "sessionStorage": {}}
    given = answer_to(exchange).json()
    [account] = visitor.sent("GET", "/billing/account")
    assert account.headers["authorization"] == f"Bearer {given['access_token']}"

    visitor.press("Renew tokens")
    visitor.sees("The tokens are new.")
    visitor.shoot("06-renewed")
    [renewal] = visitor.sent("POST", "/refresh")
    fresh = answer_to(renewal).json()
    assert renewal.post_data_json == {"refreshToken": given["refresh_token"]}
    assert fresh["refreshToken"] != given["refresh_token"]
    assert _opens(api, fresh["token"]) == 200

    visitor.press("Sign out")
    visitor.page.get_by_role("button", name="Sign in").wait_for()
    visitor.shoot("07-signed-out")
    [hosted, ours] = sorted(visitor.sent("GET", "/logout") + visitor.sent("POST", "/logout"), key=lambda r: r.method)
    assert query(hosted.url) == {"client_id": api.stack["clientId"], "logout_uri": f"{ADDRESS}/"}
    assert answer_to(ours).status == 204
    assert not visitor.is_signed_in
    assert _opens(api, given["access_token"]) == _opens(api, fresh["token"]) == 401
    assert api.post("/refresh", {"refreshToken": fresh["refreshToken"]}).status_code == 401
    assert _refresh(api, fresh["refreshToken"]).status_code == 400


@pytest.mark.parametrize("known", [True, False], ids=["a wrong password", "an unknown login"])
def test_what_does_not_fit_gives_no_code_and_does_not_say_which(visitor: Visitor, user: User, known: bool) -> None:
    visitor.open_app()
    visitor.go_to_the_login_page()

    visitor.log_in(user.credentials.login if known else "nobody-at-all", "Wrong-horse-7")

    visitor.sees("Incorrect username or password.")
    visitor.shoot(f"08-refused-{'wrong-password' if known else 'unknown-login'}")
    assert visitor.sent("GET", "/callback") == []
    visitor.page.goto(ADDRESS)
    assert not visitor.is_signed_in


@pytest.mark.parametrize("state", ["&state=forged", "&state=", ""], ids=["another", "an empty one", "none"])
@pytest.mark.parametrize("waiting", [True, False], ids=["while one signs in", "out of nowhere"])
def test_a_code_with_a_state_that_is_not_ones_own_signs_nobody_in(
    api: Api, new_visitor: Callable[[], Visitor], user: User, state: str, waiting: bool
) -> None:
    """Else an attacker could sign a victim in to the attacker's account, and watch what they do there."""
    code, verifier = new_visitor().code_of(user.credentials)
    victim = new_visitor()
    victim.open_app()
    if waiting:
        victim.go_to_the_login_page()

    victim.page.goto(f"{_CALLBACK}?code={code}{state}")

    victim.sees("That answer does not belong to a sign-in of this browser. Nobody was signed in.")
    victim.shoot("09-tampered-state")
    assert not victim.is_signed_in
    assert victim.sent("POST", "/oauth2/token") == []
    assert victim.keeps() == {"cookies": [], "localStorage": {}, "sessionStorage": {}}
    assert _exchange(api, code, code_verifier=verifier).status_code == 200, "the code itself was good"


def test_a_code_is_good_for_its_verifier_alone_and_once(api: Api, visitor: Visitor, user: User) -> None:
    code, verifier = visitor.code_of(user.credentials)

    for wrong in ({}, {"code_verifier": verifier[::-1]}, {"code_verifier": "x" * 43}):
        refused = _exchange(api, code, **wrong)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")

    tokens = _exchange(api, code, code_verifier=verifier)
    assert tokens.status_code == 200
    assert _opens(api, tokens.json()["access_token"]) == 200
    assert _exchange(api, code, code_verifier=verifier).status_code == 400


def test_the_app_says_so_when_its_verifier_does_not_fit(visitor: Visitor, user: User) -> None:
    visitor.page.add_init_script(
        "if (location.pathname === '/callback') {"
        "  const waiting = JSON.parse(sessionStorage.getItem('sign-in'));"
        "  sessionStorage.setItem('sign-in', JSON.stringify({...waiting, verifier: 'x'.repeat(43)}));"
        "}"
    )
    visitor.open_app()
    visitor.go_to_the_login_page()
    visitor.log_in(user.credentials.login, user.credentials.password)

    visitor.sees("The code of the login page was not accepted. Please sign in again.")
    visitor.shoot("10-wrong-verifier")
    assert not visitor.is_signed_in
    visitor.errors.clear()  # the browser's own line about the 400


def test_signing_out_everywhere_ends_the_session_in_another_browser(
    new_visitor: Callable[[], Visitor], user: User
) -> None:
    here, there = new_visitor(), new_visitor()
    here.sign_in(user.credentials)
    there.sign_in(user.credentials)

    here.press("Sign out everywhere")
    here.page.get_by_role("button", name="Sign in").wait_for()

    there.press("Renew tokens")
    there.sees("Your session has ended. Please sign in again.")
    there.shoot("11-ended-elsewhere")
    assert not there.is_signed_in
    there.errors.clear()  # the browser's own line about the 401


def test_refresh_tokens_of_the_hosted_login_serve_once(api: Api, visitor: Visitor, user: User) -> None:
    code, verifier = visitor.code_of(user.credentials)
    first = _exchange(api, code, code_verifier=verifier).json()["refresh_token"]
    second = _refresh(api, first).json()["refresh_token"]
    deadline = time.monotonic() + LOCAL.settings.refresh_grace_seconds + 5

    while (answer := _refresh(api, first)).status_code == 200:
        assert time.monotonic() < deadline, "a used refresh token still serves"
        time.sleep(0.1)

    assert answer.json()["error"] == "invalid_grant"
    assert second != first
    assert _refresh(api, second).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/oauth2/authorize?response_type=code&scope=openid&redirect_uri=https://evil.test/callback",
        "/oauth2/authorize?response_type=code&scope=openid&redirect_uri=http://localhost:3000/callback/../evil",
        "/oauth2/authorize?response_type=token&scope=openid&redirect_uri=http://localhost:3000/callback",
        "/logout?logout_uri=https://evil.test/",
    ],
)
def test_the_hosted_login_leads_nowhere_but_where_the_stage_says(api: Api, address: str) -> None:
    answer = httpx.get(f"{api.stack['hostedLoginUrl']}{address}&client_id={api.stack['clientId']}")

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "<form" not in answer.text
