"""Somebody at a browser: what they see, do, and what their browser sends."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, Route

from local.app.configuration import ADDRESS
from local.synthesis import PROJECT
from tests.e2e.api import Credentials

SCREENSHOTS = PROJECT / ".artifacts" / "browser"


class Visitor:
    """One browser of one person, with nothing in it at first."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.requests: list[Request] = []
        self.errors: list[str] = []
        self.page.on("request", self._note_request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note_error)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)

    def _note_error(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"].startswith(ADDRESS):
            self.errors.append(message.text)

    def shoot(self, name: str) -> None:
        """Keep a picture of what is to be seen."""
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    # On the page of the app

    def open_app(self) -> None:
        """Open the app, and wait until it can be used."""
        self.page.goto(ADDRESS)
        self.page.get_by_role("button", name="Sign in").wait_for()

    def create_account(self, credentials: Credentials) -> None:
        """Sign up, on the app's own form."""
        self.page.get_by_text("Create an account").click()
        self.page.get_by_label("Login").fill(credentials.login)
        self.page.get_by_label("E-mail address").fill(credentials.email)
        self.page.get_by_label("Password").fill(credentials.password)

    def press(self, button: str) -> None:
        """Press a button of this name."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def sees(self, text: str) -> None:
        """Wait until a text is there; fails when it never is."""
        self.page.get_by_text(text, exact=True).wait_for()

    @property
    def is_signed_in(self) -> bool:
        """Whether the app shows a user."""
        return self.page.get_by_text("Signed in as").is_visible()

    # On the hosted login

    def go_to_the_login_page(self) -> None:
        """Leave the app for the hosted login."""
        self.press("Sign in")
        self.page.wait_for_url("**/oauth2/authorize?*")

    def log_in(self, login: str, password: str) -> None:
        """Fill in the login page, and send it."""
        self.page.get_by_label("Username").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")

    def sign_in(self, credentials: Credentials) -> None:
        """Go the whole way, until the app shows the user."""
        self.open_app()
        self.go_to_the_login_page()
        self.log_in(credentials.login, credentials.password)
        self.sees(credentials.login)

    def code_of(self, credentials: Credentials) -> tuple[str, str]:
        """Log in, but keep the code from the app. Gives the code and the verifier that belongs to it."""
        caught: list[str] = []

        def catch(route: Route) -> None:
            caught.append(route.fetch(max_redirects=0).headers["location"])
            route.fulfill(status=200, content_type="text/html", body="<p>caught</p>")

        self.open_app()
        self.go_to_the_login_page()
        self.page.route("**/login", catch)
        self.log_in(credentials.login, credentials.password)
        self.sees("caught")
        self.page.unroute("**/login")
        self.page.goto(ADDRESS)
        verifier = self.page.evaluate("JSON.parse(sessionStorage.getItem('sign-in')).verifier")
        return query(caught[0])["code"], verifier

    # What the browser has sent, and keeps

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests to addresses that end in this path, oldest first."""
        return [each for each in self.requests if each.method == method and urlsplit(each.url).path.endswith(path)]

    def keeps(self) -> dict[str, object]:
        """All that a later visitor of the same browser could find."""
        return {
            "cookies": self.context.cookies(ADDRESS),
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
