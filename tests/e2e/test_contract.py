"""The contract as served: the committed document, its documentation page, the redirects to the hosted login."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.contract.openapi import DOCUMENT
from tests.e2e.api import Api


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_the_document_is_served_as_it_is_committed(api: Api, accepted: str) -> None:
    answer = api.get("/openapi.json", headers={"accept-encoding": accepted})

    assert answer.status_code == 200
    assert answer.content == DOCUMENT.read_bytes()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("content-encoding") == (None if accepted == "identity" else "gzip")


def named_files(page: httpx.Response) -> list[str]:
    """The files that the page names."""
    return re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)


def test_the_page_trusts_nothing_but_its_own_files_and_the_hosted_login(api: Api) -> None:
    page = api.get("/docs")

    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {api.stack['hostedLoginUrl']}"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script[^>]*>[^<]", page.text), "no script but files"
    assert f'data-client-id="{api.stack["clientId"]}"' in page.text


def test_browsers_may_keep_the_files_of_the_page_for_good_and_get_them_compressed(api: Api) -> None:
    files = named_files(api.get("/docs"))

    assert len(files) == 4
    for name in files:
        answer = api.get(f"/{name}", headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] in {"text/css; charset=utf-8", "text/javascript; charset=utf-8"}
        assert int(answer.headers["content-length"]) < 600_000


def test_the_page_to_which_the_hosted_login_sends_back_may_change(api: Api) -> None:
    answer = api.get("/docs/oauth2-redirect.html")
    assert "immutable" not in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")


@pytest.mark.parametrize("name", ["docs.html", "docs.css", "..%2Ffiles.py", "get_docs.py", "oauth2-redirect.html.gz"])
def test_nothing_else_is_served(api: Api, name: str) -> None:
    assert api.get(f"/docs/{name}").status_code == 404


@pytest.mark.parametrize(("method", "endpoint"), [("GET", "authorize"), ("POST", "token")])
def test_the_way_to_the_hosted_login_keeps_the_query(api: Api, method: str, endpoint: str) -> None:
    query = {"scope": "openid email", "state": "a&b=c/?", "redirect_uri": "https://app.example.com/callback?x=1"}

    answer = api.request(method, f"/oauth2/{endpoint}", params=query)

    assert answer.status_code == 307
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}" == api.stack["hostedLoginUrl"]
    assert location.path == f"/oauth2/{endpoint}"
    assert {name: values for name, [values] in parse_qs(location.query).items()} == query
