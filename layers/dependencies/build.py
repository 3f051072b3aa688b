"""Third-party packages as a Lambda layer: from uv.lock, by hash, for Lambda's platform, without Docker."""

import shutil
import subprocess
from pathlib import Path

from uv import find_uv_bin

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
PYTHON = "3.13"
AWS_SERVICES = {"cognito-idp", "dynamodb", "events", "lambda", "sqs"}
"""What our functions call (shared/aws.py); botocore's models of all the others are 20 MB."""


def locked_requirements(project: Path, group: str) -> str:
    """The packages of the dependency group `group` of uv.lock with their hashes, as a requirements file."""
    command = [find_uv_bin(), "export", "--locked", "--quiet", "--no-header", "--no-annotate", "--only-group", group]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def install(requirements: str, target: Path, *, architecture: str) -> None:
    """Install `requirements` into `target` as binary wheels for Lambda on `architecture`."""
    target.mkdir(parents=True)
    command = [
        *(find_uv_bin(), "pip", "install", "--quiet", "--requirement", "-", "--require-hashes", "--no-deps"),
        *("--target", str(target), "--only-binary", ":all:", "--no-compile-bytecode"),
        *("--python-version", PYTHON, "--python-platform", PLATFORMS[architecture]),
    ]
    subprocess.run(command, input=requirements, check=True, text=True)
    _trim(target)


def _trim(target: Path) -> None:
    """Take away what no function reads: command-line tools, tests, installers' notes, models of other AWS services."""
    notes = target.glob("*.dist-info")
    for unneeded in [target / "bin", *notes, *target.rglob("tests"), *target.rglob("__pycache__")]:
        shutil.rmtree(unneeded, ignore_errors=True)
    for service in (target / "botocore/data").glob("*/"):
        if service.name not in AWS_SERVICES:
            shutil.rmtree(service)
