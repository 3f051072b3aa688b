"""The settings of a stage in synth: a wrong one stops it, with one line that names it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.synthesis import PROJECT
from tests.scaffolding.template import assembly_folder


@pytest.mark.parametrize(
    ("context", "named"),
    [
        pytest.param({"stage": "prod", "stages": {"prod": {"memoryMb": 3}}}, "memoryMb", id="wrong value"),
        pytest.param({"stage": "prod", "stages": {"prod": {"memory": 512}}}, "memory", id="unknown setting"),
        pytest.param({"stage": "prod", "stages": {"prod": {}}}, "callbackUrls", id="missing setting"),
        pytest.param({"stage": "nowhere"}, "'nowhere'", id="unknown stage"),
    ],
)
def test_synth_ends_with_one_line_that_names_the_wrong_setting(
    context: dict[str, Any], named: str, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("settings: ")
    assert named in line
    assert list(tmp_path.iterdir()) == []


def test_a_stage_with_examples_for_settings_can_be_synthesized_but_the_cli_refuses_to_deploy_it() -> None:
    """The CLI ends at an error in the metadata (tests/e2e/test_cdk_cli.py shows it)."""
    names = "callbackUrls, signOutUrls, allowedOrigins, alarmEmail, mailFrom"
    assert _errors("prod") == [f"stage 'prod' in cdk.json: {names}: put your own for the example"]
    assert _errors("dev") == _errors("local") == []


def _errors(stage: str) -> list[str]:
    metadata = json.loads((assembly_folder(stage) / "Platform.metadata.json").read_text())
    return [entry["data"] for entries in metadata.values() for entry in entries if entry["type"] == "aws:cdk:error"]
