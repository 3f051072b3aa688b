"""Tools that pin what ours must not follow, each in an environment of its own: a folder with its lock, and .tools/."""

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from local.failure import LocalCloudError

PROJECT = Path(__file__).parent.parent


def environment(tool: str) -> Path:
    """Where the packages of `tool` are, such as `emulator`."""
    return PROJECT / ".tools" / tool


def install(tool: str, folder: str = "local") -> None:
    """Bring the environment of `tool` to what the lock in `folder`/`tool` says; nothing to do takes a moment.

    Raises LocalCloudError.
    """
    command = [find_uv_bin(), "sync", "--locked", "--quiet", "--project", str(PROJECT / folder / tool)]
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment(tool)), "UV_PYTHON": sys.executable}
    variables.pop("VIRTUAL_ENV", None)
    try:
        subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as failure:
        raise LocalCloudError(f"{tool} could not be installed: {failure.stderr.strip().splitlines()[-1]}") from None
