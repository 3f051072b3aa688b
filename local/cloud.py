"""A local cloud: the emulator with the platform deployed in it."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from local.deployment import StackDescription, deploy
from local.emulator import Emulator
from local.synthesis import assembly

STAGE = "local"


@contextlib.contextmanager
def local_cloud(port: int, directory: Path) -> Iterator[tuple[StackDescription, Emulator]]:
    """The platform on `port` while the block runs; its files go into `directory`.

    Raises LocalCloudError when starting or deploying fails.
    """
    directory.mkdir(parents=True, exist_ok=True)
    template = assembly(STAGE)
    emulator = Emulator(port, directory)
    try:
        emulator.start()
        description = deploy(template, emulator.endpoint, emulator.log)
        (directory / "stack.json").write_text(json.dumps(description, indent=2) + "\n")
        yield description, emulator
    finally:
        emulator.stop()
