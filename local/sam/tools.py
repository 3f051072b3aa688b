"""SAM's own environment, installed on first use: the CLI, and the runtime interface emulator for tests."""

import platform
from pathlib import Path

from local.tools import environment

NAME = "sam"
ENVIRONMENT = environment(NAME)
PYTHON = ENVIRONMENT / "bin" / "python"
CLI = ENVIRONMENT / "bin" / "sam"
PACKAGES = ENVIRONMENT / "lib" / "python3.13" / "site-packages"
QUIET = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_CHECK_NEW_VERSION": "0"}
"""No telemetry, and no check for updates."""

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def runtime_interface_emulator() -> Path:
    """The program that stands between HTTP and a handler, for this machine."""
    return PACKAGES / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{_ARCHITECTURES[platform.machine()]}"
