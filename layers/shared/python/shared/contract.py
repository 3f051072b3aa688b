"""What an operation promises, said beside its handler; the OpenAPI document is made of it (infra/openapi.py).

It costs a running function nothing but the reading of this module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from shared.problems import ProblemError


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an operation takes, gives and refuses. What all operations have in common is not repeated here."""

    takes: Any = None
    """The model of the body; None: it takes none."""
    gives: Any = None
    """The shape of the answer; None: it has no body."""
    media_types: tuple[str, ...] = ("application/json",)
    """The media types of the answer; all but JSON is text."""
    also: Mapping[HTTPStatus, Any] = field(default_factory=dict)
    """Other answers that are no problem documents, with the shape of each."""
    status: HTTPStatus = HTTPStatus.OK
    refuses: tuple[type[ProblemError], ...] = ()
    """The ways to fail that are this operation's own."""
    keyed: bool = False
    """It demands an Idempotency-Key."""
    paged: bool = False
    """It takes `limit` and `cursor`."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Further query parameters, with the pattern of each."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that the answer always has and clients are meant to read, with what each says."""


def contract[Handle: Callable[..., Any]](promised: Contract) -> Callable[[Handle], Handle]:
    """Attach a contract to a handler; stands below @operation, which keeps it."""

    def attach(handle: Handle) -> Handle:
        handle.__dict__["contract"] = promised
        return handle

    return attach
