"""Through the hosted login and back: code and PKCE, tokens that renew themselves, sessions of two tabs and their end.

Locally the login page is the emulator's own: without a form to sign up, and with a look of its own. On AWS it is
Cognito's managed login.
"""

import base64
import hashlib
import json
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, expect

from local.deployment import StackDescription
from local.emulator import Emulator
from tests.attack.forger import Forger
from tests.browser.visitor import Visitor, answer_to, form, query
from tests.e2e.api import Api, Credentials, User
from tests.infra.stages import LOCAL
from tests.scaffolding.waiting import until


def _opens(api: Api, token: str) -> int:
    return api.get("/billing/account", headers={"authorization": f"Bearer {token}"}).status_code


def _token_request(api: Api, **form: str) -> httpx.Response:
    data = {"client_id": api.stack["clientId"], **form}
    return httpx.post(f"{api.stack['hostedLoginUrl']}/oauth2/token", data=data)


def _exchange(api: Api, code: str, **verifier: str) -> httpx.Response:
    callback = f"{api.stack['appUrl']}/callback"
    return _token_request(api, grant_type="authorization_code", redirect_uri=callback, code=code, **verifier)


def _refresh(api: Api, refresh_token: str) -> httpx.Response:
    return _token_request(api, grant_type="refresh_token", refresh_token=refresh_token)


def _signed_out(visitor: Visitor) -> None:
    expect(visitor.button("Sign in")).to_be_visible()
    visitor.page.wait_for_function("() => !('tokens' in sessionStorage)")


def test_one_signs_in_by_a_code_that_is_bound_to_this_browser_and_out_again(
    api: Api, visitor: Visitor, user: User
) -> None:
    visitor.open("/profile")
    visitor.go_to_the_login_page()
    asked = query(visitor.page.url)
    visitor.log_in(user.credentials)
    visitor.sees(user.credentials.login)

    [exchange] = visitor.sent("POST", "/oauth2/token")
    verifier = form(exchange)["code_verifier"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", challenge)
    assert visitor.page.url == f"{visitor.app}/profile", "back where one was, and no code in the address"
    given = answer_to(exchange).json()
    assert visitor.keeps() == {
        "cookies": [],
        "localStorage": {},
        "sessionStorage": {
            "tokens": json.dumps(
                {"access": given["access_token"], "refresh": given["refresh_token"]}, separators=(",", ":")
            )
        },
    }
    assert not any(given["access_token"] in request.url for request in visitor.requests)

    visitor.press("Sign out")
    _signed_out(visitor)
    [hosted, ours] = sorted(visitor.sent("GET", "/logout") + visitor.sent("POST", "/logout"), key=lambda r: r.method)
    assert query(hosted.url) == {"client_id": api.stack["clientId"], "logout_uri": visitor.app}
    assert answer_to(ours).status == 204
    assert _opens(api, given["access_token"]) == 401
    assert api.post("/refresh", {"refreshToken": given["refresh_token"]}).status_code == 401


@pytest.mark.parametrize("known", [True, False], ids=["a wrong password", "an unknown login"])
def test_what_does_not_fit_gives_no_code_and_does_not_say_which(visitor: Visitor, user: User, known: bool) -> None:
    visitor.open()
    visitor.go_to_the_login_page()

    visitor.log_in(Credentials(user.credentials.login if known else "nobody-at-all", "Wrong-horse-7"))

    visitor.sees("Incorrect username or password.")
    assert visitor.sent("GET", "/callback") == []
    visitor.open()
    _signed_out(visitor)


@pytest.mark.parametrize("state", ["&state=forged", "&state=", ""], ids=["another", "an empty one", "none"])
@pytest.mark.parametrize("waiting", [True, False], ids=["while one signs in", "out of nowhere"])
def test_a_code_with_a_state_that_is_not_ones_own_signs_nobody_in(
    api: Api, new_visitor: Callable[..., Visitor], user: User, state: str, waiting: bool
) -> None:
    """Else an attacker could sign a victim in to the attacker's account, and watch what they do there."""
    code, verifier = new_visitor().code_of(user.credentials)
    victim = new_visitor()
    victim.open()
    if waiting:
        victim.go_to_the_login_page()

    victim.open(f"/callback?code={code}{state}")

    victim.sees("This sign-in was not started here, or was already used. It signed nobody in. Please start again.")
    victim.shoot("session-forged")
    _signed_out(victim)
    assert victim.page.url == victim.app, "the code is not left in the address"
    assert victim.sent("POST", "/oauth2/token") == []
    assert _exchange(api, code, code_verifier=verifier).status_code == 200, "the code itself was good"


def test_a_callback_that_comes_again_signs_nobody_in_and_ends_no_session(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials)
    [callback] = [request.url for request in visitor.requests if "/app/callback?" in request.url]

    visitor.page.goto(callback)

    visitor.sees("This sign-in was not started here, or was already used. It signed nobody in. Please start again.")
    visitor.has_balance("$0.00")
    assert len(visitor.sent("POST", "/oauth2/token")) == 1


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
        "if (location.pathname === '/app/callback') {"
        "  const waiting = JSON.parse(sessionStorage.getItem('sign-in'));"
        "  sessionStorage.setItem('sign-in', JSON.stringify({...waiting, verifier: 'x'.repeat(43)}));"
        "}"
    )
    visitor.open()
    visitor.go_to_the_login_page()
    with visitor.expecting_failures():
        visitor.log_in(user.credentials)
        visitor.sees("The sign-in was not completed. Please try again.")
    _signed_out(visitor)


