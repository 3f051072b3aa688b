"""Rejected tokens, sent by a page of another origin: 401, a readable problem document, and a challenge."""

from collections.abc import Callable

import pytest

from local.emulator import Emulator
from tests.attack.forger import Forger
from tests.e2e.api import Api, User, new_key
from tests.infra.stages import LOCAL

ORIGIN = LOCAL.settings.allowed_origins[0]
ROUTES = [
    ("GET", "/orders"),
    ("POST", "/orders"),
    ("GET", "/billing/account"),
    ("POST", "/billing/account/deposit"),
    ("GET", "/notifications"),
    ("PATCH", "/profiles/01990000-0000-7000-8000-000000000000"),
    ("GET", "/auth/istio/orders"),
]


def _expired(api: Api, emulator: Emulator, user: User) -> str:
    keys = api.get("/.well-known/jwks.json").json()
    forger = Forger.of(emulator, api.stack["userPoolId"], keys, user.tokens.access)
    return forger.signed(iat=forger.genuine["iat"] - 7200, exp=forger.genuine["iat"] - 3600)


def _spoilt(_api: Api, _emulator: Emulator, user: User) -> str:
    return f"{user.tokens.access[:-6]}AAAAAA"


def _identity(_api: Api, _emulator: Emulator, user: User) -> str:
    return user.tokens.identity


def _ended(_api: Api, _emulator: Emulator, user: User) -> str:
    assert user.post("/logout", {}).status_code == 204
    return user.tokens.access


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (_expired, "invalid-token"),
        (_spoilt, "invalid-token"),
        (_identity, "invalid-token"),
        (_ended, "session-ended"),
    ],
)
def test_a_page_reads_why_a_token_is_refused(
    api: Api, emulator: Emulator, user: User, token: Callable[[Api, Emulator, User], str], code: str
) -> None:
    headers = {"authorization": f"Bearer {token(api, emulator, user)}", "origin": ORIGIN, **new_key()}
    for method, path in ROUTES:
        answer = api.request(method, path, headers=headers, json=None if method == "GET" else {})
        assert (answer.status_code, answer.json()["code"]) == (401, code), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", error_description="')
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = answer.headers["access-control-expose-headers"].lower().split(",")
        assert {"www-authenticate", "x-request-id"} <= {name.strip() for name in exposed}


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest"])
def test_a_token_by_another_scheme_is_none(api: Api, user: User, scheme: str) -> None:
    answer = api.get("/orders", headers={"authorization": f"{scheme} {user.tokens.access}", "origin": ORIGIN})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_without_any_token_it_is_401_too(api: Api) -> None:
    assert {api.request(method, path).status_code for method, path in ROUTES} == {401}
