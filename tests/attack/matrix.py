"""One cell of the matrix: a route, a token, and everything that must hold of the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import httpx

from infra.contract.openapi import document
from infra.operations import ROUTES, Access, Route
from shared.problems import InvalidTokenError, ProblemError, SessionEndedError, UnauthorizedError
from tests.attack.attacks import ATTACKS, CONTROL, Attack, Standing
from tests.attack.attempts import ASKS_WHOSE, ATTEMPTS, documented, name_of
from tests.attack.scene import Person, Scene
from tests.infra.stages import LOCAL

LEAST_CELLS = 250
ORIGIN = LOCAL.settings.allowed_origins[0]
"""Of a page that may call the API."""
WITHOUT_A_TOKEN = {"message": "Unauthorized"}
"""API Gateway's own answer where no Authorization header was sent; it asks nobody (docs/decisions/0023)."""

_INSIDE = re.compile(r"traceback|exception|botocore|arn:aws|amazonaws|dynamodb|cognito|lambda|\.py\b", re.IGNORECASE)
"""What no answer to an attack may hold."""
_VOLATILE_HEADERS = {"connection", "date", "x-request-id", "apigw-requestid", "content-length"}
_VOLATILE_FIELDS = {"requestId", "instance", "token", "refreshToken", "idToken"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A route and the token that it is asked with."""

    route: Route
    attack: Attack

    def __str__(self) -> str:
        return f"{name_of(self.route)} – {self.attack.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell: the status, the operation's AWS calls, and everything that was not as it must be."""

    status: int
    calls: int
    surprises: tuple[str, ...]


def cells() -> list[Cell]:
    """Every route × every attack. The tokens that are good for somebody come last: they may set events going."""
    return [Cell(route, attack) for attack in (*ATTACKS, CONTROL) for route in ROUTES]


def run(scene: Scene, cell: Cell) -> Outcome:
    """Make the request of a cell, and look at its answer and at everybody's data."""
    route, attack = cell.route, cell.attack
    if name_of(route) not in ATTEMPTS:
        return Outcome(0, 0, ("a route without an attempt: add one to tests/attack/attempts.py",))
    owner = scene.bystander if attack is CONTROL else scene.victim
    authorization = attack.authorization(scene)
    scene.calls_of(route.function)
    answer = _ask(scene, route, owner, authorization)
    calls = scene.calls_of(route.function)
    surprises = [
        *_status(cell, answer),
        *_calls(cell, calls),
        *_secrets(cell, owner, answer),
        *_sameness(scene, cell, owner, authorization, answer),
        *(f"rows changed in {table}" for table in scene.what_changed()),
    ]
    return Outcome(answer.status_code, calls, tuple(surprises))


def _ask(
    scene: Scene, route: Route, owner: Person, authorization: str | None, place: str | None = None
) -> httpx.Response:
    """The route's request about what is the owner's; it claims to be the owner's by header, too."""
    attempt = ATTEMPTS[name_of(route)]
    options = dict(attempt.options(owner))
    headers = {"x-profile-id": owner.user.profile_id, "x-user-login": owner.user.credentials.login, "origin": ORIGIN}
    headers |= options.pop("headers", {})
    if authorization is not None:
        headers["authorization"] = authorization
    path = re.sub(r"\{.*?\}", place or attempt.place(owner), route.path)
    return scene.api.request(route.method, path, headers=headers, **options)


def _status(cell: Cell, answer: httpx.Response) -> list[str]:
    expected = documented(cell.route, cell.attack.standing)
    surprises = []
    if answer.status_code != expected:
        surprises.append(f"{answer.status_code}, not {int(expected)}: {answer.text[:200]}")
    if answer.status_code not in _documented_statuses()[name_of(cell.route).replace("+}", "}")]:
        surprises.append(f"{answer.status_code} is not in the OpenAPI document")
    return surprises


def _calls(cell: Cell, calls: int) -> list[str]:
    """A refused token costs no AWS call of the operation; the owner's does, so that the count is one."""
    if cell.route.access is Access.SIGNED_IN and cell.attack.is_refused and calls:
        return [f"the operation has made {calls} AWS calls"]
    if cell.route.access is Access.SIGNED_IN and cell.attack is CONTROL and not calls:
        return ["no AWS call was counted"]
    return []


def _secrets(cell: Cell, owner: Person, answer: httpx.Response) -> list[str]:
    """Nothing of the inside comes out, and of the victim's only what a public route tells everybody."""
    surprises = []
    said = f"{answer.headers} {answer.text}"
    if answer.is_error and (inside := _INSIDE.search(answer.text)):
        surprises.append(f"the answer tells of the inside: {inside[0]}")
    if cell.attack is not CONTROL and any(secret in said for secret in owner.secrets):
        surprises.append("the answer has something of the victim's")
    if "idempotency-replayed" in answer.headers and cell.attack is not CONTROL:
        surprises.append("the victim's stored answer was given")
    return surprises


def _sameness(scene: Scene, cell: Cell, owner: Person, authorization: str | None, answer: httpx.Response) -> list[str]:
    """The answer tells neither which check failed, nor whether the resource exists."""
    route, attack = cell.route, cell.attack
    asks_whose = route.function.module == ASKS_WHOSE
    if attack.is_refused and (asks_whose or route.access is Access.SIGNED_IN):
        return _refusal(authorization, attack, answer, asks_whose=asks_whose)
    if asks_whose:
        return _whose(scene, attack, answer)
    if route.access is Access.ANYONE:
        # Asked again if it differs: on a busy machine a health check may well say once that a table is slow.
        same = any(_lasting(answer) == _lasting(_ask(scene, route, owner, None)) for _ in range(2))
        return [] if same else ["not the answer that one without a token gets"]
    if attack.standing is Standing.ANOTHERS and "{id}" in route.path:
        nobodys = _ask(scene, route, owner, authorization, place=str(uuid4()))
        return [] if _lasting(answer) == _lasting(nobodys) else ["the answer shows that the resource exists"]
    return []


def _refusal(authorization: str | None, attack: Attack, answer: httpx.Response, *, asks_whose: bool) -> list[str]:
    """An ended session is told from all other tokens, and these not from each other; a browser may read the answer."""
    if authorization is None and not asks_whose:
        return [] if _body(answer) == WITHOUT_A_TOKEN else ["not API Gateway's own answer"]
    error: type[ProblemError] = InvalidTokenError
    if attack.standing is Standing.ENDED:
        error = SessionEndedError
    elif authorization is None or not authorization.startswith("Bearer "):
        error = UnauthorizedError
    surprises = []
    if _lasting(answer)[-1] != error().document(instance="", request_id="") or "x-profile-id" in answer.headers:
        surprises.append("not the answer that all refusals have")
    if answer.headers.get("www-authenticate") != error.headers["www-authenticate"]:
        surprises.append("no challenge")
    if answer.headers.get("access-control-allow-origin") != ORIGIN:
        surprises.append("no browser may read it")
    return surprises


def _whose(scene: Scene, attack: Attack, answer: httpx.Response) -> list[str]:
    """The gateway filter says whose the token is, whatever the client claims."""
    bearer = scene.bystander if attack is CONTROL else scene.attacker
    said = answer.headers.get("x-profile-id"), answer.headers.get("x-user-login")
    return [] if said == (bearer.user.profile_id, bearer.user.credentials.login) else [f"it says {said}"]


def _lasting(answer: httpx.Response) -> tuple[int, Mapping[str, str], Any]:
    """An answer without what differs from request to request."""
    body = _body(answer)
    if isinstance(body, dict):
        body = {name: ("" if name in _VOLATILE_FIELDS else value) for name, value in body.items()}
    return answer.status_code, _headers(answer), body


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in _VOLATILE_HEADERS}


@cache
def _documented_statuses() -> dict[str, set[int]]:
    return {
        f"{method.upper()} {path}": {int(status) for status in operation["responses"]}
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }
