"""`python -m local <command>`: the platform on this machine. An error is one line, and the exit code is not 0."""

import importlib
import sys

from local.failure import LocalCloudError
from local.interrupts import end_by_signals

COMMANDS = {
    "run": "terminal.running.run",
    "up": "terminal.running.up",
    "down": "terminal.running.down",
    "demo": "demo.main",
    "invoke": "invoking.invoke.main",
    "sam": "sam.serve.main",
}
"""The module and function of each command, loaded on demand."""


def main(name: str) -> None:
    """Run the command."""
    if name not in COMMANDS:
        sys.exit(f"local: one of {', '.join(COMMANDS)}")
    module, _, function = COMMANDS[name].rpartition(".")
    who = "local cloud" if module == "terminal.running" else name
    end_by_signals()
    try:
        getattr(importlib.import_module(f"local.{module}"), function)()
    except LocalCloudError as error:
        sys.exit(f"{who}: {error}")
    except KeyboardInterrupt:
        print(f"{who}: stopped")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
