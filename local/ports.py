"""Ports: configured ones, and free ones for temporary servers."""

import os
import socket

from local.failure import LocalCloudError


def chosen_port(variable: str, default: int) -> int:
    """The port in the environment variable, else `default`. Raises LocalCloudError when it is not a port number."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise LocalCloudError(f"{variable} must be a port number from 1024 to 65535, not {text!r}")
    return int(text)


def free_port() -> int:
    """A currently unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
