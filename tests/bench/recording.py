"""What a function gets and what AWS answers it, taken from the platform in this process (tests/scaffolding)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast, get_args

from moto.backends import get_backend

from shared import aws
from tests.bench.loopback import AwsAnswer
from tests.scaffolding.request_units import Item, Units, indexes_of, request_units
from tests.scaffolding.template import table_definitions
from tests.scaffolding.world import ACCOUNT, REGION, Service, World

_JSON_1_0 = {"Content-Type": "application/x-amz-json-1.0"}
_KEPT_HEADERS = {"x-amz-crc32", "content-type"}

type Items = Mapping[str, Sequence[Item]]


@dataclass(slots=True)
class Take:
    """One invocation: the function, its event, what AWS answered it, and its own answer."""

    module: str
    event: Any
    answers: list[AwsAnswer] = field(default_factory=list)
    answer: Any = None


class RecordedWorld(World):
    """A world that notes every invocation."""

    def __init__(self) -> None:
        super().__init__()
        self.takes: list[Take] = []
        """Oldest first, by when they ended."""
        self._running: list[Take] = []
        self._asked: list[tuple[Mapping[str, Any], Items]] = []
        self._received: dict[str, Any] | None = None

    def invoke(self, module: str, event: object) -> Any:
        """Call the handler of a function, as Lambda would, and note it."""
        take = Take(module, json.loads(json.dumps(event, default=_plain)))
        self._running.append(take)
        try:
            take.answer = super().invoke(module, event)
        finally:
            self._running.pop()
        self.takes.append(take)
        return take.answer

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note what AWS answers while the block runs."""
        clients: list[Any] = [aws.client(service) for service in get_args(Service.__value__)]
        clients.append(aws.public_cognito_client())
        hooks: dict[str, Callable[..., None]] = {
            "before-parameter-build": self._note_request,
            "response-received": self._note_response,
            "after-call": self._note_answer,
        }
        for client in clients:
            for moment, hook in hooks.items():
                client.meta.events.register_first(moment, hook)
        try:
            yield
        finally:
            for client in clients:
                for moment, hook in hooks.items():
                    client.meta.events.unregister(moment, hook)

    def _note_request(self, params: Mapping[str, Any], **_: object) -> None:
        self._asked.append((params, self._items()))

    def _note_response(self, response_dict: dict[str, Any], **_: object) -> None:
        self._received = response_dict

    def _note_answer(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        received, self._received = self._received, None
        parameters, before = self._asked.pop()
        if not self._running:
            return
        service, operation = model.service_model.service_name, model.name
        units = _units(operation, parameters, parsed, before) if service == "dynamodb" else Units()
        if received:
            headers = {name: value for name, value in received["headers"].items() if name.lower() in _KEPT_HEADERS}
            answer = AwsAnswer(service, operation, received["status_code"], headers, received["body"], units)
        else:
            answer = AwsAnswer(service, operation, *_written(parsed), units)
        self._running[-1].answers.append(answer)

    def _items(self) -> Items:
        """Every item of every table, in DynamoDB's form."""
        tables = get_backend("dynamodb")[ACCOUNT][REGION]
        return {
            name: [item.to_json()["Attributes"] for item in tables.get_table(name).all_items()]
            for name in table_definitions()
        }


def _units(operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any], items: Items) -> Units:
    """What a call costs of which it is known what was there before it."""

    def before(table: str, new: Item) -> Item | None:
        keys = [key["AttributeName"] for key in table_definitions()[table]["KeySchema"]]
        return next((item for item in items[table] if all(item[key] == new[key] for key in keys)), None)

    indexes = {name: indexes_of(definition) for name, definition in table_definitions().items()}
    if operation == "Scan":
        # It is paid for every item, not only for those that its filter lets through.
        answer = {"Items": items[parameters["TableName"]]}
    return request_units(operation, parameters, answer, indexes=indexes, before=before)


def _written(parsed: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """What a stand-in of tests/scaffolding/world.py has said, as AWS would have put it on the wire."""
    if "Payload" in parsed:
        body = parsed["Payload"].read()
        parsed["Payload"].seek(0)
        return parsed["StatusCode"], {"Content-Type": "application/json"}, body
    said = {name: value for name, value in deepcopy(parsed).items() if name != "ResponseMetadata"}
    return 200, _JSON_1_0, json.dumps(said, default=datetime.timestamp).encode()


def _plain(value: object) -> float:
    """What JSON knows no form of, as Lambda writes it into events: moments in epoch seconds."""
    return value.timestamp() if isinstance(value, datetime) else float(cast("Decimal", value))


def as_from_gateway(event: dict[str, Any]) -> dict[str, Any]:
    """A request's event with all that API Gateway puts in, not only what our functions are known to read.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    host = "abcdefghij.execute-api.us-east-1.amazonaws.com"
    method = event["routeKey"].partition(" ")[0]
    http = {"method": method, "path": event["rawPath"], "protocol": "HTTP/1.1"}
    headers = {
        "host": host,
        "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    context = {
        "accountId": "123456789012",
        "apiId": "abcdefghij",
        "domainName": host,
        "domainPrefix": "abcdefghij",
        "http": {**http, "sourceIp": "203.0.113.7", "userAgent": event["headers"].get("user-agent", "")},
        "routeKey": event["routeKey"],
        "stage": "$default",
        "time": "25/Nov/2026:12:00:00 +0000",
        "timeEpoch": 1795608000000,
    }
    return {
        **event,
        "rawQueryString": "",
        "headers": {**headers, **event["headers"]},
        "requestContext": {**context, **event["requestContext"]},
    }
