"""A deployment that fails in the middle, of a stage that keeps its data as prod does; and the next one.

The failure is a wait condition that nobody meets, behind all that holds data: CloudFormation's own kind of failure.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.standards.stateful import REPLACED_BY
from local.deployment import BOOTSTRAP_PARAMETER, StackDescription, deploy, describe, session
from local.emulator import Emulator
from local.places import PROJECT
from local.ports import free_port
from tests.e2e.api import Api, exact
from tests.e2e.test_cdk_cli import Cli
from tests.scaffolding.template import alone_in_build
from tests.scaffolding.waiting import until

STACK = "order-billing-local"
SECONDS = 30
TEMPLATE = "Platform.template.json"
BUCKET = "templates"


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of the stage `local`, but that it keeps its data."""
    folder = tmp_path_factory.mktemp("keeping") / "assembly"
    stages = json.loads((PROJECT / "cdk.json").read_text())["context"]["stages"]
    context = {"stage": "local", "stages": {**stages, "local": {**stages["local"], "retainData": True}}}
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    with alone_in_build():
        subprocess.run([sys.executable, "app.py"], cwd=PROJECT, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def failing(keeping: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, which fails when all that holds data and half of the rest is there."""
    folder = tmp_path_factory.mktemp("failing") / "assembly"
    shutil.copytree(keeping, folder)
    (folder / TEMPLATE).write_text(json.dumps(_failing(_template(keeping))))
    # A template is uploaded under its hash: this is another, or the CLI would find it uploaded.
    files = json.loads((folder / "Platform.assets.json").read_text())["files"]
    [of_template] = [key for key, file in files.items() if file["source"]["path"] == TEMPLATE]
    for name in ("Platform.assets.json", "manifest.json"):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace(of_template, of_template[::-1]))
    return folder


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """A cloud with nothing in it."""
    emulator = Emulator(free_port(), tmp_path)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()


def test_after_a_creation_that_failed_in_the_middle_the_next_one_goes_through(
    keeping: Path, failing: Path, emulator: Emulator
) -> None:
    """By the CDK's own CLI, which protects the stack before it creates it, as the template asks."""
    cloudformation = _client(emulator, "cloudformation")
    cli = Cli(PROJECT, emulator.endpoint)
    cli.run("bootstrap", "--app", str(keeping))

    failed = cli.attempt("deploy", "--app", str(failing), "--require-approval", "never")

    assert failed.returncode != 0
    assert "Never" in failed.stdout + failed.stderr
    assert _status(emulator) == "ROLLBACK_FAILED", "what is protected from deletion can't be rolled back"
    assert _named_things(emulator) == []
    dynamodb, cognito = _client(emulator, "dynamodb"), _client(emulator, "cognito-idp")
    tables, pools = dynamodb.list_tables()["TableNames"], cognito.list_user_pools(MaxResults=9)["UserPools"]
    assert (len(tables), len(pools)) == (5, 1)
    assert [dynamodb.scan(TableName=table)["Count"] for table in tables] == [0] * 5
    assert not {name for name in tables if json.dumps(name) in json.dumps(_template(keeping))}

    # The next deployment takes the failed stack away by itself, but for its protection, which the runbook takes off.
    again = cli.attempt("deploy", "--app", str(keeping), "--require-approval", "never")
    assert again.returncode != 0
    assert "TerminationProtection is enabled" in again.stdout + again.stderr
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    again = cli.attempt("deploy", "--app", str(keeping), "--require-approval", "never")
    assert again.returncode == 0, again.stdout + again.stderr
    with _api(describe(cloudformation, STACK, emulator.endpoint, emulator.log)) as api:
        user = api.new_user().with_money(100)
        order = user.new_order(3)
        assert exact(user.execute(order, "CONFIRM"))["state"] == "PAID"
        user.until("/notifications", lambda body: {item["type"] for item in body["items"]} >= {"OrderPaid"})


def test_an_update_that_failed_in_the_middle_leaves_all_data_and_the_next_one_goes_through(
    keeping: Path, emulator: Emulator
) -> None:
    with _api(deploy(keeping, emulator.endpoint, emulator.log)) as api:
        user = api.new_user().with_money(100)
        order = user.order_in("PAID")
        paths = ("/billing/account", "/orders", f"/profiles/{user.profile_id}")
        before = [user.get(path).text for path in paths]

        def dearer(template: dict[str, Any]) -> dict[str, Any]:
            create_order = template["Resources"][_function(template, "orders.create_order")]
            create_order["Properties"]["Environment"]["Variables"]["UNIT_PRICE_MINOR"] = "2500"
            return template

        assert _update(emulator, _failing(dearer(_template(keeping)))) == "UPDATE_ROLLBACK_COMPLETE"
        assert [user.get(path).text for path in paths] == before
        assert user.new_order(1)["unitPrice"] == 10

        assert _update(emulator, dearer(_template(keeping))) == "UPDATE_COMPLETE"
        assert user.new_order(1)["unitPrice"] == 25
        assert exact(user.execute(order, "CANCEL"))["state"] == "CANCELED"
        user.until("/billing/account", lambda body: body["balance"] == 100)


def _failing(template: dict[str, Any]) -> dict[str, Any]:
    resources = template["Resources"]
    function = _function(template, "orders.create_order")
    first = [name for name, each in resources.items() if each["Type"] in REPLACED_BY]
    resources["Nobody"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    waiting = {"Handle": {"Ref": "Nobody"}, "Timeout": "1", "Count": 1}
    resources["Never"] = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": [function, *first],
        "Properties": waiting,
    }
    return template


def _template(assembly: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((assembly / TEMPLATE).read_text())
    return template


def _function(template: dict[str, Any], module: str) -> str:
    functions = {name: each for name, each in template["Resources"].items() if each["Type"] == "AWS::Lambda::Function"}
    found: str
    [found] = [name for name, each in functions.items() if each["Properties"]["Handler"] == f"{module}.handler"]
    return found


def _update(emulator: Emulator, template: dict[str, Any]) -> str:
    """Update the stack, and give the status that it comes to."""
    s3 = _client(emulator, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="template", Body=json.dumps(template))
    _client(emulator, "cloudformation").update_stack(
        StackName=STACK,
        TemplateURL=f"https://s3.us-east-1.amazonaws.com/{BUCKET}/template",
        Parameters=[{"ParameterKey": "BootstrapVersion", "ParameterValue": BOOTSTRAP_PARAMETER}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    return _status(emulator)


def _status(emulator: Emulator) -> str:
    """The status of the stack, once it has come to rest."""

    def now() -> str:
        [stack] = _client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return str(stack["StackStatus"])

    return until(now, lambda status: not status.endswith("IN_PROGRESS"), seconds=SECONDS)


def _named_things(emulator: Emulator) -> list[str]:
    """What is there of the kinds that have fixed names, and of logs."""
    groups = _client(emulator, "logs").describe_log_groups()["logGroups"]
    buses = _client(emulator, "events").list_event_buses()["EventBuses"]
    return [
        *(each["FunctionName"] for each in _client(emulator, "lambda").list_functions()["Functions"]),
        *_client(emulator, "sqs").list_queues().get("QueueUrls", []),
        *(each["TopicArn"] for each in _client(emulator, "sns").list_topics()["Topics"]),
        *(each["Name"] for each in buses if each["Name"] != "default"),
        *(each["name"] for each in _client(emulator, "stepfunctions").list_state_machines()["stateMachines"]),
        *(each["logGroupName"] for each in groups),
    ]


def _client(emulator: Emulator, service: Any) -> Any:
    return session().client(service, endpoint_url=emulator.endpoint)


@contextmanager
def _api(stack: StackDescription) -> Iterator[Api]:
    with httpx.Client(timeout=30) as http:
        yield Api(stack, http)
