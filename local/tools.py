"""Tools whose pinned dependencies would conflict with ours, each in its own environment: a folder with its lock, and
.tools/."""

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from local.failure import LocalCloudError

PROJECT = Path(__file__).parent.parent


def environment(tool: str) -> Path:
    """The folder with the packages of `tool`, such as `emulator`."""
    return PROJECT / ".tools" / tool


def install(tool: str, folder: str = "local") -> None:
    """Sync the environment of `tool` with the lock in `folder`/`tool`; quick if nothing changed.

    Raises LocalCloudError.
    """
    command = [find_uv_bin(), "sync", "--locked", "--quiet", "--project", str(PROJECT / folder / tool)]
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment(tool)), "UV_PYTHON": sys.executable}
    variables.pop("VIRTUAL_ENV", None)
    try:
        subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as failure:
        raise LocalCloudError(f"{tool} could not be installed: {failure.stderr.strip().splitlines()[-1]}") from None
