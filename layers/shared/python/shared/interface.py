"""An operation's interface, stated beside its handler. infra/contract/openapi.py makes the OpenAPI document from it.

A running function pays only for loading this module.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.problems import ProblemError

_NONE: Mapping[Any, Any] = MappingProxyType({})


class PathParameter(NamedTuple):
    """A path parameter: its description, an example, and its JSON Schema format, if any."""

    description: str
    example: str
    format: str | None = None


class Answer(NamedTuple):
    """A body: its shape, and an example."""

    shape: Any
    example: Any


class Interface(NamedTuple):
    """What an operation takes, returns and rejects, without what all operations share."""

    path: Mapping[str, PathParameter] = _NONE
    """Path parameters, by name."""
    takes: Any = None
    """The model of the request body, with its examples; None: no body."""
    gives: Any = None
    """The shape of the answer; None: no body."""
    example: Any = None
    """An example of a JSON answer."""
    media_types: tuple[str, ...] = ("application/json",)
    """The media types of the answer; all except JSON are text."""
    also: Mapping[HTTPStatus, Answer] = _NONE
    """Other answers that are not problem documents."""
    status: HTTPStatus = HTTPStatus.OK
    refuses: tuple[type[ProblemError], ...] = ()
    """The problems specific to this operation."""
    keyed: bool = False
    """It requires an Idempotency-Key."""
    paged: bool = False
    """It takes `limit` and `cursor`."""
    filters: Mapping[str, str] = _NONE
    """Further query parameters, with the pattern of each."""
    headers: Mapping[str, str] = _NONE
    """Headers of every answer that clients should read, each with its description."""


def interface[Handle: Callable[..., Any]](promised: Interface) -> Callable[[Handle], Handle]:
    """Attach an interface to a handler; stands below @operation, which keeps it."""

    def attach(handle: Handle) -> Handle:
        handle.__dict__["interface"] = promised
        return handle

    return attach
