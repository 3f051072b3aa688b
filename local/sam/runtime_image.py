"""Lambda's runtime image, built on this machine if no registry is available: busybox, this Python, awslambdaric.

SAM builds on the image `public.ecr.aws/lambda/python:3.13-x86_64`. It needs there: a shell with cp, mv, rm and chmod,
/var/runtime/bootstrap, and every library that Python is linked to.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.failure import LocalCloudError
from local.sam.tools import PACKAGES

NAME = "public.ecr.aws/lambda/python:3.13-x86_64"

_BOOTSTRAP = """#!/bin/sh
export PYTHONPATH=/var/task:/opt/python:/var/runtime
exec /var/lang/bin/python3.13 -m awslambdaric "$_HANDLER"
"""
_COMMANDS = ("sh", "cp", "mv", "rm", "chmod", "mkdir", "cat", "ls", "env")
_UNNEEDED = shutil.ignore_patterns(
    "site-packages", "test", "idlelib", "tkinter", "ensurepip", "__pycache__", "config-*"
)
_C_LIBRARIES = ("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libgcc_s.so.1")
"""Other libraries that wheels in the layers may be linked to; they are beside the C library."""
_RUNTIME = ("awslambdaric", "runtime_client*.so", "snapshot_restore_py.py", "simplejson")


def is_there() -> bool:
    """Whether Docker has the image, from a registry or built here."""
    return not subprocess.run(["docker", "image", "inspect", NAME], check=False, capture_output=True).returncode


def make() -> None:
    """Build the image from what is installed here. Raises LocalCloudError when something is missing."""
    busybox = shutil.which("busybox")
    if not busybox:
        raise LocalCloudError("the image needs busybox-static")
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        _python(root / "var/lang")
        copy_runtime(root / "var/runtime")
        _copied(Path(busybox), root / "bin/busybox")
        for command in _COMMANDS:
            (root / "bin" / command).symlink_to("busybox")
        for folder in ("tmp", "opt", "var/task", "var/rapid", "etc", "root", "dev", "proc", "sys"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        _libraries(root)
        archive = Path(scratch) / "image.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(root, ".")
        changes = [
            "ENV PATH=/var/lang/bin:/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=C.UTF-8",
            "WORKDIR /var/task",
            'ENTRYPOINT ["/var/runtime/bootstrap"]',
        ]
        options = [word for change in changes for word in ("--change", change)]
        subprocess.run(["docker", "import", *options, archive, NAME], check=True, capture_output=True)


def _python(target: Path) -> None:
    home = Path(sys.base_prefix)
    shutil.copytree(home / "lib/python3.13", target / "lib/python3.13", ignore=_UNNEEDED)
    _copied(Path(sys.executable).resolve(), target / "bin/python3.13")


def copy_runtime(target: Path) -> None:
    """Copy the runtime, awslambdaric with its bootstrap, into the folder `target`."""
    target.mkdir(parents=True)
    for pattern in _RUNTIME:
        for source in PACKAGES.glob(pattern):
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, target / source.name)
    bootstrap = target / "bootstrap"
    bootstrap.write_text(_BOOTSTRAP)
    bootstrap.chmod(0o755)


def _libraries(root: Path) -> None:
    """Copy every library that a program in `root` is linked to, to where the program looks for it."""
    programs = [root / "var/lang/bin/python3.13", *root.rglob("*.so")]
    libraries = {library for program in programs for library in _linked(program)}
    [c_library] = [library for library in libraries if library.name == "libc.so.6"]
    libraries |= {c_library.with_name(name) for name in _C_LIBRARIES if c_library.with_name(name).exists()}
    for library in libraries:
        _copied(library, root / library.relative_to("/"))


def _linked(program: Path) -> Iterator[Path]:
    said = subprocess.run(["ldd", program], check=False, capture_output=True, text=True).stdout
    for path in re.findall(r"(?:=> )?(/\S+) \(0x", said):
        yield Path(path)


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source.resolve(), target)
