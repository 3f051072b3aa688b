"""SAM's own environment, installed when it is first needed: the CLI, and the runtime interface emulator for tests."""

import os
import platform
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from local.failure import LocalCloudError
from local.places import PROJECT

ENVIRONMENT = PROJECT / ".tools" / "sam"
PYTHON = ENVIRONMENT / "bin" / "python"
CLI = ENVIRONMENT / "bin" / "sam"
PACKAGES = ENVIRONMENT / "lib" / "python3.13" / "site-packages"
QUIET = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_CHECK_NEW_VERSION": "0"}
"""So that it tells nobody, and asks nobody."""

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def install() -> None:
    """Bring the environment to what its lock file says. Raises LocalCloudError when that fails."""
    command = [find_uv_bin(), "sync", "--locked", "--quiet", "--project", str(Path(__file__).parent)]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), "UV_PYTHON": sys.executable}
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise LocalCloudError(f"SAM could not be installed: {done.stderr.strip().splitlines()[-1]}")


def runtime_interface_emulator() -> Path:
    """The program that stands between HTTP and a handler, for this machine."""
    return PACKAGES / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{_ARCHITECTURES[platform.machine()]}"
