"""The files and the port of the local cloud."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

from local.deployment import StackDescription
from local.failure import LocalCloudError
from local.ports import chosen_port

PROJECT = Path(__file__).parent.parent
LOCAL = PROJECT / ".local"
LATEST_STACK = LOCAL / "stack.json"
"""The description of the stack that the latest `make local` or `make local-up` started."""

DEFAULT_PORT = 4566


@dataclass(frozen=True, slots=True)
class Place:
    """The files of the cloud on one port; each has its own, so that two can run side by side."""

    port: int

    @classmethod
    def of(cls, stack: StackDescription) -> Self:
        """The place of the cloud with this stack."""
        return cls(int(stack["awsEndpoint"].rsplit(":", 1)[1]))

    @property
    def directory(self) -> Path:
        """Everything that belongs to this cloud."""
        return LOCAL / str(self.port)

    @property
    def stack(self) -> Path:
        """The description of its stack, which exists while it runs."""
        return self.directory / "stack.json"

    @property
    def process_id(self) -> Path:
        """The id of the process that runs it."""
        return self.directory / "process.id"

    @property
    def output(self) -> Path:
        """Its output in the background."""
        return self.directory / "cloud.log"

    @property
    def runs(self) -> bool:
        """Whether the process that runs it is alive."""
        try:
            os.kill(int(self.process_id.read_text()), 0)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True

    def publish(self) -> None:
        """Make it the latest."""
        LATEST_STACK.write_bytes(self.stack.read_bytes())

    def withdraw(self) -> None:
        """Remove the files that show that it runs."""
        if LATEST_STACK.exists() and self.stack.exists() and LATEST_STACK.read_bytes() == self.stack.read_bytes():
            LATEST_STACK.unlink()
        self.stack.unlink(missing_ok=True)
        self.process_id.unlink(missing_ok=True)


def chosen_place() -> Place:
    """The place for LOCAL_PORT, or port 4566. Raises LocalCloudError when that is not a port number."""
    return Place(chosen_port("LOCAL_PORT", DEFAULT_PORT))


def running_stack() -> StackDescription:
    """The running stack: the one on LOCAL_PORT if set, else the latest.

    Raises LocalCloudError when there is none.
    """
    path = chosen_place().stack if os.environ.get("LOCAL_PORT") else LATEST_STACK
    if path.exists():
        stack = cast("StackDescription", json.loads(path.read_text()))
        if Place.of(stack).runs:
            return stack
    raise LocalCloudError("no local cloud is running; start one: make local")
