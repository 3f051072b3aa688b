"""The inner loop of `make local`: edits take effect within two seconds, without a restart.

A service's functions get its current folder; the layers of shared code and of the pages get a new version, for the
functions that use them.
"""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from watchfiles import watch

from infra.assets import package
from layers.web.build import build
from local.deployment import StackDescription, session, zipped

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

SERVICES = "functions"
SHARED = "layers/shared/python/shared"
PAGES = "layers/web"
_NEED_A_RESTART = ("app.py", "cdk.json", "uv.lock", "infra", "layers/dependencies")
_LAYERS = {Path(SHARED): "FunctionsShared", Path(PAGES): "FunctionsWeb"}
"""The layers' constructs in infra/functions.py, which are parts of their names on the cloud."""
_AT_ONCE = 4
_START_SECONDS = 5
_QUIET_MS = 50
"""Editors write a file in several steps: how long to wait for the last one."""


class Reloader:
    """Keeps the functions of a running stack up to date with the sources in `project`; `say` prints a line."""

    def __init__(self, project: Path, stack: StackDescription, say: Callable[[str], None]) -> None:
        self._project = project
        self._stack = stack
        self._say = say
        self._lambda: LambdaClient = session().client("lambda", endpoint_url=stack["awsEndpoint"])

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Watch the sources while the block runs."""
        watching, stop = threading.Event(), threading.Event()
        thread = threading.Thread(target=self._watch, args=[watching, stop], name="reloader", daemon=True)
        thread.start()
        try:
            watching.wait(_START_SECONDS)
            yield
        finally:
            stop.set()
            thread.join()

    def _watch(self, watching: threading.Event, stop: threading.Event) -> None:
        folders = [self._project / name for name in (SERVICES, SHARED, PAGES, *_NEED_A_RESTART)]
        # It also yields when nothing has changed, which shows that it watches.
        for changes in watch(
            *folders, stop_event=stop, step=_QUIET_MS, rust_timeout=100, yield_on_timeout=True, raise_interrupt=False
        ):
            watching.set()
            try:
                self.reload(Path(path).relative_to(self._project) for _, path in changes)
            except (BotoCoreError, ClientError, OSError) as failure:
                self._say(f"not reloaded: {failure}")

    def reload(self, changed: Iterable[Path]) -> None:
        """Deploy changed files to the functions; paths are relative to the project.

        A package with a syntax error is not reloaded, and the line shows where the error is.
        """
        packages: dict[Path, list[str]] = {}
        for path in sorted(changed):
            if layer := next((layer for layer in _LAYERS if path.is_relative_to(layer)), None):
                packages.setdefault(layer, []).append(path.name)
            elif path.is_relative_to(SERVICES) and len(path.parts) > 2:
                packages.setdefault(Path(*path.parts[:2]), []).append(path.name)
            else:
                self._say(f"{path} has changed: that takes a restart of make local")
        for source, names in packages.items():
            self._reload(source, names)

    def _reload(self, source: Path, names: list[str]) -> None:
        started = time.perf_counter()
        if error := self._first_syntax_error(source):
            self._say(f"not reloaded, the old code serves on: {error}")
            return
        with tempfile.TemporaryDirectory() as scratch:
            if source == Path(SHARED):
                package(self._project / source, Path(scratch) / "python")
                count = self._replace_layer(_LAYERS[source], zipped(Path(scratch)))
            elif source == Path(PAGES):
                build(self._project, Path(scratch))
                count = self._replace_layer(_LAYERS[source], zipped(Path(scratch)))
            else:
                package(self._project / source, Path(scratch))
                count = self._replace_code(source.name, zipped(Path(scratch)))
        seconds = time.perf_counter() - started
        self._say(f"reloaded {source}: {', '.join(names)} ({count} functions, {seconds:.2f} s)")

    def _first_syntax_error(self, source: Path) -> str | None:
        for module in sorted((self._project / source).rglob("*.py")):
            place = module.relative_to(self._project)
            try:
                compile(module.read_bytes(), place, "exec")
            except SyntaxError as error:
                return f"{place}:{error.lineno}: {error.msg}"
            except ValueError as error:  # a null byte
                return f"{place}:1: {error}"
        return None

    def _replace_code(self, service: str, code: bytes) -> int:
        names = [
            function["FunctionName"]
            for function in self._functions()
            if function["Handler"].partition(".")[0] == service
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return len(
                list(pool.map(lambda name: self._lambda.update_function_code(FunctionName=name, ZipFile=code), names))
            )

    def _replace_layer(self, construct: str, content: bytes) -> int:
        arns = {layer["Arn"] for function in self._functions() for layer in function["Layers"]}
        [old] = [arn for arn in arns if construct in arn]
        users = [each for each in self._functions() if old in [layer["Arn"] for layer in each["Layers"]]]
        name = old.split(":")[-2]
        new = self._lambda.publish_layer_version(LayerName=name, Content={"ZipFile": content})["LayerVersionArn"]

        def replace(function: "FunctionConfigurationTypeDef") -> None:
            arns = [new if layer["Arn"] == old else layer["Arn"] for layer in function["Layers"]]
            self._lambda.update_function_configuration(FunctionName=function["FunctionName"], Layers=arns)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return len(list(pool.map(replace, users)))

    def _functions(self) -> Iterator["FunctionConfigurationTypeDef"]:
        for page in self._lambda.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                if function["FunctionName"].startswith(self._stack["stackName"]):
                    yield function
