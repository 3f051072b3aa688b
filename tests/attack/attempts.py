"""What is asked of each route: something that its owner may have, and that would show or change the owner's things."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from infra.operations import Access, Route
from tests.attack.attacks import Standing
from tests.attack.scene import DEPOSIT, ORDER, WITHDRAWAL, Person

ASKS_WHOSE = "auth.check_request"
"""The operation that is asked about a token: it answers 401 by itself, though anyone may call it."""

type Options = Mapping[str, Any]


def _nothing(_owner: Person) -> Options:
    return {}


def _proxy(_owner: Person) -> str:
    return "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request about something of a person's, with the answers to its owner and to somebody else who is signed in."""

    owners: HTTPStatus
    anothers: HTTPStatus | None = None
    """None: the same, about what is the asker's own."""
    place: Callable[[Person], str] = _proxy
    """What stands in the path for its parameter."""
    options: Callable[[Person], Options] = field(default=_nothing)
    """Body and query."""


def _json(body: Mapping[str, object]) -> Callable[[Person], Options]:
    return lambda _owner: {"json": body}


def _used_key(path: str, body: Mapping[str, object]) -> Callable[[Person], Options]:
    """The very request that the owner has made once: with good reason it would be answered with what was stored."""
    return lambda owner: {"json": body, "headers": {"idempotency-key": owner.keys[path]}}


def _owners_page(path: str) -> Callable[[Person], Options]:
    return lambda owner: {"params": {"limit": "1", "cursor": owner.cursors[path]}}


def _profile(owner: Person) -> str:
    return owner.user.profile_id


def _order(owner: Person) -> str:
    return owner.order_id


_OK, _CREATED, _NO_CONTENT = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
_CONFLICT, _UNPROCESSABLE = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
_PUBLIC = Attempt(owners=_OK)
_ELSEWHERE = Attempt(owners=HTTPStatus.TEMPORARY_REDIRECT)

ATTEMPTS: dict[str, Attempt] = {
    # auth
    "POST /register": Attempt(owners=_CONFLICT, options=lambda owner: {"json": owner.user.credentials.registration()}),
    "POST /register/confirm": Attempt(
        owners=_UNPROCESSABLE,
        options=lambda owner: {"json": {"login": owner.user.credentials.login, "code": "000000"}},
    ),
    "POST /login": Attempt(owners=_OK, options=lambda owner: {"json": owner.user.credentials.sign_in()}),
    "POST /refresh": Attempt(owners=_UNAUTHORIZED, options=_json({"refreshToken": "not.a.token"})),
    "POST /logout": Attempt(owners=_NO_CONTENT, options=_json({"everywhere": True})),
    "GET /.well-known/jwks.json": _PUBLIC,
    "GET /auth/istio/{proxy+}": _PUBLIC,
    "POST /auth/istio/{proxy+}": _PUBLIC,
    "PATCH /auth/istio/{proxy+}": _PUBLIC,
    # profiles
    "POST /profiles": Attempt(owners=_CONFLICT, options=_json({"fullName": "Mallory"})),
    "GET /profiles/{id}": Attempt(owners=_OK, anothers=_FORBIDDEN, place=_profile),
    "PATCH /profiles/{id}": Attempt(
        owners=_OK, anothers=_FORBIDDEN, place=_profile, options=_json({"fullName": "Mallory"})
    ),
    "GET /health": _PUBLIC,
    # billing
    "GET /billing/account": Attempt(owners=_OK),
    "POST /billing/account/deposit": Attempt(owners=_OK, options=_used_key("/billing/account/deposit", DEPOSIT)),
    "POST /billing/account/withdraw": Attempt(owners=_OK, options=_used_key("/billing/account/withdraw", WITHDRAWAL)),
    "GET /billing/account/transactions": Attempt(owners=_OK, options=_owners_page("/billing/account/transactions")),
    "GET /billing/payments/{orderId}": Attempt(owners=_OK, anothers=_NOT_FOUND, place=_order),
    "GET /billing/health": _PUBLIC,
    # orders
    "POST /orders": Attempt(owners=_CREATED, options=_used_key("/orders", ORDER)),
    "GET /orders": Attempt(owners=_OK, options=_owners_page("/orders")),
    "GET /orders/{id}": Attempt(owners=_OK, anothers=_NOT_FOUND, place=_order),
    "POST /orders/{id}/execute": Attempt(
        owners=_OK, anothers=_NOT_FOUND, place=_order, options=_json({"event": "CANCEL"})
    ),
    "GET /orders/health": _PUBLIC,
    # notifications
    "GET /notifications": Attempt(owners=_OK, options=_owners_page("/notifications")),
    "GET /notifications/health": _PUBLIC,
    # the contract
    "GET /openapi.json": _PUBLIC,
    "GET /docs": _PUBLIC,
    "GET /docs/{file}": Attempt(owners=_OK, place=lambda _owner: "oauth2-redirect.html"),
    "GET /oauth2/authorize": _ELSEWHERE,
    "POST /oauth2/token": _ELSEWHERE,
}
"""By route. One that is missing here fails the matrix."""


def name_of(route: Route) -> str:
    """Method and path, as operations.py has them."""
    return f"{route.method} {route.path}"


def documented(route: Route, standing: Standing) -> HTTPStatus:
    """The answer to a token of this standing, as docs/routes.md and decision 0023 have it."""
    attempt = ATTEMPTS[name_of(route)]
    if standing is Standing.OWNERS:
        return attempt.owners
    if standing is Standing.ANOTHERS:
        return attempt.anothers or attempt.owners
    wants_token = route.access is Access.SIGNED_IN or route.function.module == ASKS_WHOSE
    return _UNAUTHORIZED if wants_token else attempt.owners
