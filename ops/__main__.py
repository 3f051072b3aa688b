"""`python -m ops <command>`: commands for operators, on the local cloud or, with STAGE=dev, on AWS."""

import importlib
import sys

from ops.command import run

COMMANDS = {
    "reconcile": "reconcile",
    "redrive": "redrive",
    "republish": "republish",
    "trace": "trace",
    "restore-drill": "restore_drill",
    "preflight": "preflight",
    **dict.fromkeys(("deploy", "journey", "trial", "trial-end"), "deploy"),
}
"""The module of each command, loaded on demand."""

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        sys.exit(f"ops: one of {', '.join(COMMANDS)}")
    run(name, importlib.import_module(f"ops.{COMMANDS[name]}").command)
