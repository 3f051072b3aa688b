"""Connects containers to the local cloud, which is on loopback, by Docker's own bridge address."""

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator

_LOOPBACK = "127.0.0.1"
_BY_NAME = "host.docker.internal"
"""The host's name in containers of Docker Desktop, which has no bridge on the host."""


@contextlib.contextmanager
def reachable_by_containers(port: int) -> Iterator[str]:
    """The host name by which containers reach `port` of loopback, while the block runs.

    Listens on the address of Docker's bridge, which only this machine and its containers can reach.
    """
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    address = _bridge_address()
    try:
        server.bind((address, port))
    except OSError:
        server.close()
        yield _BY_NAME
        return
    server.listen()
    threading.Thread(target=_serve, args=[server, port], daemon=True).start()
    try:
        yield address
    finally:
        # Closing alone would leave the accepting thread blocked.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def _bridge_address() -> str:
    form = "{{(index .IPAM.Config 0).Gateway}}"
    command = ["docker", "network", "inspect", "bridge", "--format", form]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _serve(server: socket.socket, port: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            cloud = socket.create_connection((_LOOPBACK, port))
            for source, sink in ((client, cloud), (cloud, client)):
                threading.Thread(target=_pass_on, args=[source, sink], daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
