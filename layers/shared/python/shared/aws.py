"""The one AWS client factory: low-level clients, made once per container."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload
from zlib import crc32

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from shared.snapshots import in_each_copy

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# A call that hangs times out after 6 to 9 seconds, most functions after 10: a slow dependency becomes our own 503 with
# a log line, not a killed function. Cognito's trigger has 5 and is killed; Cognito calls it again.
_BOUNDS = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
)
# The called function has retries of its own; a second call while the first still runs would only add load.
_INVOKE_BOUNDS = Config(connect_timeout=1, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


# Cognito waits for our triggers before it answers, and a retried sign-up would find its own login taken.
_COGNITO_BOUNDS = Config(connect_timeout=1, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1})


class DamagedAnswerError(BotoCoreError):
    """The answer of AWS arrived incomplete; whether the call took effect is unknown."""

    fmt = "the answer to {operation} was cut short"


@overload
def client(service: Literal["codedeploy"]) -> CodeDeployClient: ...
@overload
def client(service: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(service: Literal["events"]) -> EventBridgeClient: ...
@overload
def client(service: Literal["cognito-idp"]) -> CognitoIdentityProviderClient: ...
@overload
def client(service: Literal["lambda"]) -> LambdaClient: ...
@overload
def client(service: Literal["sqs"]) -> SQSClient: ...
@overload
def client(service: Literal["stepfunctions"]) -> SFNClient: ...
@cache
def client(service: Literal["dynamodb", "events", "cognito-idp", "lambda", "sqs", "stepfunctions"]) -> object:
    """The client of `service`, one for all calls, with bounded time-outs and retries."""
    own_bounds = {"lambda": _INVOKE_BOUNDS, "cognito-idp": _COGNITO_BOUNDS}
    return _made_safe(boto3.client(service, config=own_bounds.get(service, _BOUNDS)))


@cache
def public_cognito_client() -> CognitoIdentityProviderClient:
    """A Cognito client for the operations that need no AWS credentials (SignUp, InitiateAuth, RevokeToken …)."""
    made = boto3.client("cognito-idp", config=_COGNITO_BOUNDS.merge(Config(signature_version=UNSIGNED)))
    return _made_safe(made)


def _made_safe[Client: BaseClient](made: Client) -> Client:
    made.meta.events.register("after-call", _demand_whole_answer)
    in_each_copy(made.close)  # copies must not share a connection
    return made


def _demand_whole_answer(*, http_response: AWSResponse, model: OperationModel, **_: Any) -> None:
    """Raises DamagedAnswerError. botocore treats a truncated answer as an empty one, as if there were no item."""
    if model.has_streaming_output:
        return  # reading it raises
    headers, body = http_response.headers, http_response.content
    whole = {"content-length": len(body), "x-amz-crc32": crc32(body)}
    if any(int(headers.get(name, value)) != value for name, value in whole.items()):
        raise DamagedAnswerError(operation=model.name)
