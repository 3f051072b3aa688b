"""The browser app as its server gives it: what it forbids the browser, and what it says when it can't run."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from local.app.configuration import ADDRESS, Configuration
from local.app.server import serving
from local.deployment import StackDescription
from local.emulator import ACCOUNT_KEY
from local.failure import LocalCloudError
from local.ports import free_port
from local.synthesis import PROJECT
from tests.infra.stages import CONTEXT

_PAGE_FILES = ["/", "/callback?code=a&state=b", "/page.css", "/page.js", "/session.js", "/configuration.json"]


@pytest.fixture(scope="module")
def app(stack: StackDescription) -> Iterator[httpx.Client]:
    """The app of the local cloud, on a free port."""
    port = free_port()
    with serving(Configuration.of(stack), port), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.mark.parametrize("path", _PAGE_FILES)
def test_every_answer_forbids_scripts_frames_and_connections_of_others(
    stack: StackDescription, app: httpx.Client, path: str
) -> None:
    answer = app.get(path)

    assert answer.status_code == 200
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {stack['awsEndpoint']}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_the_page_has_no_script_or_style_that_its_policy_would_stop(app: httpx.Client) -> None:
    page = app.get("/").text

    assert "<script>" not in page
    assert "style=" not in page
    assert "onclick" not in page


@pytest.mark.parametrize("path", ["/page", "/../../cdk.json", "/..%2f..%2fcdk.json", "/server.py", "/stack.json"])
def test_nothing_else_is_served(app: httpx.Client, path: str) -> None:
    assert app.get(path).status_code == 404


def test_the_browser_learns_where_the_platform_is_and_no_more(stack: StackDescription, app: httpx.Client) -> None:
    assert app.get("/configuration.json").json() == {
        "apiUrl": stack["apiUrl"],
        "hostedLoginUrl": stack["hostedLoginUrl"],
        "clientId": stack["clientId"],
        "callbackUrl": f"{ADDRESS}/callback",
        "signOutUrl": f"{ADDRESS}/",
    }


def test_it_finds_a_deployed_stage_by_its_outputs(stack: StackDescription, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "STAGE": "local",
        "AWS_ENDPOINT_URL": stack["awsEndpoint"],
        "AWS_DEFAULT_REGION": stack["region"],
        **ACCOUNT_KEY,
    }.items():
        monkeypatch.setenv(name, value)

    found = Configuration.chosen()

    assert found.clientId == stack["clientId"]
    assert found.apiUrl.endswith("/api/v1")
    assert found.hostedLoginUrl.endswith(f".auth.{stack['region']}.amazoncognito.com")


def test_a_stage_that_is_not_there_is_one_clear_line(stack: StackDescription, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"STAGE": "nowhere", "AWS_ENDPOINT_URL": stack["awsEndpoint"], **ACCOUNT_KEY}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack["region"])

    with pytest.raises(LocalCloudError, match="'nowhere'"):
        Configuration.chosen()


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_the_stages_for_developers_let_the_app_in(stage: str) -> None:
    settings = CONTEXT["stages"][stage]
    assert f"{ADDRESS}/callback" in settings["callbackUrls"]
    assert f"{ADDRESS}/" in settings["signOutUrls"]
    assert ADDRESS in settings["allowedOrigins"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders"), ("PATCH", "/profiles/x"), ("GET", "/notifications")])
def test_the_api_lets_the_app_in(stack: StackDescription, method: str, path: str) -> None:
    asks = {
        "origin": ADDRESS,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type,idempotency-key",
    }

    preflight = httpx.options(stack["apiUrl"] + path, headers=asks).headers

    assert preflight["access-control-allow-origin"] == ADDRESS
    assert method in preflight["access-control-allow-methods"].split(",")
    assert "access-control-allow-credentials" not in preflight
    allowed = set(preflight["access-control-allow-headers"].split(","))
    assert {"authorization", "content-type", "idempotency-key"} <= allowed


@pytest.mark.parametrize("origin", ["https://evil.test", "http://localhost:3001", "null"])
def test_the_api_lets_no_page_of_another_origin_in(stack: StackDescription, origin: str) -> None:
    asks = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}

    preflight = httpx.options(f"{stack['apiUrl']}/orders", headers=asks)
    answer = httpx.get(f"{stack['apiUrl']}/health", headers={"origin": origin})

    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers


def test_a_port_in_use_and_a_missing_cloud_are_one_clear_line(stack: StackDescription) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"port {port} is in use"), serving(Configuration.of(stack), port):
            pass

    done = subprocess.run(
        [sys.executable, "-m", "local.app"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "app: no local cloud is running; start one: make local"
