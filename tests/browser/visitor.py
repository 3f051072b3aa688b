"""Somebody at a browser: what they see, do, and what their browser sends."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    Route,
    ViewportSize,
    expect,
)

from local.synthesis import PROJECT
from tests.e2e.api import Credentials

SCREENSHOTS = PROJECT / ".artifacts" / "browser"

_REPORTS_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI}`));
"""


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody looks at."""

    name: str
    viewport: ViewportSize
    touches: bool = False


DESKTOP = Device("desktop", ViewportSize(width=1000, height=800))
PHONE = Device("phone", ViewportSize(width=390, height=844), touches=True)


class Visitor:
    """One tab of one person's browser; `app` is the address of the web app."""

    def __init__(self, context: BrowserContext, app: str) -> None:
        self.context = context
        self.app = app
        self.page: Page = context.new_page()
        self.requests: list[Request] = []
        self.errors: list[str] = []
        self.page.add_init_script(_REPORTS_VIOLATIONS)
        self.page.on("request", self._note_request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note_error)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)

    def _note_error(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and self.page.url.startswith(self.app):
            self.errors.append(message.text)

    @contextmanager
    def expecting_failures(self) -> Iterator[None]:
        """The browser itself writes a line to its console for each request that fails: here that is meant to be."""
        yield
        self.errors[:] = [error for error in self.errors if not error.startswith("Failed to load resource")]

    def shoot(self, name: str) -> None:
        """Keep a picture of what is to be seen."""
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    # On the pages of the app

    def open(self, place: str = "") -> None:
        """Load the app at a place, such as `/orders`."""
        self.page.goto(self.app + place)

    def go(self, place: str) -> None:
        """Follow the link in the bar of places."""
        self.page.locator("nav.places").get_by_role("link", name=place).click()
        expect(self.heading(place)).to_be_visible()

    def heading(self, text: str) -> Locator:
        """The page's heading, when it is this."""
        return self.page.get_by_role("heading", level=1, name=text)

    def register(self, credentials: Credentials) -> None:
        """Create an account, on the app's own form."""
        self.page.get_by_role("button", name="Create an account").click()
        self.fill("Login", credentials.login)
        self.fill("E-mail address", credentials.email)
        self.fill("Password", credentials.password)

    def fill(self, label: str, text: str) -> None:
        """Fill a field in."""
        self.page.get_by_label(label).fill(text)

    def press(self, button: str | re.Pattern[str], *, within: str = "main") -> None:
        """Press a button of this name; of two, the last, which is the form's own."""
        self.button(button, within=within).click()

    def button(self, name: str | re.Pattern[str], *, within: str = "main") -> Locator:
        """The button of this name; of two, the last."""
        return self.page.locator(within).get_by_role("button", name=name, exact=True).last

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until a text is there; fails when it never is."""
        expect(self.page.get_by_text(text, exact=isinstance(text, str)).first).to_be_visible()

    def has_balance(self, shown: str) -> None:
        """Wait until the account page shows this balance."""
        expect(self.page.get_by_test_id("balance")).to_have_text(shown)

    def top_up(self, amount: str) -> None:
        """On the account page: add money, to the end."""
        self.press("Top up")
        self.fill("Amount", amount)
        self.press("Top up", within="form")

    def order(self, pieces: int) -> None:
        """On the account page: make an order, to its page."""
        self.fill("Quantity", str(pieces))
        self.press("Create order")
        expect(self.heading("Order")).to_be_visible()

    @property
    def is_signed_in(self) -> bool:
        """Whether the app shows somebody's pages."""
        return self.page.locator("nav.places").is_visible()

    # On the hosted login

    def go_to_the_login_page(self) -> None:
        """Leave the app for the hosted login."""
        self.press("Sign in")
        self.page.wait_for_url("**/oauth2/authorize?*")

    def log_in(self, credentials: Credentials) -> None:
        """Fill in the login page, and send it."""
        self.fill("Username", credentials.login)
        self.fill("Password", credentials.password)
        self.press("Sign in", within="body")

    def sign_in(self, credentials: Credentials, place: str = "") -> None:
        """Go the whole way from a place of the app, until it shows the user's pages."""
        self.open(place)
        self.go_to_the_login_page()
        self.log_in(credentials)
        expect(self.page.locator("nav.places")).to_be_visible()

    def code_of(self, credentials: Credentials) -> tuple[str, str]:
        """Log in, but keep the code from the app. Gives the code and the verifier that belongs to it."""
        caught: list[str] = []

        def catch(route: Route) -> None:
            caught.append(route.fetch(max_redirects=0).headers["location"])
            route.fulfill(status=200, content_type="text/html", body="<p>caught</p>")

        self.open()
        self.go_to_the_login_page()
        self.page.route("**/login", catch)
        self.log_in(credentials)
        self.sees("caught")
        self.page.unroute("**/login")
        self.open()
        verifier = self.page.evaluate("JSON.parse(sessionStorage.getItem('sign-in')).verifier")
        return query(caught[0])["code"], verifier

    # What the browser has sent, and keeps

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests to addresses that end in this path, oldest first."""
        return [each for each in self.requests if each.method == method and urlsplit(each.url).path.endswith(path)]

    def keeps(self) -> dict[str, Any]:
        """All that a later visitor of the same browser could find."""
        return {
            "cookies": self.context.cookies(self.app),
            "localStorage": self.page.evaluate("({...localStorage})"),
            "sessionStorage": self.page.evaluate("({...sessionStorage})"),
        }


def answer_to(request: Request) -> Response:
    """What a request was answered with."""
    answer = request.response()
    assert answer, f"no answer to {request.method} {request.url}"
    return answer


def query(url: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def form(request: Request) -> dict[str, str]:
    """The form that a request has sent."""
    return {name: value for name, [value] in parse_qs(request.post_data or "").items()}
