"""Refused tokens in a browser, of a page of another origin: it reads why, and does what helps."""

from collections.abc import Callable

from playwright.sync_api import Route

from local.emulator import Emulator
from tests.attack.forger import Forger
from tests.browser.visitor import Visitor, answer_to
from tests.e2e.api import Api, User


def test_an_ended_session_is_told_to_sign_in_again_and_an_expired_token_renews_itself(
    api: Api, emulator: Emulator, user: User, new_visitor: Callable[[], Visitor]
) -> None:
    ended, expired = new_visitor(), new_visitor()
    ended.sign_in(user.credentials)
    with_expired_access_tokens(expired, api, emulator, user)
    expired.sign_in(user.credentials)

    # The second has got in with a token that had expired: it renewed it by itself.
    first, again = (answer_to(request) for request in expired.sent("GET", f"/profiles/{user.profile_id}"))
    assert (first.status, first.json()["code"], again.status) == (401, "invalid-token", 200)
    assert first.header_value("www-authenticate") == (
        'Bearer error="invalid_token", error_description="The access token is not valid, or not any more"'
    )
    assert len(expired.sent("POST", "/refresh")) == 1
    expired.shoot("20-renewed-by-itself")

    expired.press("Sign out everywhere")
    expired.page.get_by_role("button", name="Sign in").wait_for()
    ended.press("Look again")
    ended.sees("Your session has ended. Please sign in again.")
    ended.shoot("21-told-to-sign-in-again")
    assert not ended.is_signed_in
    assert answer_to(ended.sent("GET", f"/profiles/{user.profile_id}")[-1]).json()["code"] == "session-ended"
    assert ended.sent("POST", "/refresh") == [], "a session that has ended can't be renewed"


def with_expired_access_tokens(visitor: Visitor, api: Api, emulator: Emulator, user: User) -> None:
    """Have the login page give a visitor access tokens that have expired, signed by the pool all the same."""
    keys = api.get("/.well-known/jwks.json").json()
    forger = Forger.of(emulator, api.stack["userPoolId"], keys, user.tokens.access)

    def exchange(route: Route) -> None:
        answer = route.fetch()
        expired = forger.signed(iat=forger.genuine["iat"] - 7200, exp=forger.genuine["iat"] - 3600)
        route.fulfill(response=answer, json={**answer.json(), "access_token": expired})

    visitor.page.route("**/oauth2/token", exchange)
