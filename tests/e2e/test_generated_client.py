"""A client generated from the served /openapi.json makes a user's journey."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import Api, Credentials, new_key
from tests.scaffolding.waiting import until

PACKAGE = "platform_client"
OPERATIONS = {
    "register": "auth.auth_register",
    "login": "auth.auth_login",
    "refresh": "auth.auth_refresh",
    "logout": "auth.auth_logout",
    "get_profile": "profiles.profiles_get_profile",
    "update_profile": "profiles.profiles_update_profile",
    "get_account": "billing.billing_get_account",
    "deposit": "billing.billing_deposit",
    "list_transactions": "billing.billing_list_transactions",
    "create_order": "orders.orders_create_order",
    "get_order": "orders.orders_get_order",
    "list_orders": "orders.orders_list_orders",
    "execute_order": "orders.orders_execute_order",
    "list_notifications": "notifications.notifications_list_notifications",
}


class GeneratedClient:
    """The generated package, by our names for its operations. Types are the generator's, known when it has run."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self.types = importlib.import_module(f"{PACKAGE}.types")
        self._clients = importlib.import_module(f"{PACKAGE}.client")
        self._client = self._clients.Client(base_url=api_url, raise_on_unexpected_status=True)

    def sign_in_with(self, token: str) -> None:
        """Send the token from here on."""
        self.close()
        self._client = self._clients.AuthenticatedClient(
            base_url=self._api_url, token=token, raise_on_unexpected_status=True
        )

    def close(self) -> None:
        """End its connections."""
        self._client.get_httpx_client().close()

    def ask(self, name: str, expected: int, *arguments: object, **options: object) -> Any:
        """Call an operation, and return the answer as parsed by the generated code."""
        operation = importlib.import_module(f"{PACKAGE}.api.{OPERATIONS[name]}")
        answer = operation.sync_detailed(*arguments, client=self._client, **options)
        assert answer.status_code == HTTPStatus(expected), answer.content
        return answer.parsed

    def until(self, name: str, holds: Callable[[Any], object]) -> Any:
        """Poll until the answer is as expected; events take a moment."""
        return until(lambda: self.ask(name, 200), holds, complaint=lambda: f"{name} did not come to be so")


@pytest.fixture(scope="module")
def package(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package, generated from the document as it is served, without a warning."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_bytes(api.get("/openapi.json").content)
    programs = Path(sys.executable).parent
    generator = programs / "openapi-python-client"
    done = subprocess.run(
        [
            *(generator, "generate", "--path", document, "--fail-on-warning"),
            *("--meta", "none", "--output-path", folder / PACKAGE),
        ],
        # It formats what it has written.
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


@pytest.fixture
def generated(api: Api, package: None) -> Iterator[GeneratedClient]:  # noqa: ARG001 - it must be there
    """A client of it, not signed in yet."""
    client = GeneratedClient(api.stack["apiUrl"])
    yield client
    client.close()


def test_a_generated_client_goes_the_whole_way(generated: GeneratedClient) -> None:
    models, credentials = generated.models, Credentials()

    user = generated.ask("register", 201, body=models.RegisterBody.from_dict(credentials.registration()))
    tokens = generated.ask("login", 200, body=models.LoginBody.from_dict(credentials.sign_in()))
    generated.sign_in_with(tokens.token)

    profile = generated.ask("get_profile", 200, user.profile_id)
    assert (profile.login, profile.email, profile.full_name) == (credentials.login, credentials.email, None)
    changed = models.ProfileBody(full_name="Ada Lovelace", age=36)
    assert generated.ask("update_profile", 200, user.profile_id, body=changed).full_name == "Ada Lovelace"

    generated.until("get_account", lambda account: account.updated_at)
    deposit = {"body": models.CashBody(amount=100), "idempotency_key": new_key()["idempotency-key"]}
    first, again = (generated.ask("deposit", 200, **deposit) for _ in range(2))
    assert first == again
    assert Decimal(str(first.balance)) == 100

    order = generated.ask(
        "create_order",
        201,
        body=models.CreateOrderBody(product_quantity=3),
        idempotency_key=new_key()["idempotency-key"],
    )
    confirm = models.ConfirmBody(event=models.ConfirmBodyEvent.CONFIRM)
    assert generated.ask("execute_order", 200, order.id, body=confirm).state == models.State.PAID
    paid = generated.ask("get_order", 200, order.id)
    assert (paid.state, paid.amount, paid.profile_id) == (models.State.PAID, 30, user.profile_id)

    told = generated.until("list_notifications", lambda page: len(page.items) == 2)
    assert {(item.type_, item.order_id) for item in told.items} == {
        (models.EventName.DEPOSITACCEPTED, None),
        (models.EventName.ORDERPAID, order.id),
    }
    assert [entry.kind for entry in generated.ask("list_transactions", 200, limit=1).items] == [
        models.EntryKind.PAYMENT
    ]
    assert [item.id for item in generated.ask("list_orders", 200, state=models.OrdersListOrdersState.PAID).items] == [
        order.id
    ]
    assert generated.ask("get_account", 200).balance == 70


def test_a_generated_client_understands_refusals(generated: GeneratedClient) -> None:
    models, credentials = generated.models, Credentials()
    wrong = generated.ask("login", 401, body=models.LoginBody.from_dict(credentials.sign_in()))
    assert wrong.code == "wrong-credentials"

    generated.ask("register", 201, body=models.RegisterBody.from_dict(credentials.registration()))
    tokens = generated.ask("login", 200, body=models.LoginBody.from_dict(credentials.sign_in()))
    generated.sign_in_with(tokens.token)
    key = new_key()["idempotency-key"]
    order = generated.ask("create_order", 201, body=models.CreateOrderBody(product_quantity=3), idempotency_key=key)
    confirm = models.ConfirmBody(event=models.ConfirmBodyEvent.CONFIRM)

    assert generated.ask("execute_order", 402, order.id, body=confirm).code == "insufficient-funds"
    complete = models.CompleteBody(event="COMPLETE")
    refused = generated.ask("execute_order", 409, order.id, body=complete)
    assert (refused.code, refused.state) == ("order-state-conflict", "CREATED")
    none = models.CreateOrderBody(product_quantity=0)
    invalid = generated.ask("create_order", 422, body=none, idempotency_key=new_key()["idempotency-key"])
    assert [error.field for error in invalid.errors] == ["productQuantity"]

    generated.ask("logout", 204, body=models.LogoutBody())
    assert generated.ask("get_account", 401).code == "session-ended"
