"""How an operator's command ends: by its exit code, and with one line when it can't do what it was asked for."""

import sys
from collections.abc import Callable
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local.failure import LocalCloudError


class CommandError(Exception):
    """What the operator can mend. One line, with the fix."""


def run(name: str, command: Callable[[], bool]) -> NoReturn:
    """End the process with 0 when `command` says that all is well, else with 1."""
    try:
        sys.exit(0 if command() else 1)
    except (CommandError, LocalCloudError, ClientError, BotoCoreError) as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")
