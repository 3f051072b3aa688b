"""Ends an operator's command: with an exit code, and with one line if it fails."""

import sys
from collections.abc import Callable
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local.failure import LocalCloudError


class CommandError(Exception):
    """A mistake that the operator can fix. One line, with the fix."""


def run(name: str, command: Callable[[], bool]) -> NoReturn:
    """End the process with 0 when `command` returns true, else with 1."""
    try:
        sys.exit(0 if command() else 1)
    except (CommandError, LocalCloudError, ClientError, BotoCoreError) as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")
