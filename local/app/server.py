"""Serves the page of the browser app, and tells it where the platform is."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from local.app.configuration import Configuration
from local.failure import LocalCloudError
from local.serving import in_background

PORT = 3000
_HOST = "127.0.0.1"
_PAGE = Path(__file__).parent / "page"
_HTML, _CSS, _JAVASCRIPT = "text/html; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8"
_FILES = {
    "/": ("index.html", _HTML),
    "/callback": ("index.html", _HTML),
    "/page.css": ("page.css", _CSS),
    "/page.js": ("page.js", _JAVASCRIPT),
    "/session.js": ("session.js", _JAVASCRIPT),
}


@contextlib.contextmanager
def serving(configuration: Configuration, port: int = PORT) -> Iterator[None]:
    """Serve the app on loopback, for as long as the block runs. Raises LocalCloudError when the port is in use."""
    try:
        server = ThreadingHTTPServer((_HOST, port), partial(_Handler, configuration))
    except OSError:
        raise LocalCloudError(f"port {port} is in use, and the hosted login sends users nowhere else") from None
    with in_background(server):
        yield


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, configuration: Configuration, *arguments: object) -> None:
        self._configuration = configuration
        super().__init__(*arguments)  # type: ignore[arg-type] # the server's own: socket, address, itself

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/configuration.json":
            self._answer(json.dumps(asdict(self._configuration)).encode(), "application/json")
        elif path in _FILES:
            name, kind = _FILES[path]
            self._answer((_PAGE / name).read_bytes(), kind)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        self.send_header("content-security-policy", self._configuration.policy)
        self.send_header("cross-origin-opener-policy", "same-origin")
        # The address of /callback holds a code.
        self.send_header("referrer-policy", "no-referrer")
        self.send_header("x-content-type-options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address of /callback holds a code."""
