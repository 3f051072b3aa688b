"""The real CDK CLI against an empty local cloud, told nothing but its address and test credentials."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.deployment import session
from local.emulator import ACCOUNT_KEY, Emulator
from local.places import PROJECT
from local.ports import free_port

STACK = "order-billing-local"


class Cli:
    """The CLI in a copy of the project, so that a setting can be changed."""

    def __init__(self, project: Path, endpoint: str) -> None:
        self.project = project
        self.endpoint = endpoint

    def run(self, *arguments: str) -> None:
        """`cdk …` for the stage `local`. Fails the test when it fails."""
        done = self.attempt(*arguments, "-c", "stage=local")
        assert done.returncode == 0, done.stdout + done.stderr

    def attempt(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`cdk …`, whether it succeeds or not."""
        environment = {
            name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("AWS_")
        }
        tools = [str(PROJECT / ".venv/bin"), str(PROJECT / "node_modules/.bin"), environment["PATH"]]
        environment |= {"PATH": os.pathsep.join(tools), "AWS_ENDPOINT_URL": self.endpoint, **ACCOUNT_KEY}
        return subprocess.run(
            ["cdk", *arguments],
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def change_setting(self, name: str, value: object) -> None:
        """Change a setting of the stage in cdk.json."""
        path = self.project / "cdk.json"
        settings = json.loads(path.read_text())
        settings["context"]["stages"]["local"][name] = value
        path.write_text(json.dumps(settings))


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """The CLI, and an emulator with nothing in it."""
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT,
        project,
        ignore=lambda _, names: {name for name in names if name.startswith(".") or name in {"node_modules", "cdk.out"}},
    )
    for installed in (".venv", "node_modules"):
        (project / installed).symlink_to(PROJECT / installed)
    emulator = Emulator(free_port(), tmp_path)
    emulator.start()
    try:
        yield Cli(project, emulator.endpoint)
    finally:
        emulator.stop()


def test_bootstrap_deploy_a_change_and_destroy(cli: Cli) -> None:
    cloudformation = session().client("cloudformation", endpoint_url=cli.endpoint)

    cli.run("bootstrap")
    cli.run("deploy", "--require-approval", "never")
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    api = f"{cli.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default/api/v1"
    assert httpx.get(f"{api}/health").json()["status"] == "OK"

    functions = session().client("lambda", endpoint_url=cli.endpoint)
    cli.change_setting("unitPrice", 25)
    cli.run("deploy", "--require-approval", "never")
    changed = functions.get_function_configuration(FunctionName=f"{STACK}-orders-create-order")
    assert changed["Environment"]["Variables"]["UNIT_PRICE_MINOR"] == "2500"
    assert httpx.get(f"{api}/health").json()["status"] == "OK"

    cli.run("destroy", "--force", "--app", "cdk.out")  # as it was deployed, not synthesized again
    assert functions.list_functions()["Functions"] == []


def test_what_is_committed_for_production_is_not_deployed_with_addresses_that_are_nobodys(cli: Cli) -> None:
    refused = cli.attempt("deploy", "--require-approval", "never", "-c", "stage=prod")

    assert refused.returncode != 0
    assert (
        "stage 'prod' in cdk.json: callbackUrls, signOutUrls, allowedOrigins, alarmEmail, mailFrom:" in refused.stderr
    )
    assert session().client("cloudformation", endpoint_url=cli.endpoint).list_stacks()["StackSummaries"] == []
