"""An operation's interface, stated beside its handler: the OpenAPI document is made of it (infra/contract/openapi.py).

It costs a running function nothing but the reading of this module.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.problems import ProblemError

_NONE: Mapping[Any, Any] = MappingProxyType({})


class PathParameter(NamedTuple):
    """A part of the path: what it is, one that could be, and the form that JSON Schema knows it by, if any."""

    description: str
    example: str
    format: str | None = None


class Answer(NamedTuple):
    """A body: its shape, and one that could be."""

    shape: Any
    example: Any


class Interface(NamedTuple):
    """What an operation takes, gives and refuses. What all operations have in common is not repeated here."""

    path: Mapping[str, PathParameter] = _NONE
    """The parameters in its path, by name."""
    takes: Any = None
    """The model of the body, with its examples; None: it takes none."""
    gives: Any = None
    """The shape of the answer; None: it has no body."""
    example: Any = None
    """An answer, where it is JSON."""
    media_types: tuple[str, ...] = ("application/json",)
    """The media types of the answer; all but JSON is text."""
    also: Mapping[HTTPStatus, Answer] = _NONE
    """Other answers that are no problem documents."""
    status: HTTPStatus = HTTPStatus.OK
    refuses: tuple[type[ProblemError], ...] = ()
    """The ways to fail that are this operation's own."""
    keyed: bool = False
    """It demands an Idempotency-Key."""
    paged: bool = False
    """It takes `limit` and `cursor`."""
    filters: Mapping[str, str] = _NONE
    """Further query parameters, with the pattern of each."""
    headers: Mapping[str, str] = _NONE
    """Headers that the answer always has and clients are meant to read, with what each says."""


def interface[Handle: Callable[..., Any]](promised: Interface) -> Callable[[Handle], Handle]:
    """Attach an interface to a handler; stands below @operation, which keeps it."""

    def attach(handle: Handle) -> Handle:
        handle.__dict__["interface"] = promised
        return handle

    return attach
