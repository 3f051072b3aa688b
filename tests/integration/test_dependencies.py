"""What users see when AWS does not answer: an answer that says to retry, without internals."""

from dataclasses import dataclass

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from tests.integration.factories import balance, create_order, deposit, keyed, with_profile
from tests.integration.faults import SECRET, TIMEOUT, aws_error, failing
from tests.integration.problems import problem
from tests.scaffolding.world import Answer, User, World


@dataclass(frozen=True)
class Asked:
    """A request, and the DynamoDB calls that it depends on."""

    method: str
    path: str
    calls: tuple[str, ...]
    body: dict[str, object] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


REQUESTS = [
    Asked("GET", "/profiles/{profile}", ("GetItem",)),
    Asked("PATCH", "/profiles/{profile}", ("UpdateItem",), {"age": 1}),
    Asked("GET", "/billing/account", ("GetItem",)),
    Asked("POST", "/billing/account/deposit", ("BatchGetItem", "TransactWriteItems"), {"amount": 1}),
    Asked("POST", "/billing/account/withdraw", ("BatchGetItem", "TransactWriteItems"), {"amount": 1}),
    Asked("GET", "/billing/account/transactions", ("Query",)),
    Asked("POST", "/orders", ("BatchGetItem", "TransactWriteItems"), {"productQuantity": 1}),
    Asked("GET", "/orders", ("Query",)),
    Asked("GET", "/orders/{order}", ("GetItem",)),
    Asked("POST", "/orders/{order}/execute", ("GetItem", "PutItem"), {"event": "EDIT", "productQuantity": 1}),
    Asked("POST", "/orders/{order}/execute", ("GetItem", "PutItem"), {"event": "CANCEL"}),
    Asked("POST", "/orders/{order}/execute", ("UpdateItem",), {"event": "CONFIRM"}),
    Asked("GET", "/notifications", ("Query",)),
    Asked("POST", "/logout", ("GetItem", "UpdateItem"), {}),
    Asked("GET", "/auth/istio/orders", ()),
]
CALLS = [(asked, call) for asked in REQUESTS for call in asked.calls]
FAILURES: dict[str, Exception] = {
    "throttled": aws_error("ProvisionedThroughputExceededException"),
    "over the request limit": aws_error("RequestLimitExceeded"),
    "broken": aws_error("InternalServerError"),
    "not allowed": aws_error("AccessDeniedException"),
    "read time-out": TIMEOUT,
    "connect time-out": ConnectTimeoutError(endpoint_url=f"https://{SECRET}"),
    "no connection": EndpointConnectionError(endpoint_url=f"https://{SECRET}"),
}


def send(world: World, asked: Asked, user: User, order_id: str) -> Answer:
    """Make the request."""
    path = asked.path.format(profile=user.profile_id, order=order_id)
    return world.request(asked.method, path, user, json_body=asked.body, headers=keyed("key"))


@pytest.mark.parametrize(("asked", "call"), CALLS, ids=str)
def test_a_table_that_does_not_answer_is_told_without_its_secrets(
    world: World, ada: User, asked: Asked, call: str
) -> None:
    with_profile(world, ada)
    deposit(world, ada, 100)
    order_id = create_order(world, ada).json["id"]
    before = balance(world, ada)
    for failure in FAILURES.values():
        with failing(world, "dynamodb", call, failure):
            answer = send(world, asked, ada, order_id)
        problem(answer, 503, "dependency-unavailable")
        assert answer.headers["retry-after"] == "1"
        for secret in (SECRET, "Exception", "dynamodb", "Dynamo", "Table", "Traceback", "botocore"):
            assert secret not in answer.text
    assert balance(world, ada) == before
    assert send(world, asked, ada, order_id).status < 300


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("path", ["/health", "/orders/health", "/billing/health", "/notifications/health"])
def test_a_service_whose_table_does_not_answer_is_down(world: World, path: str, failure: str) -> None:
    with failing(world, "dynamodb", "GetItem", FAILURES[failure]):
        answer = world.request("GET", path)
    assert (answer.status, answer.json) == (503, {"status": "DOWN", "checks": {"table": "DOWN"}})
    assert SECRET not in answer.text


@pytest.mark.parametrize("path", ["/billing/account/deposit", "/billing/account/withdraw", "/orders"])
def test_a_request_that_loses_every_race_is_told_to_come_back(world: World, ada: User, path: str) -> None:
    body = {} if path == "/orders" else {"amount": 1}
    deposit(world, ada, 1)
    conflict = aws_error("TransactionConflictException")
    with failing(world, "dynamodb", "TransactWriteItems", conflict):
        answer = world.request("POST", path, ada, json_body=body, headers=keyed())
    problem(answer, 409, "concurrent-request")
    assert answer.headers["retry-after"] == "1"
    assert balance(world, ada) == 1


def test_a_request_without_a_user_pool_is_told_to_come_back(world: World, ada: User) -> None:
    with failing(world, "cognito-idp", "AdminGetUser", TIMEOUT):
        problem(world.request("POST", "/profiles", ada, json_body={}), 503, "dependency-unavailable")
    assert world.rows("profiles") == []


def test_a_profile_that_can_not_be_written_fails_the_sign_up(world: World, ada: User) -> None:
    for call in ("GetItem", "PutItem"):
        with failing(world, "dynamodb", call, TIMEOUT), pytest.raises(type(TIMEOUT)):
            with_profile(world, ada)
    assert world.rows("profiles") == []
