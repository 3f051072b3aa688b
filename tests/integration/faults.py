"""Faults between a function and AWS, at the HTTP level: nothing inside the functions is replaced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.scaffolding.world import Service, World

SECRET = "arn:aws:secret-of-the-inside"  # noqa: S105
"""Part of every message that AWS gives here; no client may see it."""

TIMEOUT = ReadTimeoutError(endpoint_url=f"https://{SECRET}")


def aws_error(code: str) -> ClientError:
    """An error as AWS answers it."""
    return ClientError({"Error": {"Code": code, "Message": f"{code} at {SECRET}"}}, "AnOperation")


@contextmanager
def failing(world: World, service: Service, operation: str, failure: Exception) -> Iterator[None]:
    """Every call of `operation` fails, without effect."""

    def fail(_params: object) -> None:
        raise failure

    with world.intercepting(service, operation, fail):
        yield


@contextmanager
def losing_the_answer(world: World, service: Service, operation: str) -> Iterator[None]:
    """Every call of `operation` takes effect, but its answer never arrives."""

    def lose(_params: object) -> None:
        raise TIMEOUT

    with world.intercepting(service, operation, lose, moment="after-call"):
        yield


@contextmanager
def sending_twice(world: World, service: Service, operation: str) -> Iterator[None]:
    """The first call of `operation` takes effect, its answer is lost, and the SDK sends it again."""

    def again(_params: object) -> float:
        return 0

    with world.intercepting(service, operation, _once(again), moment="needs-retry"):
        yield


@contextmanager
def meanwhile(world: World, service: Service, operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Something else happens just before the first call of `operation`."""

    def react(_params: object) -> None:
        act()

    with world.intercepting(service, operation, _once(react)):
        yield


def _once(react: Callable[[Any], Any]) -> Callable[[Any], Any]:
    left = [react]

    def react_once(params: object) -> Any:
        return left.pop()(params) if left else None

    return react_once
