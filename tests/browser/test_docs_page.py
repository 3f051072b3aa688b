"""The docs page, as people see it: read, sign in through the hosted login, try a request. Also on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from infra.operations import ROUTES
from local.deployment import StackDescription
from local.synthesis import PROJECT
from tests.e2e.api import Api, User

PICTURES = PROJECT / ".artifacts" / "browser"
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def user(api: Api) -> User:
    """A user with 100 on the account."""
    return api.new_user().with_money(100)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains of: blocked by policy, not found, failed."""
    return []


def open_docs(browser: Browser, stack: StackDescription, viewport: ViewportSize, complaints: list[str]) -> Page:
    """The page, loaded; what the browser complains of goes into `complaints`."""
    page = browser.new_page(viewport=viewport)
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    page.goto(stack["docsUrl"])
    expect(page.locator(".opblock").first).to_be_visible()
    return page


def sign_in(page: Page, user: User) -> None:
    """Authorize, through the hosted login and back."""
    page.locator(".scheme-container button.authorize").click()
    scheme = page.locator(".auth-container", has_text="hostedLogin")
    with page.context.expect_page() as opened:
        scheme.locator("button.authorize").click()
    hosted_login = opened.value
    hosted_login.locator("input[name=username]").fill(user.credentials.login)
    hosted_login.locator("input[name=password]").fill(user.credentials.password)
    hosted_login.locator("button[type=submit]").click()
    expect(scheme.get_by_text("Authorized", exact=True)).to_be_visible()
    page.locator(".modal-ux .close-modal").click()


def try_get_account(page: Page) -> str:
    """Try GET /billing/account out, and give the answer's status and body as the page shows them."""
    operation = page.locator("#operations-billing-billing_get_account")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer).to_be_visible()
    answer.scroll_into_view_if_needed()
    return answer.inner_text()


def test_the_page_shows_every_operation(browser: Browser, stack: StackDescription, complaints: list[str]) -> None:
    page = open_docs(browser, stack, DESKTOP, complaints)
    expect(page.locator(".opblock")).to_have_count(len(ROUTES))
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("device", "viewport"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_one_signs_in_through_the_hosted_login_and_tries_a_request(
    browser: Browser, stack: StackDescription, user: User, complaints: list[str], device: str, viewport: ViewportSize
) -> None:
    page = open_docs(browser, stack, viewport, complaints)
    picture(page, f"docs-{device}")

    sign_in(page, user)
    answer = try_get_account(page)

    picture(page, f"docs-{device}-answer")
    assert answer.startswith("200")
    assert re.search(rf'"id": "{user.profile_id}"', answer)
    assert re.search(r'"balance": 100', answer)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
    assert complaints == []
    page.close()


def test_without_signing_in_a_request_that_wants_it_is_refused(browser: Browser, stack: StackDescription) -> None:
    page = open_docs(browser, stack, DESKTOP, [])
    assert try_get_account(page).startswith("401")
    page.close()


def test_the_page_runs_no_script_but_its_own_files(browser: Browser, stack: StackDescription) -> None:
    page = open_docs(browser, stack, DESKTOP, [])
    page.evaluate(
        """() => {
            window.seen = [];
            document.addEventListener("securitypolicyviolation", (event) => window.seen.push(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.foreign = true";
            document.body.append(script);
        }"""
    )
    page.wait_for_function("window.seen.length > 0")
    assert page.evaluate("[window.seen, window.foreign ?? false]") == [["script-src-elem"], False]
    page.close()


def picture(page: Page, name: str) -> None:
    """A picture of what is on the screen, for people."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
