"""Third-party packages as a Lambda layer: from uv.lock, by hash, for Lambda's platform, without Docker."""

import re
import shutil
import subprocess
from pathlib import Path

from uv import find_uv_bin

from layers.dependencies import aws_models, trust

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
PYTHON = "3.13"
RECIPE = Path(__file__).parent
"""The folder of all that makes a layer what it is, uv.lock aside."""
_STAND_INS = RECIPE / "stand_ins"
_UNREAD = (
    *("bin", "*.dist-info", "**/tests", "**/__pycache__"),
    *("boto3/data", "boto3/examples"),  # resources
    *("pycparser", "cffi"),  # cryptography has what they would make, compiled
)
"""What no function reads."""


def locked_requirements(project: Path, group: str, *, beside: str | None = None) -> str:
    """The packages of the dependency group `group` of uv.lock with their hashes, as a requirements file.

    Without those that the group `beside` has too: a layer needs nothing that another one brings.
    """
    command = [find_uv_bin(), "export", "--locked", "--quiet", "--no-header", "--no-annotate", "--only-group", group]
    if beside:
        for package in re.findall(r"^[\w.-]+", locked_requirements(project, beside), re.MULTILINE):
            command += ["--no-emit-package", package]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def install(requirements: str, target: Path, *, architecture: str) -> None:
    """Install `requirements` into `target` as binary wheels for Lambda on `architecture`."""
    unpack(requirements, target, "--python-version", PYTHON, "--python-platform", PLATFORMS[architecture])
    _trim(target)


def unpack(requirements: str, target: Path, *platform: str) -> None:
    """Install the wheels of `requirements` into `target` as they are: for this machine, or uv's options `platform`.

    Copied, for uv's links lead into its cache, and what changes a file there changes it for everyone.
    """
    target.mkdir(parents=True)
    command = [
        *(find_uv_bin(), "pip", "install", "--quiet", "--requirement", "-", "--require-hashes", "--no-deps"),
        *("--target", str(target), "--link-mode", "copy", "--only-binary", ":all:", "--no-compile-bytecode"),
        *platform,
    ]
    subprocess.run(command, input=requirements, check=True, text=True)


def _trim(target: Path) -> None:
    """Take away what no function reads, and what it would only read to no end (docs/decisions/0019)."""
    for unread in [path for pattern in _UNREAD for path in target.glob(pattern)]:
        shutil.rmtree(unread) if unread.is_dir() else unread.unlink(missing_ok=True)
    if (target / "botocore").is_dir():
        aws_models.trim(target / "botocore/data")
        trust.trim(target / "botocore/cacert.pem")
    for package in sorted(path.name for path in _STAND_INS.iterdir()):
        if (target / package).is_dir():
            stand_in(package, target)


def stand_in(package: str, target: Path) -> None:
    """Put our stand-ins for modules of `package` in their place. Raises FileNotFoundError when a package moved one."""
    for module in sorted((_STAND_INS / package).rglob("*.py")):
        replaced = target / module.relative_to(_STAND_INS)
        replaced.stat()
        shutil.copyfile(module, replaced)
