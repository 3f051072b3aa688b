"""`make preflight` of the stage dev, on the local cloud: all good; and one line for what was said wrongly."""

import os
import subprocess

import pytest

from local.places import PROJECT
from ops.preflight import BOOTSTRAP
from tests.e2e.api import Api


def preflight(**variables: str) -> tuple[int, list[str]]:
    """The exit code of the command, and its lines."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        ["make", "--no-print-directory", "preflight"],
        cwd=PROJECT,
        env={**kept, "AWS_CONFIG_FILE": "/nowhere", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_a_stage_is_found_ready_once_the_region_is_bootstrapped(api: Api) -> None:
    account = {"AWS_ENDPOINT_URL": api.stack["awsEndpoint"], "AWS_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    ssm = api.aws("ssm")

    code, lines = preflight(STAGE="dev", **account, **keys)
    [failure] = [line for line in lines if line.startswith("FAIL")]
    assert failure.endswith("npx cdk bootstrap aws://000000000000/us-east-1")
    assert "preflight: mend this first" in lines
    assert code != 0

    ssm.put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
    try:
        code, lines = preflight(STAGE="dev", **account, **keys)
    finally:
        ssm.delete_parameter(Name=BOOTSTRAP)

    assert (code, lines[-1]) == (0, "preflight: cdk deploy may come"), lines
    assert [line for line in lines[:-1] if not line.startswith("ok")] == []


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({}, "preflight: say which stage: make preflight STAGE=prod"),
        ({"STAGE": "moon"}, "preflight: stage 'moon' is not in cdk.json (stages there: dev, prod, local)"),
        ({"STAGE": "dev"}, "preflight: say which region: AWS_REGION=eu-west-1"),
    ],
)
def test_what_was_said_wrongly_is_one_line(variables: dict[str, str], line: str) -> None:
    code, lines = preflight(**variables)

    assert code != 0
    assert lines[0] == line
