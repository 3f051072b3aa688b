"""Layers, unpacked once for all workers: the unpatched emulator unpacks 27 MB at each cold start."""

import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_unpacked: dict[str, Path] = {}
_one_at_a_time = threading.Lock()


def install() -> None:
    """Let workers read the unpacked layers."""
    lambda_runtime.Worker._spawn = _with_unpacked_layers(lambda_runtime.Worker._spawn)


def _with_unpacked_layers(spawn: Callable[[Any], None]) -> Callable[[Any], None]:
    def handle(worker: Any) -> None:
        config = worker.config
        variables = config.get("Environment", {}).get("Variables", {})
        # The variable with which the emulator itself points a worker to its unpacked layers.
        folders = [str(_folder(layer["Arn"])) for layer in config.get("Layers", [])]
        told = {"_LAMBDA_LAYERS_DIRS": os.pathsep.join(folders)}
        worker.config = {**config, "Layers": [], "Environment": {"Variables": variables | told}}
        try:
            spawn(worker)
        finally:
            worker.config = config

    return handle


def _folder(arn: str) -> Path:
    with _one_at_a_time:
        if arn not in _unpacked:
            folder = Path(tempfile.mkdtemp(prefix="ministack-layer-"))
            archive = folder / "layer.zip"
            archive.write_bytes(lambda_svc._resolve_layer_zip(arn))
            with zipfile.ZipFile(archive) as layer:
                layer.extractall(folder)
            _unpacked[arn] = folder
    return _unpacked[arn]
