"""What schemathesis can't know by itself: who is signed in, and which refusals of a good request are no fault.

Loaded by schemathesis (SCHEMATHESIS_HOOKS) in a process of its own, and told by FUZZ_* what there is.
"""

import atexit
import json
import os
import string
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse

from infra.contract.schema_changes import resolved

API = os.environ["FUZZ_API"]
TOKEN = os.environ["FUZZ_TOKEN"]
REFRESH_TOKEN = os.environ["FUZZ_REFRESH_TOKEN"]
PROFILE_ID = os.environ["FUZZ_PROFILE"]
PAID_ORDER_ID = os.environ["FUZZ_PAID_ORDER"]
LEAVER = json.loads(os.environ["FUZZ_LEAVER"])
"""The credentials of a user who signs out again and again; the other one stays."""

OF_THE_STATE = {
    "cursor-invalid": "a cursor is opaque: no schema tells ours from others",
    "idempotency-key-reused": "whether a key was used depends on what was sent before",
    "insufficient-funds": "whether there is enough depends on the account",
    "confirmation-code-wrong": "whether a code is right depends on the e-mail that was sent",
}
"""Codes by which a request that fits the document may be refused all the same, each with the reason."""

OF_THE_STAGE = "an order may cost at most"
OF_THE_STAGE_WHY = "how many pieces are too many depends on their price, a setting of the stage"

type Case = schemathesis.Case[Any]

tally: dict[str, Counter[str]] = {}
"""Answers by operation and status."""

excused: Counter[str] = Counter()
"""Good requests that were refused all the same, by the reason for which that is no fault."""

lives: dict[str, list[str]] = {}
"""What has happened to each order that was created here, by its id."""

_REPEATED_KEY_EVERY = 4


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Signs requests in; those that sign out have a session of their own."""

    def get(self, case: Case, _context: schemathesis.AuthContext) -> str:
        """The token for one request."""
        if not case.path.endswith("/logout"):
            return TOKEN
        token: str = httpx.post(f"{API}/login", json=LEAVER).raise_for_status().json()["token"]
        return token

    def set(self, case: Case, data: str, _context: schemathesis.AuthContext) -> None:
        """Put it into the request."""
        case.headers["Authorization"] = f"Bearer {data}"


schemathesis.openapi.format(
    "password",
    strategies.builds(
        lambda letters: f"{letters[:1]}aB3!{letters[1:]}",
        strategies.text(string.ascii_letters + string.digits + "^$*.[]{}()?\"!@#%&/\\,><':;|_~`+=- é", min_size=4),
    ).map(str.strip),
)


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: Case) -> bool:
    """Leave out a line break in `{proxy+}`: the emulator finds no route for it, as AWS does."""
    return "\n" not in str(case.path_parameters.get("proxy", ""))


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Give most good requests a key of their own, and half of them something that there is, lest all be refused."""
    kwargs["allow_redirects"] = False  # a redirect is the answer itself
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    sent = sum(counts.total() for counts in tally.values())
    key = case.headers.get("Idempotency-Key")
    if key and sent % _REPEATED_KEY_EVERY:
        case.headers["Idempotency-Key"] = f"{key[:200]}-{sent}"
    if sent % 2 and case.meta.phase.name != TestPhase.STATEFUL:
        _name_what_there_is(case)


def _name_what_there_is(case: Case) -> None:
    match case.operation.path:
        case "/profiles/{id}":
            case.path_parameters["id"] = PROFILE_ID
        case "/billing/payments/{orderId}":
            case.path_parameters["orderId"] = PAID_ORDER_ID
        case "/orders/{id}" | "/orders/{id}/execute" if lives:
            case.path_parameters["id"] = next(reversed(lives))
        case "/refresh":
            case.body = {"refreshToken": REFRESH_TOKEN}


@schemathesis.hook
def after_call(_context: schemathesis.HookContext, case: Case, response: schemathesis.Response) -> None:
    """Count the answers of each operation, and keep what became of orders."""
    tally.setdefault(case.operation.label, Counter())[str(response.status_code)] += 1
    if response.status_code == HTTPStatus.CREATED and case.operation.label == "POST /orders":
        lives.setdefault(response.json()["id"], ["create"])
    elif response.status_code == HTTPStatus.OK and (life := lives.get(case.path_parameters.get("id", ""))):
        life.append("execute" if case.method == "POST" else "get")


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext, failure: Failure, _case: Case, response: schemathesis.Response
) -> bool:
    """What counts as a failure: all but the refusals above, and the gateway's own answer to a method it has not."""
    reason = None
    if isinstance(failure, RejectedPositiveData):
        code = _code(response) or ""
        reason = OF_THE_STATE.get(code) or (OF_THE_STAGE_WHY if OF_THE_STAGE in response.text else None)
    elif isinstance(failure, UnsupportedMethodResponse) and _is_the_gateways_404(response):
        reason = "an HTTP API answers 404 to a method that it has not, where others answer 405"
    if reason:
        excused[reason] += 1
    return reason is None


def _is_the_gateways_404(response: schemathesis.Response) -> bool:
    return (response.status_code, response.content) == (HTTPStatus.NOT_FOUND, b'{"message":"Not Found"}')


def _code(response: schemathesis.Response) -> str | None:
    if "application/problem+json" not in response.headers.get("content-type", [""])[0]:
        return None
    code: str = response.json()["code"]
    return code


@schemathesis.check
def the_code_is_documented(_context: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """The `code` of a problem is one that the document names for this operation and status."""
    if (code := _code(response)) is None:
        return
    answer = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    promised = resolved(answer, case.operation.schema.raw_schema)
    named = promised.get("content", {}).get("application/problem+json", {}).get("examples", {})
    assert code in named, f"{response.status_code} {code} is not documented for {case.operation.label}"


@atexit.register
def _write_tally() -> None:
    Path(os.environ["FUZZ_TALLY"]).write_text(
        json.dumps({"answers": tally, "excused": excused, "lives": list(lives.values())})
    )