def test_a_second_tab_has_the_session_of_the_first_and_both_lose_it_at_once(
    new_visitor: Callable[..., Visitor], user: User
) -> None:
    first = new_visitor()
    first.sign_in(user.credentials)
    second = new_visitor(tab_of=first)

    second.open("/profile")
    second.sees(user.credentials.login)
    second.press("Sign out")

    _signed_out(second)
    _signed_out(first)


def test_one_of_two_tabs_renews_the_tokens_for_both(
    api: Api, emulator: Emulator, new_visitor: Callable[..., Visitor], user: User
) -> None:
    first = new_visitor()
    first.sign_in(user.credentials)
    second = new_visitor(tab_of=first)
    second.open()
    second.has_balance("$0.00")
    keys = api.get("/.well-known/jwks.json").json()
    forger = Forger.of(emulator, api.stack["userPoolId"], keys, user.tokens.access)
    expired = forger.signed(iat=forger.genuine["iat"] - 7200, exp=forger.genuine["iat"] - 3600)
    tabs = (first, second)
    for tab in tabs:
        tab.page.evaluate(
            "access => sessionStorage.tokens = JSON.stringify({...JSON.parse(sessionStorage.tokens), access})", expired
        )
        tab.requests.clear()

    for tab in tabs:
        tab.page.evaluate("location.reload()")

    for tab in tabs:
        tab.has_balance("$0.00")
    renewals = [renewal for tab in tabs for renewal in tab.sent("POST", "/refresh")]
    assert len(renewals) == 1
    assert first.keeps()["sessionStorage"] == second.keeps()["sessionStorage"]
    assert {answer_to(each).status for tab in tabs for each in tab.sent("GET", "/billing/account")} == {200}


def test_a_renewal_that_is_not_answered_ends_no_session(
    api: Api, emulator: Emulator, visitor: Visitor, user: User
) -> None:
    visitor.sign_in(user.credentials)
    _with_an_expired_token(visitor, api, emulator, user)
    visitor.page.route("**/refresh", lambda route: route.fulfill(status=503, body="{}"))

    with visitor.expecting_failures():
        visitor.page.reload()
        visitor.sees("The platform is busy. Please try again in a moment.")
        visitor.page.unroute("**/refresh")
        visitor.page.get_by_role("button", name="Try again").first.click()
        visitor.has_balance("$0.00")


def _with_an_expired_token(visitor: Visitor, api: Api, emulator: Emulator, user: User) -> None:
    keys = api.get("/.well-known/jwks.json").json()
    forger = Forger.of(emulator, api.stack["userPoolId"], keys, user.tokens.access)
    visitor.page.evaluate(
        "access => sessionStorage.tokens = JSON.stringify({...JSON.parse(sessionStorage.tokens), access})",
        forger.signed(iat=forger.genuine["iat"] - 7200, exp=forger.genuine["iat"] - 3600),
    )


def test_a_session_that_was_ended_elsewhere_is_told_so_and_goes_on_where_it_was(
    new_visitor: Callable[..., Visitor], user: User
) -> None:
    here, there = new_visitor(), new_visitor()
    order = user.new_order()
    here.sign_in(user.credentials, "/profile")
    there.sign_in(user.credentials, f"/orders/{order['id']}")
    there.sees("What happened")

    here.press("Sign out everywhere")
    _signed_out(here)
    with there.expecting_failures():
        there.press("Cancel order")
        there.press("Cancel the order")
        there.sees("Your session has ended. Sign in to go on where you were.")
    there.shoot("session-ended")
    assert there.sent("POST", "/refresh") == [], "a session that has ended can't be renewed"
    there.go_to_the_login_page()
    there.log_in(user.credentials)

    there.sees("What happened")
    assert there.page.url == f"{there.app}/orders/{order['id']}"


def test_refresh_tokens_of_the_hosted_login_serve_once(api: Api, visitor: Visitor, user: User) -> None:
    code, verifier = visitor.code_of(user.credentials)
    first = _exchange(api, code, code_verifier=verifier).json()["refresh_token"]
    second = _refresh(api, first).json()["refresh_token"]

    answer = until(
        lambda: _refresh(api, first),
        lambda answer: answer.status_code != 200,
        seconds=LOCAL.settings.refresh_grace_seconds + 5,
        complaint=lambda: "a used refresh token was not refused",
    )

    assert answer.json()["error"] == "invalid_grant"
    assert second != first
    assert _refresh(api, second).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/oauth2/authorize?response_type=code&scope=openid&redirect_uri=https://evil.test/callback",
        "/oauth2/authorize?response_type=code&scope=openid&redirect_uri={app}/callback/../evil",
        "/oauth2/authorize?response_type=token&scope=openid&redirect_uri={app}/callback",
        "/logout?logout_uri=https://evil.test/",
    ],
)
def test_the_hosted_login_leads_nowhere_but_where_the_stage_says(api: Api, address: str) -> None:
    path = address.format(app=api.stack["appUrl"])
    answer = httpx.get(f"{api.stack['hostedLoginUrl']}{path}&client_id={api.stack['clientId']}")

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "<form" not in answer.text


def test_no_other_page_can_show_the_app_in_a_frame(browser: Browser, stack: StackDescription) -> None:
    """Else it could have people click on what they don't see."""
    page = browser.new_page()
    page.goto(f"{stack['apiUrl']}/health")  # of another origin, and without a policy of its own

    page.evaluate(
        """(app) => new Promise((done) => {
            const frame = Object.assign(document.createElement("iframe"), { src: app, onload: done });
            document.body.append(frame);
        })""",
        stack["appUrl"],
    )

    assert page.frames[1].url == "chrome-error://chromewebdata/"
    page.close()
