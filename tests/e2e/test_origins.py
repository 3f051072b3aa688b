"""Pages of other origins: only those that the stage names may call the API (CORS)."""

import httpx
import pytest

from local.deployment import StackDescription
from tests.infra.stages import LOCAL

ORIGIN = LOCAL.settings.allowed_origins[0]


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders"), ("PATCH", "/profiles/x"), ("GET", "/notifications")])
def test_the_api_lets_pages_of_the_stages_origins_in(stack: StackDescription, method: str, path: str) -> None:
    asks = {
        "origin": ORIGIN,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type,idempotency-key",
    }

    preflight = httpx.options(stack["apiUrl"] + path, headers=asks).headers

    assert preflight["access-control-allow-origin"] == ORIGIN
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
