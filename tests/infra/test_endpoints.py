"""Endpoints of our functions' clients: the layer's reduced botocore finds the same ones as the full botocore."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import boto3
import botocore
import pytest

from layers.dependencies.aws_models import CALLED
from tests.infra.stages import LOCAL

_ADDRESSES = """
import json, sys
sys.path[:0] = [sys.argv[1]]
import boto3
from botocore.config import Config

class Sent(Exception):
    pass

def stop(request, **_):
    raise Sent(request.url)

CALLS = {
    "codedeploy": ("list_deployment_targets", {"deploymentId": "d-1"}),
    "cognito-idp": ("initiate_auth", {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "client"}),
    "dynamodb": ("get_item", {"TableName": "table", "Key": {"id": {"S": "1"}}}),
    "events": ("put_events", {"Entries": [{"Source": "orders"}]}),
    "lambda": ("invoke", {"FunctionName": "function"}),
    "sqs": ("send_message", {"QueueUrl": "https://sqs.invalid/1/queue", "MessageBody": "message"}),
    "stepfunctions": ("list_executions", {}),
}
SESSION = boto3.Session("key", "secret", aws_account_id="111122223333")

def address(service, region, fips, dual_stack, account):
    config = Config(
        use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack, retries={"total_max_attempts": 1},
        account_id_endpoint_mode="preferred" if account else "disabled",
    )
    client = SESSION.client(service, region_name=region, config=config)
    client.meta.events.register("before-send", stop)
    operation, arguments = CALLS[service]
    try:
        getattr(client, operation)(**arguments)
    except Sent as sent:
        return str(sent)

print(json.dumps([address(*case) for case in json.load(sys.stdin)]))
"""
"""Prints where each call goes, and stops it there."""

type Case = tuple[str, str, bool, bool, bool]
"""Service, region, FIPS, dual stack, an endpoint of the account."""

_REGIONS = boto3.Session().get_available_regions("dynamodb")
CASES: list[Case] = [
    *((service, region, False, False, False) for service in CALLED for region in _REGIONS),
    *(
        (service, region, *options)
        for service in CALLED
        for region in ("us-east-1", "eu-west-1")
        for options in ((True, False, False), (False, True, False), (False, False, True))
    ),
]
WHOLE = Path(botocore.__file__).parents[1]


@cache
def _addresses(packages: Path) -> list[str | None]:
    command = [sys.executable, "-I", "-S", "-B", "-c", _ADDRESSES, str(packages)]
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        command, input=json.dumps(CASES), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    addresses: list[str | None] = json.loads(done.stdout)
    return addresses


def _of_the_layer() -> dict[Case, str | None]:
    return dict(zip(CASES, _addresses(LOCAL.layer("Dependencies") / "python"), strict=True))


def test_the_layer_calls_where_the_whole_botocore_calls() -> None:
    assert len(_REGIONS) > 30
    assert _of_the_layer() == dict(zip(CASES, _addresses(WHOLE), strict=True))


@pytest.mark.parametrize(
    ("case", "host"),
    [
        (("dynamodb", "eu-west-1", False, False, False), "dynamodb.eu-west-1.amazonaws.com"),
        (("dynamodb", "eu-west-1", False, False, True), "111122223333.ddb.eu-west-1.amazonaws.com"),
        (("dynamodb", "us-east-1", True, False, False), "dynamodb-fips.us-east-1.amazonaws.com"),
        (("lambda", "eu-west-1", False, True, False), "lambda.eu-west-1.api.aws"),
        (("cognito-idp", "eu-west-1", False, False, False), "cognito-idp.eu-west-1.amazonaws.com"),
    ],
)
def test_an_endpoint_is_as_aws_documents_it(case: Case, host: str) -> None:
    assert str(_of_the_layer()[case]).startswith(f"https://{host}/")
