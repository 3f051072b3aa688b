"""HTTP servers beside the program that starts them."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import HTTPServer


@contextlib.contextmanager
def in_background[Server: HTTPServer](server: Server) -> Iterator[Server]:
    """Have `server` serve in a thread for as long as the block runs, and close it then."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
