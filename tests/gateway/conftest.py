"""Each gateway before one upstream, asking the platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.deployment import StackDescription
from tests.gateway.front import Front, api_front
from tests.gateway.gateways import GATEWAYS, running_gateway
from tests.gateway.upstream import Arrival, Upstream, running_upstream


@dataclass(frozen=True, slots=True)
class Guarded:
    """A service behind a gateway."""

    address: str
    upstream: Upstream
    front: Front

    def request(self, method: str, path: str = "/notes", token: str | None = None, **options: object) -> httpx.Response:
        """A request to the gateway, with this access token."""
        headers = httpx.Headers(options.pop("headers", None))  # type: ignore[arg-type] # httpx's own type isn't public
        if token:
            headers["authorization"] = f"Bearer {token}"
        return httpx.request(method, self.address + path, headers=headers, timeout=30, **options)  # type: ignore[arg-type]

    def arrived(self) -> list[Arrival]:
        """What has reached the upstream since this was asked last."""
        arrivals, self.upstream.arrivals[:] = list(self.upstream.arrivals), []
        return arrivals


@pytest.fixture(scope="module")
def front(stack: StackDescription, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The API as it is reached on AWS."""
    with api_front(stack["apiUrl"], tmp_path_factory.mktemp("front")) as running:
        yield running


@pytest.fixture(scope="module", params=GATEWAYS)
def guarded(
    request: pytest.FixtureRequest, front: Front, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    """The upstream behind each of the gateways."""
    directory: Path = tmp_path_factory.mktemp(request.param)
    with (
        running_upstream() as upstream,
        running_gateway(GATEWAYS[request.param], front, upstream, directory) as address,
    ):
        yield Guarded(address, upstream, front)
