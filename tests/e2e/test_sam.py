"""What SAM makes of the template and of our handlers, without Docker: these run everywhere.

One handler of each kind runs in Lambda's runtime interface emulator, on the assets and layers as they are uploaded and
on nothing else: what a layer lacks is missing here. The journey through `sam local start-api` is make sam-journey.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloud import STAGE
from local.deployment import REGION, StackDescription
from local.emulator import ACCOUNT_KEY
from local.places import PROJECT
from local.ports import free_port
from local.sam import filled_in, runtime_image, tools
from local.synthesis import assembly
from local.tools import install
from tests.e2e.api import User

EVENTS = PROJECT / "docs" / "invoke"
_START_SECONDS = 20

type Invoke = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def template(stack: StackDescription, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as SAM gets it."""
    install(tools.NAME)
    path = tmp_path_factory.mktemp("sam") / "template.json"
    filled_in.write(assembly(STAGE), stack, endpoint=stack["awsEndpoint"], to=path)
    return path


@pytest.fixture(scope="module")
def runtime(template: Path) -> Path:
    """Lambda's runtime, and nothing else."""
    folder = template.parent / "runtime"
    runtime_image.copy_runtime(folder)
    return folder


@contextmanager
def emulated(template: Path, runtime: Path, module: str) -> Iterator[Invoke]:
    """The handler of `module` behind the runtime interface emulator."""
    resources = json.loads(template.read_text())["Resources"]
    [function] = [
        resource
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::Function" and resource["Properties"]["Handler"] == f"{module}.handler"
    ]
    layers = [Path(resources[layer["Ref"]]["Metadata"]["aws:asset:path"]) for layer in function["Properties"]["Layers"]]
    path = [Path(function["Metadata"]["aws:asset:path"]), *(layer / "python" for layer in layers), runtime]
    address, runtime_address = (f"127.0.0.1:{free_port()}" for _ in range(2))
    process = subprocess.Popen(
        [
            *(tools.runtime_interface_emulator(), "--log-level", "error"),
            *("--runtime-interface-emulator-address", address, "--runtime-api-address", runtime_address),
            # Without site: no package but those on the path.
            *(sys.executable, "-S", "-m", "awslambdaric", f"{module}.handler"),
        ],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": module,
            **ACCOUNT_KEY,
            **function["Properties"]["Environment"]["Variables"],
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield lambda event: _invoked(address, event)
    finally:
        process.terminate()
        process.communicate()


def _invoked(address: str, event: dict[str, Any]) -> Any:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            answer = httpx.post(f"http://{address}/2015-03-31/functions/function/invocations", json=event, timeout=30)
        except httpx.ConnectError:
            assert time.monotonic() < deadline, "the runtime interface emulator did not start"
            time.sleep(0.05)
        else:
            return answer.json()


def event_of(name: str) -> dict[str, Any]:
    """An example event, as `sam local generate-event` wrote it."""
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return event


def test_sam_finds_the_template_valid(template: Path, stack: StackDescription) -> None:
    done = subprocess.run(
        [tools.CLI, "validate", "--template", template, "--region", stack["region"]],
        env={**os.environ, **tools.QUIET, **ACCOUNT_KEY, "AWS_ENDPOINT_URL": stack["awsEndpoint"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_an_operation_runs_in_the_runtime_interface_emulator(template: Path, runtime: Path, user: User) -> None:
    with emulated(template, runtime, "orders.create_order") as invoke:
        event = event_of("create_order.json")
        event["headers"] |= {"content-type": "application/json", "idempotency-key": "by-rie"}
        event["requestContext"]["authorizer"] = {
            "lambda": {"profileId": user.profile_id, "login": user.credentials.login, "sessionId": "s"}
        }
        answers = [invoke(event) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [201, 201]
    [order] = user.get("/orders").json()["items"]
    assert order["id"] == json.loads(answers[0]["body"])["id"] == json.loads(answers[1]["body"])["id"]


def test_a_consumer_runs_in_the_runtime_interface_emulator(template: Path, runtime: Path, user: User) -> None:
    event = event_of("order_paid.json")
    envelope = json.loads(event["Records"][0]["body"])
    envelope["detail"] |= {"profileId": user.profile_id, "eventId": user.profile_id}
    event["Records"][0]["body"] = json.dumps(envelope)
    with emulated(template, runtime, "notifications.notify") as invoke:
        answers = [invoke(event) for _ in range(2)]
        astray = invoke({"Records": [event["Records"][0] | {"body": "Hello from SQS!"}]})

    assert answers == [{"batchItemFailures": []}] * 2
    assert astray == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert user.notification_types() == ["OrderPaid"]


def test_the_authorizer_runs_in_the_runtime_interface_emulator(template: Path, runtime: Path, user: User) -> None:
    def request(token: str) -> dict[str, Any]:
        return {"headers": {"authorization": f"Bearer {token}"}, "requestContext": {"requestId": "r"}}

    with emulated(template, runtime, "auth.authorize") as invoke:
        answers = [invoke(request(token)) for token in (user.tokens.access, user.tokens.identity)]

    passed, refused = (answer["context"] for answer in answers)
    assert passed["profileId"] == user.profile_id
    assert refused == {"refused": "invalid-token"}


def test_the_relay_runs_in_the_runtime_interface_emulator(template: Path, runtime: Path, user: User) -> None:
    event = event_of("stream.json")
    detail = json.loads(event_of("order_paid.json")["Records"][0]["body"])["detail"]
    told = {"source": "billing", "name": "OrderPaid", "detail": detail | {"profileId": user.profile_id}}
    event["Records"][0]["dynamodb"]["NewImage"]["event"] = {"S": json.dumps(told)}
    with emulated(template, runtime, "events.relay") as invoke:
        assert invoke(event) == {"batchItemFailures": []}

    user.until("/notifications", lambda page: [item["type"] for item in page["items"]] == ["OrderPaid"])


def run_without_docker(command: tuple[str, ...], empty: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command with only the folder `empty` in PATH."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env={**os.environ, "PATH": str(empty)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_docker_make_sam_says_so_in_one_line(tmp_path: Path) -> None:
    done = run_without_docker(("local", "sam"), tmp_path)

    assert done.returncode == 1
    assert done.stderr == "sam: there is no docker here; install Docker, or run without it: make local\n"


def test_without_docker_the_journey_is_skipped_aloud(tmp_path: Path) -> None:
    done = run_without_docker(("local.sam.journey",), tmp_path)

    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first.startswith("!! NOT TESTED: the journey through SAM. there is no docker here")
    assert last == "0 journeys, 1 skipped"


def test_events_of_sam_are_those_of_the_examples(template: Path) -> None:
    """The tool's events of today still have the shape of the examples."""
    del template  # it has installed SAM
    for command, example in {
        ("apigateway", "http-api-proxy"): "create_order.json",
        ("sqs", "receive-message"): "order_paid.json",
        ("dynamodb", "update"): "stream.json",
    }.items():
        done = subprocess.run(
            [tools.CLI, "local", "generate-event", *command],
            env={**os.environ, **tools.QUIET},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout).keys() == event_of(example).keys()
