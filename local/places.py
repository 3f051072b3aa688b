"""Where the files of the local cloud lie, and which port it is on."""

import json
import os
import sys
from pathlib import Path
from typing import cast

from local.deployment import StackDescription

LOCAL = Path(__file__).parent.parent / ".local"
STACK = LOCAL / "stack.json"
"""What the latest `make local` or `make local-up` has started."""

DEFAULT_PORT = 4566


def port() -> int:
    """LOCAL_PORT, or 4566."""
    text = os.environ.get("LOCAL_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        sys.exit(f"LOCAL_PORT must be a port number from 1024 to 65535, not {text!r}")
    return int(text)


def directory(port_: int) -> Path:
    """The files of the cloud on one port, so that two can run side by side."""
    return LOCAL / str(port_)


def described_stack() -> StackDescription:
    """The running stack: of LOCAL_PORT where that is set, else the latest. Exits with one line when there is none."""
    path = directory(port()) / "stack.json" if os.environ.get("LOCAL_PORT") else STACK
    try:
        return cast("StackDescription", json.loads(path.read_text()))
    except FileNotFoundError:
        sys.exit("no local cloud is running; start one with `make local`, or name a deployed stack: API_URL=https://…")
