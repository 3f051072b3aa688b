"""HTTP servers that run in a thread of the program."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import HTTPServer


@contextlib.contextmanager
def in_background[Server: HTTPServer](server: Server) -> Iterator[Server]:
    """Run `server` in a thread while the block runs, then close it."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
