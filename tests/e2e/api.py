"""The API as a client sees it, and the users of the end-to-end tests."""

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

import httpx

from local.deployment import StackDescription, session
from tests.scaffolding.waiting import until

type Body = dict[str, Any]


def new_key() -> dict[str, str]:
    """A fresh idempotency key, as a header."""
    return {"idempotency-key": secrets.token_hex(16)}


def exact(answer: httpx.Response) -> Any:
    """The body of an answer, with exact numbers."""
    return json.loads(answer.text, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a user registers with."""

    login: str = field(default_factory=lambda: f"user-{secrets.token_hex(6)}")
    password: str = field(default_factory=lambda: f"Aa1!{secrets.token_urlsafe(12)}")

    @property
    def email(self) -> str:
        """An address of the user's own."""
        return f"{self.login}@example.com"

    def registration(self) -> Body:
        """The body of POST /register."""
        return {"login": self.login, "email": self.email, "password": self.password}

    def sign_in(self) -> Body:
        """The body of POST /login."""
        return {"login": self.login, "password": self.password}


class Client:
    """Requests to the API over the connections of `http`, with or without a token."""

    def __init__(self, stack: StackDescription, http: httpx.Client, token: str | None = None) -> None:
        self.stack = stack
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; `path` is below /api/v1."""
        headers = {**self._headers, **options.pop("headers", {})}
        return self._http.request(method, self.stack["apiUrl"] + path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        """POST; `body` goes as JSON."""
        return self.request("POST", path, **({"json": body} if body is not None else {}), **options)

    def patch(self, path: str, body: object, **options: Any) -> httpx.Response:
        """PATCH; `body` goes as JSON."""
        return self.request("PATCH", path, json=body, **options)

    def until(self, path: str, holds: Callable[[Any], object]) -> Any:
        """Poll `path` until its answer is as expected, and return it; fail after EVENT_SECONDS."""
        return until(lambda: exact(self.get(path)), holds, complaint=lambda: f"{path} did not come to be so")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sign-in."""

    access: str
    refresh: str
    identity: str

    @classmethod
    def of(cls, body: Body) -> Self:
        """Those in the answer of POST /login."""
        return cls(body["token"], body["refreshToken"], body["idToken"])


class User(Client):
    """A client with a token."""

    def __init__(
        self, stack: StackDescription, http: httpx.Client, credentials: Credentials, profile_id: str, tokens: Tokens
    ) -> None:
        super().__init__(stack, http, tokens.access)
        self.credentials = credentials
        self.profile_id = profile_id
        self.tokens = tokens

    def with_money(self, amount: int) -> Self:
        """The same user, richer by `amount`."""
        assert self.post("/billing/account/deposit", {"amount": amount}, headers=new_key()).status_code == 200
        return self

    def new_order(self, quantity: int | None = 1) -> Body:
        """A new order of this user's."""
        body = {} if quantity is None else {"productQuantity": quantity}
        answer = self.post("/orders", body, headers=new_key())
        assert answer.status_code == 201, answer.text
        order: Body = exact(answer)
        return order

    def execute(self, order: Body, event: str, **fields: object) -> httpx.Response:
        """Apply an event to an order."""
        return self.post(f"/orders/{order['id']}/execute", {"event": event, **fields})

    def order_in(self, state: str) -> Body:
        """An order of this user's in `state`."""
        order = self.new_order()
        way = {"CREATED": [], "PAID": ["CONFIRM"], "COMPLETED": ["CONFIRM", "COMPLETE"], "CANCELED": ["CANCEL"]}
        for event in way[state]:
            answer = self.execute(order, event)
            assert answer.status_code == 200, answer.text
        return order

    def notification_types(self) -> list[str]:
        """The types of this user's notifications, newest first."""
        return [item["type"] for item in exact(self.get("/notifications?limit=100"))["items"]]

    def all_notification_types(self) -> Iterator[str]:
        """The same, from all pages."""
        query = "limit=100"
        while query:
            page = exact(self.get(f"/notifications?{query}"))
            yield from (item["type"] for item in page["items"])
            query = f"limit=100&cursor={page['nextCursor']}" if page["nextCursor"] else ""

    def notified_in_the_end(self, expected: Mapping[str, int], *, seconds: float) -> Counter[str]:
        """This user's notifications by type, once they are as expected or more, or time is over."""
        deadline = time.monotonic() + seconds
        while (told := Counter(self.all_notification_types())) != expected:
            if told.total() > sum(expected.values()) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        return told

    def disagreements(self, notices: Mapping[str, int], balance: Decimal | int, *, seconds: float) -> Iterator[str]:
        """Deviations from the expected state after all events: notifications by type, and the balance."""
        told = self.notified_in_the_end(notices, seconds=seconds)
        if told != notices:
            yield f"{self.credentials.login}: notifications {dict(told)}, not {dict(notices)}"
        if (held := exact(self.get("/billing/account"))["balance"]) != balance:
            yield f"{self.credentials.login}: balance {held}, not {balance}"


class Api(Client):
    """The API without a token, and a source of users."""

    def __init__(self, stack: StackDescription, http: httpx.Client) -> None:
        super().__init__(stack, http)
        self._aws: dict[str, Any] = {}

    def new_user(self) -> User:
        """A new user, registered and signed in."""
        credentials = Credentials()
        registered = self.post("/register", credentials.registration())
        assert registered.status_code == 201, registered.text
        return self.signed_in(credentials, registered.json()["profileId"])

    def signed_in(self, credentials: Credentials, profile_id: str) -> User:
        """The user, signed in again with another session."""
        answer = self.post("/login", credentials.sign_in())
        assert answer.status_code == 200, answer.text
        return User(self.stack, self._http, credentials, profile_id, Tokens.of(answer.json()))

    def log_group(self, function: str) -> str:
        """The log group of a function (`billing-deposit`); its name is AWS's to make."""
        name = f"{self.stack['stackName']}-{function}"
        group: str = self.aws("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
        return group

    def aws(self, service: Any) -> Any:
        """The emulated cloud itself, as its root user; a service's client is created only once, since that is slow."""
        if service not in self._aws:
            self._aws[service] = session().client(service, endpoint_url=self.stack["awsEndpoint"])
        return self._aws[service]
