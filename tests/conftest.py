"""One local cloud for all tests over HTTP: the very template that is deployed, with IAM enforced."""

import os
import sys
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path

import httpx
import pytest

from local.cloud import local_cloud
from local.deployment import StackDescription
from local.emulator import Emulator
from local.ports import free_port
from tests.e2e.api import Api, User

# Before any client is made, and so that no test ever finds the credentials of a real account.
os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
os.environ.pop("AWS_PROFILE", None)
# For code that is tested alone; functions get it from the template.
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "order-billing-test"

_LINES_OF_THE_LOG = 100
"""How many lines of the local cloud's log are shown beside a failure."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run tests that are marked `untraced` without coverage: with it they take as long again.

    pytest-cov's own mark, no_cover, has no effect in the workers of pytest-xdist.
    """
    if not item.get_closest_marker("untraced"):
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside a failure what the local cloud has logged last."""
    report = yield
    stack: StackDescription | None = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack:
        with Path(stack["logs"]).open(errors="replace") as log:
            report.sections.append(("the local cloud's log", "".join(deque(log, _LINES_OF_THE_LOG))))
    return report


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StackDescription, Emulator]]:
    """A local cloud with the platform in it, for this session."""
    directory: Path = tmp_path_factory.mktemp("cloud")
    with local_cloud(free_port(), directory) as running:
        yield running


@pytest.fixture(scope="session")
def stack(cloud: tuple[StackDescription, Emulator]) -> StackDescription:
    """The platform, deployed."""
    return cloud[0]


@pytest.fixture(scope="session")
def emulator(cloud: tuple[StackDescription, Emulator]) -> Emulator:
    """The cloud that it runs on."""
    return cloud[1]


@pytest.fixture(scope="session")
def api(stack: StackDescription) -> Iterator[Api]:
    """The API without a token."""
    with httpx.Client(timeout=30) as http:
        yield Api(stack, http)


@pytest.fixture
def user(api: Api) -> User:
    """A new user, signed in."""
    return api.new_user()
