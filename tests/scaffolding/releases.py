"""The functions of released versions, to run beside today's, as during a rollout in steps.

`python -m tests.scaffolding.releases` (part of `make release`) keeps today's functions as those of the contract's
version. A release is a zip of `functions/` and the shared layer, imported as it is.
"""

import importlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Self

from local.places import PROJECT
from shared import aws

FOLDER = PROJECT / "tests/fixtures/releases"
_SHIPPED = ("functions", "layers/shared/python")
_NOT_CODE = ":!functions/web/openapi.json"
_PACKAGES = {path.parent.name for shipped in _SHIPPED for path in (PROJECT / shipped).glob("*/__init__.py")}


class Code:
    """One version of our functions, with modules of its own."""

    imported: ClassVar["Code"]
    """The one whose modules are imported now."""

    def __init__(self, archive: Path | None = None) -> None:
        self._path = [str(archive / shipped) for shipped in _SHIPPED] if archive else []
        self._files = frozenset(zipfile.ZipFile(archive).namelist()) if archive else frozenset()
        # One AWS client for all: what comes between the functions and AWS in a test, comes between it and each version.
        self.modules: dict[str, ModuleType] = {"shared.aws": aws} if archive else {}

    @classmethod
    def of_release(cls, version: str) -> Self:
        """That of a released version."""
        return cls(FOLDER / f"{version}.zip")

    def has(self, module: str) -> bool:
        """Whether this release has a function."""
        return f"functions/{module.replace('.', '/')}.py" in self._files

    def call(self, module: str, event: object, context: object) -> Any:
        """The answer of a function's handler in this version."""
        with self.in_use():
            return importlib.import_module(module).handler(event, context)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Replace the imported modules with this version's while the block runs."""
        if Code.imported is self:
            yield
            return
        other, path = Code.imported, sys.path[:]
        self.take_the_place_of(other)
        sys.path[:0] = self._path
        try:
            yield
        finally:
            other.take_the_place_of(self)
            sys.path[:] = path

    def take_the_place_of(self, other: "Code") -> None:
        """Replace another version's imported modules with this version's."""
        other.modules = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] in _PACKAGES}
        sys.modules.update(self.modules)
        Code.imported = self


TODAY = Code.imported = Code()


def latest() -> str:
    """The latest released version whose functions are kept."""
    return max((path.stem for path in FOLDER.glob("*.zip")), key=lambda version: tuple(map(int, version.split("."))))


def keep() -> Path:
    """Keep the functions of the present commit as those of the contract's version."""
    version = json.loads((PROJECT / "docs/released/openapi.json").read_text())["info"]["version"]
    archive = FOLDER / f"{version}.zip"
    command = ["git", "archive", "--format=zip", "-9", f"--output={archive}", "HEAD", *_SHIPPED, _NOT_CODE]
    subprocess.run(command, cwd=PROJECT, check=True)
    return archive


if __name__ == "__main__":
    keep()
