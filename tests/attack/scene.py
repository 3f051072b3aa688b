"""Where the attack takes place: a victim who owns something of each kind, an attacker, a bystander to compare with."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx

from infra.operations import Function
from local.cloud import local_cloud
from local.emulator import Emulator
from local.ports import free_port
from tests.attack.forger import Forger
from tests.e2e.api import Api, Credentials, Tokens, User, exact, new_key

DEPOSIT, WITHDRAWAL, ORDER = {"amount": 7}, {"amount": 2}, {"productQuantity": 3}
LISTS = ("/orders", "/billing/account/transactions", "/notifications")


@dataclass(frozen=True, slots=True)
class Person:
    """A user who has a profile, a paid order, a statement and notifications."""

    user: User
    order_id: str
    keys: Mapping[str, str]
    """Idempotency keys that were used, by path."""
    cursors: Mapping[str, str]
    """A cursor to the second page of each list, by path."""
    secrets: frozenset[str]
    """What nobody else may read."""
    marks: frozenset[str]
    """By which this person's rows are known."""

    @classmethod
    def arriving(cls, api: Api) -> Self:
        """A new one, whose events have all had their effect."""
        user = api.new_user()
        full_name = f"Name {secrets.token_hex(8)}"
        assert user.patch(f"/profiles/{user.profile_id}", {"fullName": full_name}).status_code == 200
        bodies = {"/billing/account/deposit": DEPOSIT, "/billing/account/withdraw": WITHDRAWAL, "/orders": ORDER}
        keys, made = {}, {}
        for path, body in bodies.items():
            key = new_key()
            answer = user.post(path, body, headers=key)
            assert answer.is_success, answer.text
            keys[path], made[path] = key["idempotency-key"], exact(answer)
        another_order = user.with_money(100).new_order()
        assert user.execute(made["/orders"], "CONFIRM").is_success
        user.until("/notifications", lambda page: len(page["items"]) == 3)
        cursors = {path: exact(user.get(f"{path}?limit=1"))["nextCursor"] for path in LISTS}
        entries = exact(user.get("/billing/account/transactions"))["items"]
        order_id: str = made["/orders"]["id"]
        return cls(
            user=user,
            order_id=order_id,
            keys=keys,
            cursors=cursors,
            secrets=frozenset(
                {
                    user.credentials.login,
                    user.credentials.email,
                    full_name,
                    another_order["id"],
                    *(entry["transactionId"] for entry in entries),
                }
            ),
            marks=frozenset({user.profile_id, order_id, another_order["id"]}),
        )


@dataclass
class Scene:
    """Everybody, and the tokens that were come by honestly."""

    api: Api
    emulator: Emulator
    victim: Person = field(init=False)
    attacker: Person = field(init=False)
    bystander: Person = field(init=False)

    def __post_init__(self) -> None:
        self.victim, self.attacker, self.bystander = (Person.arriving(self.api) for _ in range(3))
        self.signed_out = self._signed_out({})
        self.signed_out_everywhere = self._signed_out({"everywhere": True})
        # The session that all forgeries claim to be of has begun after that.
        self.tokens = self._fresh(self.victim).tokens
        self.forger = self._forger_of(self.tokens.access)
        self.of_another_client = self._of_another_client()
        self.of_another_pool = self._of_another_pool()
        self.rows = self.rows_to_keep()
        self._read = 0
        self._roles: dict[str, str] = {}

    def fresh_token(self, person: Person) -> str:
        """An access token of a new session."""
        return self._fresh(person).tokens.access

    @cached_property
    def bystanders_forger(self) -> Forger:
        """A forger of the bystander's tokens."""
        return self._forger_of(self.fresh_token(self.bystander))

    def rows_to_keep(self) -> dict[str, list[str]]:
        """Every row of every table, but those of the attacker and the bystander, who may act for themselves."""
        others = self.attacker.marks | self.bystander.marks
        rows = {}
        for service, table in self.api.stack["tables"].items():
            pages = self.api.aws("dynamodb").get_paginator("scan").paginate(TableName=table)
            items = (json.dumps(item, sort_keys=True, default=str) for page in pages for item in page["Items"])
            rows[service] = sorted(item for item in items if not any(mark in item for mark in others))
        return rows

    def calls_of(self, function: Function) -> int:
        """How many AWS calls a function has made since it was asked last, for any function."""
        happened = self.emulator.happenings.read_text()[self._read :]
        self._read += len(happened)
        if function.name not in self._roles:
            name = f"{self.api.stack['stackName']}-{function.name}"
            role = self.api.aws("lambda").get_function_configuration(FunctionName=name)["Role"]
            self._roles[function.name] = f":assumed-role/{role.rpartition('/')[2]}/"
        lines = [json.loads(line) for line in happened.splitlines()]
        return sum(line["kind"] == "call" and self._roles[function.name] in line["by"] for line in lines)

    def what_changed(self) -> list[str]:
        """The tables in which rows to keep have changed since this was asked last."""
        before, self.rows = self.rows, self.rows_to_keep()
        return [table for table, rows in self.rows.items() if rows != before[table]]

    def _fresh(self, person: Person) -> User:
        return self.api.signed_in(person.user.credentials, person.user.profile_id)

    def _signed_out(self, body: dict[str, bool]) -> str:
        user = self._fresh(self.victim)
        assert user.post("/logout", body).status_code == 204
        return user.tokens.access

    def _forger_of(self, token: str) -> Forger:
        keys = self.api.get("/.well-known/jwks.json").json()
        return Forger.of(self.emulator, self.api.stack["userPoolId"], keys, token)

    def _of_another_client(self) -> str:
        """The victim's own sign-in, to another app of the same pool."""
        client_id = _new_client(self.api.aws("cognito-idp"), self.api.stack["userPoolId"])
        return self._sign_in(client_id, self.victim.user.credentials).access

    def _of_another_pool(self) -> str:
        """A sign-in to another pool, where somebody has taken the victim's login."""
        cognito = self.api.aws("cognito-idp")
        pool_id = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
        client_id = _new_client(cognito, pool_id)
        credentials = Credentials(login=self.victim.user.credentials.login)
        cognito.sign_up(ClientId=client_id, Username=credentials.login, Password=credentials.password)
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=credentials.login)
        return self._sign_in(client_id, credentials).access

    def _sign_in(self, client_id: str, credentials: Credentials) -> Tokens:
        result = self.api.aws("cognito-idp").initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": credentials.login, "PASSWORD": credentials.password},
        )["AuthenticationResult"]
        return Tokens(result["AccessToken"], result["RefreshToken"], result["IdToken"])


def _new_client(cognito: Any, pool_id: str) -> str:
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="another",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    client_id: str = client["UserPoolClient"]["ClientId"]
    return client_id


@contextmanager
def scene(directory: Path) -> Iterator[Scene]:
    """A cloud with everybody in it, for as long as the block runs."""
    with local_cloud(free_port(), directory) as (stack, emulator), httpx.Client(timeout=30) as http:
        yield Scene(Api(stack, http), emulator)
