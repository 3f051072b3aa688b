"""What an operator may get wrong with any of their commands is answered by one line with the fix, and an exit code."""

import os
import subprocess
import sys

import pytest

from local.places import PROJECT
from tests.e2e.api import Api

GOOD = {
    "reconcile": {},
    "redrive": {"QUEUE": "notifications-notify"},
    "republish": {"ORDER": "01900000-0000-7000-8000-000000000001"},
    "restore-drill": {},
}
"""The commands, each with what it needs to be said."""

SAY_WHICH = "say which events: ORDER=…, ACCOUNT=…, or SERVICE=… SINCE=2026-11-26T00:00:00Z"


def command(tool: str, variables: dict[str, str]) -> tuple[int, str]:
    """The exit code of a command, and all that it printed; without the credentials of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "ops", tool],
        cwd=PROJECT,
        env={**kept, "AWS_CONFIG_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("tool", GOOD)
def test_a_stage_that_is_not_there(api: Api, tool: str) -> None:
    stage = {
        "STAGE": "nowhere",
        "AWS_ENDPOINT_URL": api.stack["awsEndpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    code, output = command(tool, GOOD[tool] | stage)

    assert code == 1
    assert output.startswith(f"{tool.replace('_', '-')}: ")
    assert "order-billing-nowhere" in output
    assert output.count("\n") == 1


@pytest.mark.parametrize("tool", GOOD)
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, "You must specify a region."),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "Unable to locate credentials"),
    ],
)
def test_an_account_that_is_not_said(tool: str, variables: dict[str, str], says: str) -> None:
    code, output = command(tool, GOOD[tool] | {"STAGE": "dev", **variables})

    assert (code, output) == (1, f"{tool.replace('_', '-')}: {says}\n")


@pytest.mark.parametrize("tool", GOOD)
def test_a_port_that_is_none(tool: str) -> None:
    code, output = command(tool, GOOD[tool] | {"LOCAL_PORT": "http"})

    assert code == 1
    assert output.startswith(f"{tool.replace('_', '-')}: LOCAL_PORT")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("tool", "variables", "line"),
    [
        ("redrive", {}, "redrive: say which queue: make redrive QUEUE=billing-return-payment"),
        ("republish", {}, f"republish: {SAY_WHICH}"),
        ("republish", {"ORDER": "a", "ACCOUNT": "b"}, f"republish: {SAY_WHICH}"),
        ("republish", {"SERVICE": "shipping"}, "republish: SERVICE is one of profiles, orders, billing"),
        ("republish", {"SERVICE": "orders"}, "republish: SINCE is a time, such as 2026-11-26T00:00:00Z"),
        (
            "republish",
            {"SERVICE": "orders", "SINCE": "yesterday"},
            "republish: SINCE is a time, such as 2026-11-26T00:",
        ),
        ("trace", {}, "trace: say which: REQUEST=… (the x-request-id of an answer), ORDER=… or EVENT=…"),
        ("trace", {"ORDER": "a" * 36, "EVENT": "b" * 36}, "trace: say which: REQUEST=…"),
        ("trace", {"ORDER": "no | such | id"}, "trace: say which: REQUEST=…"),
        ("trace", {"ORDER": "a" * 36, "SINCE": "yesterday"}, "trace: SINCE is a time, such as 2026-11-26T00:00:00Z"),
        ("restore-drill", {"AT": "yesterday"}, "restore-drill: AT is a time, such as 2026-11-26T00:00:00Z"),
        ("restore-drill", {"AT": "2026-11-26"}, "restore-drill: AT says no zone: write 2026-11-26T00:00:00Z"),
    ],
)
def test_what_was_said_wrongly(tool: str, variables: dict[str, str], line: str) -> None:
    code, output = command(tool, variables)

    assert code == 1
    assert output.startswith(line)
    assert output.count("\n") == 1


def test_a_queue_that_is_not_there(api: Api) -> None:
    """It is the stack's name that the tool puts before the queue's."""
    stage = {
        "STAGE": api.stack["stackName"].removeprefix("order-billing-"),
        "QUEUE": "billing-pay-everybody",
        "AWS_ENDPOINT_URL": api.stack["awsEndpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    name = f"{api.stack['stackName']}-billing-pay-everybody-dead-letters"
    assert command("redrive", stage) == (1, f"redrive: there is no queue {name}\n")
