"""The whole platform in this process, on moto: tables from the template, handlers as deployed, events by hand.

A test makes requests as API Gateway would (`world.request`), and delivers events when it chooses (`world.settle`): from
the tables' streams, through the relay, to the bus, to the consumers. Consumers get the producers' real events.
"""

import base64
import io
import json
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, Literal, Self, get_args

from moto import mock_aws
from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.dynamo_type import Item as StoredItem

from infra.operations import CONSUMERS, PAY_ORDER, RELAY, SERVED, Access, Route
from layers.dependencies.aws_models import CALLED
from local.invoking.lambda_context import InvocationContext
from local.invoking.queue_messages import queue_batch
from shared import aws
from shared.dynamodb import from_item, to_item
from shared.outbox import OUTBOX_ATTRIBUTE
from tests.scaffolding.releases import TODAY, Code
from tests.scaffolding.template import (
    function_environments,
    table_definitions,
    user_pool_client_definition,
    user_pool_definition,
)

REGION = "us-east-1"
ACCOUNT = "123456789012"
BUS = "test-bus"

type Item = dict[str, Any]
type Service = Literal["codedeploy", "dynamodb", "events", "cognito-idp", "lambda", "sqs", "stepfunctions"]
type Moment = Literal["before-call", "after-call", "needs-retry"]


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in user."""

    profile_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    login: str = "ada"
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client sees."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, with exact numbers."""
        return json.loads(self.text, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that is on its way to one consumer: the body of a message in its queue."""

    consumer: str
    body: str

    @property
    def name(self) -> str:
        """What happened."""
        name: str = json.loads(self.body)["detail-type"]
        return name

    @property
    def event(self) -> dict[str, Any]:
        """The event's detail."""
        detail: dict[str, Any] = json.loads(self.body, parse_float=Decimal)["detail"]
        return detail


class World:
    """One platform, empty at first. Use it as a context manager: `with World() as world:`."""

    def __init__(self) -> None:
        self._exit = ExitStack()
        self._published: list[dict[str, Any]] = []
        self._stream_places: dict[str, int] = {}
        self._user_pool_is_open = False
        self.queued: list[Delivery] = []
        """What the consumers have yet to receive, oldest first."""
        self.bus_refuses: Callable[[Item], bool] = lambda _entry: False
        """Which PutEvents entries fail, as when the bus is throttled."""
        self.bus_refuses_for_good: Callable[[Item], str | None] = lambda _entry: None
        """The error code that the bus has for an entry, however often it comes."""
        self.dead_letters: list[Item] = []
        """What functions have sent to dead-letter queues, as SendMessage takes it."""
        self.noted: dict[str, int] = {}
        """How many records of a service's stream the audit has noted."""
        self.noted_changes: list[str] = []
        """What waits to be checked: the bodies of the messages in the audit's queue."""
        self.audit_execution = "arn:aws:states:us-east-1:123456789012:execution:audit:this"
        self.audits_that_run: list[Item] = [{"executionArn": self.audit_execution, "startDate": 1764158400.0}]
        """What Step Functions says of them; each test's own audit is one."""
        self.grace_is_over = True
        """Whether the time has passed in which a refresh token can be exchanged once more."""
        self._exchanged: set[str] = set()
        self.function = ""
        """The function that runs now, if any does."""
        self.code_of: Callable[[str], Code] = lambda _module: TODAY
        """Which version of a function runs."""

    def __enter__(self) -> Self:
        environments = function_environments()
        variables = {name: value for variables in environments.values() for name, value in variables.items()}
        if os.environ.get("SESSIONS_TABLE", variables["SESSIONS_TABLE"]) != variables["SESSIONS_TABLE"]:
            raise RuntimeError("functions were imported to be documented: run tests/infra in a process of its own")
        variables |= {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "EVENT_BUS": BUS,
            # The same pool and client in every world, since functions read their ids once, when imported.
            "MOTO_COGNITO_IDP_USER_POOL_ID_STRATEGY": "HASH",
            "MOTO_COGNITO_IDP_USER_POOL_CLIENT_ID_STRATEGY": "HASH",
        }
        self._exit.enter_context(mock_aws())
        os.environ.update(variables)
        self.dynamodb = aws.client("dynamodb")
        for definition in table_definitions().values():
            self.dynamodb.create_table(**definition)
        aws.client("events").create_event_bus(Name=BUS)
        self.user_pool_id, self.client_id = _user_pool_and_client_ids()
        os.environ |= {"USER_POOL_ID": self.user_pool_id, "USER_POOL_CLIENT_ID": self.client_id}
        self._connect()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def open_user_pool(self) -> None:
        """Let users register. The pool is created on demand: generating its keys takes longer than all the rest."""
        if not self._user_pool_is_open:
            _create_user_pool()
            self._user_pool_is_open = True

    # Requests

    def request(
        self,
        method: str,
        path: str,
        user: User | None = None,
        *,
        json_body: object = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a request as API Gateway would pass it on; `user` is the caller that the authorizer found."""
        route, parameters = _match(method, path)
        text = body if body is not None else (None if json_body is None else json.dumps(json_body, default=_number))
        event = gateway_event(route, path, parameters, user, body=text, headers=headers or {}, query=query or {})
        answer = self.invoke(route.function.module, event)
        return Answer(answer["statusCode"], answer["headers"], answer.get("body", ""))

    def invoke(self, module: str, event: object) -> Any:
        """Call the handler of a function, as Lambda would."""
        outermost, self.function = self.function, module
        service = os.environ["POWERTOOLS_SERVICE_NAME"]
        os.environ["POWERTOOLS_SERVICE_NAME"] = module.partition(".")[0]
        try:
            return self.code_of(module).call(module, event, InvocationContext())
        finally:
            self.function = outermost
            os.environ["POWERTOOLS_SERVICE_NAME"] = service

    # Events

    def settle(self, *, times: int = 1, order: Callable[[list[Delivery]], list[Delivery]] = list) -> None:
        """Deliver events until none is left; a failing message fails the test.

        Each is delivered `times` times; `order` arranges those that wait at the same time.
        """
        while self.relay() or self.queued:
            waiting, self.queued = self.queued, []
            for delivery in order(waiting * times):
                self.deliver(delivery)

    def relay(self, hand_over: Callable[[list[Item]], None] | None = None) -> int:
        """Pass new stream records to the relay, and queue what it publishes. Returns the number of events.

        `hand_over` replaces the call of the relay with a batch of records; by default, a failure fails the test.
        """
        with self._queueing() as published:
            for table in self._stream_tables():
                if records := self._new_records(table):
                    (hand_over or self._hand_over)(records)
        return len(published)

    def republish(self) -> int:
        """Queue the event of every item again, as `make republish` does. Returns the number of events."""
        items = [row for service in ("profiles", "orders", "billing") for row in self.rows(service)]
        images = [to_item(item) for item in items if OUTBOX_ATTRIBUTE in item]
        with self._queueing() as published:
            self._hand_over([{"dynamodb": {"SequenceNumber": "0", "NewImage": image}} for image in images])
        return len(published)

    @contextmanager
    def _queueing(self) -> Iterator[list[dict[str, Any]]]:
        """Queue the events put on the bus in the block for their consumers; the list has them afterwards."""
        before = len(self._published)
        published: list[dict[str, Any]] = []
        try:
            yield published
        finally:
            published += self._published[before:]
            self.queued += [delivery for entry in published for delivery in _deliveries(entry)]

    def _hand_over(self, records: list[Item]) -> None:
        answer = self.invoke(RELAY.module, {"Records": records})
        assert answer == {"batchItemFailures": []}

    def deliver(self, delivery: Delivery) -> None:
        """Deliver a message to a consumer, alone in its batch; a failure fails the test."""
        answer = self.invoke(delivery.consumer, queue_batch(delivery.body))
        assert answer == {"batchItemFailures": []}, f"{delivery.consumer} failed on {delivery.body}"

    @property
    def published(self) -> list[dict[str, Any]]:
        """All events ever put on the bus, as PutEvents entries."""
        return self._published

    def records(self, service: str) -> list[dict[str, Any]]:
        """All records of the stream of a service's table, oldest first."""
        return self._records(self.table_name(service))

    # Faults

    @contextmanager
    def intercepting(
        self, service: Service, operation: str, react: Callable[[Item | None], Any], *, moment: Moment = "before-call"
    ) -> Iterator[None]:
        """Put `react` between the functions and an AWS operation, with botocore's hooks.

        It gets the request's parameters `before-call`, else None. What it raises, the call raises; what it returns
        (not None) is the answer `before-call`, or the seconds after which `needs-retry` sends the request again.
        """

        with _hooked(f"{moment}.{service}.{operation}", service, react, first=True):
            yield

    # Rows

    def rows(self, service: str) -> list[Item]:
        """All items of a service's table, from moto's own memory, since scans would take longer than all the rest."""
        table = _moto_dynamodb().get_table(self.table_name(service))
        return [from_item(item.to_json()["Attributes"]) for item in table.all_items()]

    def put_rows(self, service: str, rows: Iterable[Item]) -> None:
        """Put items into a service's table as they are, unseen by its stream; into moto's own memory, for many."""
        table = _moto_dynamodb().get_table(self.table_name(service))
        for row in rows:
            attributes = {name: DynamoType({**value}) for name, value in to_item(row).items()}
            hash_key, range_key = attributes[table.hash_key_attr], attributes[table.range_key_attr]
            item = StoredItem(hash_key, range_key, {})
            # Past the check of the item's size at every attribute, which takes most of the time.
            dict.update(item.attrs, attributes)
            table.items[hash_key][range_key] = item

    def stored(self, table: str, key: Mapping[str, Any]) -> Item | None:
        """The item in a table, by its name, that has the key of another one; both in DynamoDB's form."""
        item = _moto_dynamodb().get_item(table, key)
        return item.to_json()["Attributes"] if item else None

    def table_name(self, service: str) -> str:
        """The name of a service's table."""
        return next(name for name in table_definitions() if name.startswith(f"Tables{service.capitalize()}"))

    # The inside

    def _connect(self) -> None:
        """Replace what moto lacks: direct calls of functions, the bus's rules, the expiry of refresh tokens."""
        stand_ins: tuple[tuple[Service, str, Callable[[Any], Any]], ...] = (
            ("lambda", "Invoke", self._invoked),
            ("events", "PutEvents", self._put_events),
            ("sqs", "SendMessage", self._send_message),
            ("stepfunctions", "ListExecutions", self._list_executions),
            ("cognito-idp", "RevokeToken", self._revoke_token),
            ("cognito-idp", "GetTokensFromRefreshToken", self._exchange_refresh_token),
        )
        for service, operation, stand_in in stand_ins:
            self._exit.enter_context(_hooked(f"before-call.{service}.{operation}", service, stand_in, first=False))
        for service in get_args(Service.__value__):
            for operation in set(aws.client(service).meta.service_model.operation_names) - CALLED[service]:
                unknown = partial(self._unknown, operation)
                self._exit.enter_context(_hooked(f"before-call.{service}.{operation}", service, unknown, first=True))

    def _unknown(self, operation: str, _params: Item | None) -> None:
        """Deployed, botocore lacks the operations that layers/dependencies/aws_models.py doesn't name."""
        assert not self.function, f"{self.function} calls {operation}, which is not in its layer"

    def _invoked(self, params: Item) -> Any:
        answer = self.invoke(PAY_ORDER.module, json.loads(params["body"]))
        return Ok(), {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    def _put_events(self, params: Item) -> Any:
        results: list[dict[str, str]] = []
        for entry in json.loads(params["body"])["Entries"]:
            if code := self.bus_refuses_for_good(entry):
                results.append({"ErrorCode": code, "ErrorMessage": "never"})
            elif self.bus_refuses(entry):
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"})
            else:
                self._published.append(entry)
                results.append({"EventId": str(uuid.uuid4())})
        return Ok(), {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}

    def _send_message(self, params: Item) -> Any:
        message = json.loads(params["body"])
        if message["QueueUrl"] == os.environ["CHANGES_QUEUE"]:
            self.noted_changes.append(message["MessageBody"])
        else:
            self.dead_letters.append(message)
        return Ok(), {"MessageId": str(uuid.uuid4())}

    def _list_executions(self, _params: Item) -> Any:
        running = [
            {**each, "startDate": datetime.fromtimestamp(each["startDate"], UTC)} for each in self.audits_that_run
        ]
        return Ok(), {"executions": running}

    def _revoke_token(self, params: Item) -> Any:
        self._refresh_tokens[json.loads(params["body"])["Token"]] = None
        return Ok(), {}

    def _exchange_refresh_token(self, params: Item) -> Any:
        token = json.loads(params["body"])["RefreshToken"]
        if self._refresh_tokens.get(token) is None:
            return Refused(), {"Error": {"Code": "NotAuthorizedException", "Message": "Invalid Refresh Token"}}
        if token in self._exchanged and self.grace_is_over:
            return Refused(), {"Error": {"Code": "RefreshTokenReuseException", "Message": "Invalid Refresh Token"}}
        access, identity, seconds = self._user_pool.create_tokens_from_refresh_token(token)
        self._exchanged.add(token)
        fresh = str(uuid.uuid4())
        self._refresh_tokens[fresh] = self._refresh_tokens[token]
        result = {"AccessToken": access, "IdToken": identity, "RefreshToken": fresh}
        return Ok(), {"AuthenticationResult": {**result, "TokenType": "Bearer", "ExpiresIn": seconds}}

    @property
    def _user_pool(self) -> Any:
        return get_backend("cognito-idp")[ACCOUNT][REGION].user_pools[self.user_pool_id]

    @property
    def _refresh_tokens(self) -> dict[str, Any]:
        tokens: dict[str, Any] = self._user_pool.refresh_tokens
        return tokens

    def _stream_tables(self) -> Iterator[str]:
        return (name for name, definition in table_definitions().items() if "StreamSpecification" in definition)

    def _new_records(self, table: str) -> list[dict[str, Any]]:
        seen = self._stream_places.get(table, 0)
        records = self._records(table, seen)
        self._stream_places[table] = seen + len(records)
        return records

    def _records(self, table: str, start: int = 0) -> list[dict[str, Any]]:
        """The records of a table's stream from the place `start` on, in GetRecords' form; from moto's own memory."""
        shard = _moto_dynamodb().get_table(table).stream_shard
        return [record.to_json() for record in shard.items[start:]] if shard else []


class Ok:
    """The HTTP part of an answer that was never sent over HTTP."""

    status_code = 200
    headers: Mapping[str, str] = {}
    content = b""


class Refused(Ok):
    """The same, for an error."""

    status_code = 400


def gateway_event(
    route: Route,
    path: str,
    parameters: Mapping[str, str],
    user: User | None,
    *,
    body: str | None,
    headers: Mapping[str, str],
    query: Mapping[str, str],
) -> dict[str, Any]:
    """API Gateway's event (payload format 2.0) for a request."""
    context: dict[str, Any] = {"requestId": base64.b64encode(os.urandom(11)).decode()}  # in API Gateway's own form
    if user and route.access is Access.SIGNED_IN:
        context["authorizer"] = {
            "lambda": {"profileId": user.profile_id, "login": user.login, "sessionId": user.session_id}
        }
    content_type = {"content-type": "application/json"} if body else {}
    return {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": f"{route.prefix}{path}",
        "headers": content_type | {name.lower(): value for name, value in headers.items()},
        "queryStringParameters": dict(query) or None,
        "pathParameters": dict(parameters) or None,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": False,
    }


@contextmanager
def running_world() -> Iterator[World]:
    """A world, for a fixture."""
    with World() as world:
        yield world


@contextmanager
def _hooked(name: str, service: Service, react: Callable[[Any], Any], *, first: bool) -> Iterator[None]:
    def hook(params: Item | None = None, **_: object) -> Any:
        return react(params)

    clients: list[Any] = [aws.client(service)]
    if service == "cognito-idp":
        clients.append(aws.public_cognito_client())
    for client in clients:
        register = client.meta.events.register_first if first else client.meta.events.register
        register(name, hook)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister(name, hook)


def _moto_dynamodb() -> Any:
    return get_backend("dynamodb")[ACCOUNT][REGION]


def _create_user_pool() -> tuple[str, str]:
    """Create the template's user pool and app client; returns their ids, which are the same in every world."""
    cognito = aws.client("cognito-idp")
    pool_id = cognito.create_user_pool(**user_pool_definition())["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, **user_pool_client_definition())["UserPoolClient"]
    return pool_id, client["ClientId"]


_user_pool_and_client_ids = cache(_create_user_pool)


def _match(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for route in sorted(SERVED, key=lambda route: route.path.count("{")):
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", route.path)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        if route.method == method and (match := re.fullmatch(pattern, path)):
            return route, match.groupdict()
    raise LookupError(f"no route for {method} {path}")


def _deliveries(entry: Mapping[str, Any]) -> Iterator[Delivery]:
    """The messages that the bus makes of an entry: one for each subscribed consumer, in EventBridge's form."""
    for consumer in CONSUMERS:
        if entry["DetailType"] in consumer.event_names:
            detail = json.loads(entry["Detail"], parse_float=Decimal)
            envelope = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "region": REGION,
                "resources": [],
                "detail": detail,
            }
            yield Delivery(consumer.function.module, json.dumps(envelope, default=_number))


def _number(value: object) -> float:
    """EventBridge passes JSON on as its own JSON library writes it; so do test clients."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
