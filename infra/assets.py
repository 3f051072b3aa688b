"""The uploads to Lambda: each service's folder, the shared layer, the dependency layers; with bytecode.

Everything is built into .build/, reproducibly: the same sources give the same bytes, so that a change in one service
redeploys that service alone.
"""

import hashlib
import py_compile
import shutil
from functools import cache
from pathlib import Path

from layers.dependencies.build import RECIPE, install, locked_requirements
from layers.web.build import build

PROJECT = Path(__file__).parent.parent
BUILD = PROJECT / ".build"
BASE_GROUP = "functions"
"""The dependency group whose packages every function has."""


@cache
def service_code(service: str) -> Path:
    """The folder to upload for a function of `service`: its package, with bytecode."""
    return package(PROJECT / "functions" / service, BUILD / "functions" / service)


@cache
def shared_layer() -> Path:
    """The layer of our own code."""
    return package(PROJECT / "layers/shared/python/shared", BUILD / "layers/shared/python").parent


@cache
def web_layer() -> Path:
    """The layer of the pages' files."""
    layer = BUILD / "layers/web"
    shutil.rmtree(layer, ignore_errors=True)
    build(PROJECT, layer)
    return layer


def dependency_layer(group: str, architecture: str) -> Path:
    """The layer of the packages in the dependency group `group`; built once per locked set and recipe."""
    requirements = locked_requirements(PROJECT, group, beside=None if group == BASE_GROUP else BASE_GROUP)
    recipe = "".join(module.read_text() for module in sorted(RECIPE.rglob("*.py")))
    digest = hashlib.sha256((requirements + recipe).encode()).hexdigest()[:16]
    layer = BUILD / "layers" / f"{group}-{architecture}-{digest}"
    if not layer.exists():
        unfinished = layer.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        install(requirements, unfinished / "python", architecture=architecture)
        _compile(unfinished)
        unfinished.rename(layer)
    return layer


def package(source: Path, target: Path) -> Path:
    """Copy the package `source` into the emptied folder `target`, with bytecode; return `target`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    _compile(target)
    return target


def _compile(folder: Path) -> None:
    """Write bytecode beside every module: without it a start takes three times as long.

    Unchecked hashes make it independent of file times; the paths inside it are those on Lambda.
    """
    for module in sorted(folder.rglob("*.py")):
        py_compile.compile(
            str(module),
            dfile=str(module.relative_to(folder)),
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            doraise=False,
            quiet=2,
        )
