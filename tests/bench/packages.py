"""Packages that functions are measured under and against, each group of uv.lock in a folder of its own, compiled."""

import compileall
import hashlib
import py_compile
import shutil
from pathlib import Path

from infra.assets import BUILD, package
from layers.dependencies.build import locked_requirements, unpack
from local.synthesis import PROJECT

_BENCH = Path(__file__).parent


def installed(group: str) -> Path:
    """The folder of the packages of a dependency group, all that is in them; installed once per locked set."""
    requirements = locked_requirements(PROJECT, group)
    folder = BUILD / "bench" / f"{group}-{hashlib.sha256(requirements.encode()).hexdigest()[:16]}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unpack(requirements, unfinished)
        compileall.compile_dir(
            unfinished,
            stripdir=str(unfinished),
            quiet=2,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        unfinished.rename(folder)
    return folder


def runtime() -> Path:
    """What Lambda has as /var/runtime, its runtime interface client, and our probes beside it."""
    folder = package(_BENCH / "probes", BUILD / "bench" / "runtime")
    shutil.copytree(installed("bench"), folder, dirs_exist_ok=True)
    return folder


def references() -> Path:
    """The asset of the references, their own code."""
    return package(_BENCH / "references", BUILD / "bench" / "references")
