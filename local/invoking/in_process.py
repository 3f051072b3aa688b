"""AWS in this process, on moto: the template's tables, user pool and settings, and a record of every call made.

Replaces what moto lacks: the call of billing.pay_order, and the bus, which only records what is put on it.
"""

import importlib
import io
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import boto3
from moto import mock_aws

from infra.operations import PAY_ORDER, TABLE_VARIABLES
from local import template as declared
from local.invoking.lambda_context import InvocationContext
from shared.dynamodb import from_item, to_item

REGION = "us-east-1"

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of AWS: `dynamodb.PutItem`, and the code of the error if it failed."""

    operation: str
    error: str | None


class _Ok:
    """The HTTP part of an answer that was never sent over HTTP."""

    status_code = 200
    headers: Mapping[str, str] = {}
    content = b""


@dataclass
class InProcessAws:
    """AWS with what `template` declares, empty at first. Use it as a context manager."""

    template: declared.Template
    calls: list[Call] = field(default_factory=list)
    """The calls made while `recording`, oldest first."""
    published: list[Row] = field(default_factory=list)
    """What was put on the bus, as PutEvents entries."""

    def __enter__(self) -> Self:
        self._moto = mock_aws()
        self._moto.start()
        os.environ |= {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        os.environ.pop("AWS_ENDPOINT_URL", None)
        # Clients copy the hooks of their session when created, and functions create theirs when imported.
        boto3.setup_default_session()
        self._session = boto3._get_default_session()  # noqa: SLF001 - the one that boto3.client uses
        self._session.events.register("before-call.lambda.Invoke", self._invoked)
        self._session.events.register("before-call.events.PutEvents", self._put_events)
        self._dynamodb = boto3.client("dynamodb")
        for definition in declared.table_definitions(self.template).values():
            self._dynamodb.create_table(**definition)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._moto.stop()

    def become(self, module: str) -> None:
        """Set the environment of the function `module`, and create the pool and queue that it names."""
        environments = declared.function_environments(self.template)
        # The variables of the others too: the functions that it calls run in this process.
        own = environments[module]
        variables = {name: value for others in environments.values() for name, value in others.items()} | own
        if own.keys() & {"USER_POOL_ID", "USER_POOL_CLIENT_ID"}:
            cognito = boto3.client("cognito-idp")
            pool_id = cognito.create_user_pool(**declared.user_pool_definition(self.template))["UserPool"]["Id"]
            client = cognito.create_user_pool_client(
                UserPoolId=pool_id, **declared.user_pool_client_definition(self.template)
            )
            variables |= {"USER_POOL_ID": pool_id, "USER_POOL_CLIENT_ID": client["UserPoolClient"]["ClientId"]}
        if name := own.get("DEAD_LETTER_QUEUE"):
            variables["DEAD_LETTER_QUEUE"] = boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        os.environ |= variables

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record every call of AWS while the block runs. Create clients in it, as functions do when imported."""
        self._session.events.register("after-call.*.*", self._note)
        try:
            yield
        finally:
            self._session.events.unregister("after-call.*.*", self._note)

    def put(self, service: str, row: Row) -> None:
        """Put a row, in plain values, into a service's table."""
        self._dynamodb.put_item(TableName=self._table(service), Item=to_item(row))

    def rows(self, service: str) -> list[Row]:
        """All rows of a service's table, in plain values."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._table(service))
        return [from_item(item) for page in pages for item in page["Items"]]

    def _table(self, service: str) -> str:
        return next(
            variables[TABLE_VARIABLES[service]]
            for variables in declared.function_environments(self.template).values()
            if TABLE_VARIABLES[service] in variables
        )

    def _note(self, parsed: Row, model: Any, **_: object) -> None:
        operation = f"{model.service_model.service_name}.{model.name}"
        self.calls.append(Call(operation, parsed.get("Error", {}).get("Code")))

    def _invoked(self, params: Mapping[str, Any], **_: object) -> Any:
        answer = importlib.import_module(PAY_ORDER.module).handler(json.loads(params["body"]), InvocationContext())
        return _Ok(), {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    def _put_events(self, params: Mapping[str, Any], **_: object) -> Any:
        entries = json.loads(params["body"])["Entries"]
        self.published += entries
        return _Ok(), {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid.uuid4())} for _ in entries]}
