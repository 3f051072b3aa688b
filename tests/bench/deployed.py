"""What is deployed, as Lambda unpacks it: each function's asset and its layers, out of the synthesized template."""

import hashlib
import os
import platform
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path

from infra.assets import BUILD
from tests.bench.process import BenchmarkError
from tests.infra.stages import LOCAL
from tests.scaffolding.template import function_environments, referred

_UNPACKED = BUILD / "bench" / "layers"
_KEPT = 24
"""A few states of the sources, for the few sets of layers that functions have."""
_LAYER = re.compile(r"Functions(\w+?)[0-9A-F]{8}")
"""A layer's logical id: its construct's name, and CDK's hash."""
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Size:
    """What a layer or an asset comes to."""

    zipped_bytes: int
    modules: int
    without_bytecode: int
    """How many of these modules would be compiled at each start."""


def demand_host() -> None:
    """Raises BenchmarkError unless this machine runs what the stage deploys."""
    if _MACHINES.get(platform.machine()) != LOCAL.settings.architecture:
        raise BenchmarkError(f"the stage local deploys {LOCAL.settings.architecture}, and this is {platform.machine()}")


def asset(module: str) -> Path:
    """The folder that Lambda has as /var/task for a function."""
    return LOCAL.asset(LOCAL.function_ids[module])


def layers(module: str) -> dict[str, Path]:
    """The layers of a function by name, in their order."""
    return {_name(layer): LOCAL.asset(layer) for layer in map(referred, LOCAL.function(module)["Layers"])}


def all_layers() -> dict[str, Path]:
    """Every layer by name."""
    return {_name(layer): LOCAL.asset(layer) for layer in LOCAL.all("AWS::Lambda::LayerVersion")}


def environment(module: str) -> dict[str, str]:
    """The environment variables that the template gives a function; a Ref is its logical id.

    It logs as every stage does but the local one.
    """
    return {**function_environments()[module], "POWERTOOLS_LOG_LEVEL": "INFO"}


def opt(module: str) -> Path:
    """The folder that Lambda has as /opt for a function: its layers, one unpacked over the other."""
    return _unpacked(tuple(layers(module).values()))


@cache
def _unpacked(folders: Sequence[Path]) -> Path:
    target = _UNPACKED / hashlib.sha256(os.pathsep.join(map(str, folders)).encode()).hexdigest()[:16]
    if not target.exists():
        unfinished = target.with_suffix(f".{os.getpid()}")
        for folder in folders:
            shutil.copytree(folder, unfinished, dirs_exist_ok=True)
        unfinished.rename(target)
        older = sorted(_UNPACKED.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)[_KEPT:]
        for folder in older:
            shutil.rmtree(folder)
    return target


@cache
def size(folder: Path) -> Size:
    """What a folder comes to as it is uploaded."""
    packed = BytesIO()
    modules = [file for file in folder.rglob("*.py") if "__pycache__" not in file.parts]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    bare = sum(not Path(cache_from_source(str(module))).exists() for module in modules)
    return Size(zipped_bytes=len(packed.getvalue()), modules=len(modules), without_bytecode=bare)


def _name(logical_id: str) -> str:
    found = _LAYER.fullmatch(logical_id)
    if not found:
        raise BenchmarkError(f"{logical_id} is no layer of infra/functions.py")
    return found[1]
