"""A service that believes its gateway: it keeps notes for whom `x-profile-id` names, and remembers what reached it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.serving import in_background


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, as it reached the upstream; every header with all of its values, names in small letters."""

    method: str
    path: str
    headers: dict[str, list[str]]

    @property
    def claims(self) -> dict[str, list[str]]:
        """All that could be taken for who the request is from."""
        return {
            name: values
            for name, values in self.headers.items()
            if name.replace("_", "-") in {"x-profile-id", "x-user-login"}
        }


@dataclass(slots=True)
class Upstream:
    """The service, once it runs."""

    port: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """The service on 127.0.0.1, while the block runs."""
    upstream = Upstream()
    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, upstream))) as server:
        upstream.port = server.server_port
        yield upstream


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, upstream: Upstream, *arguments: object) -> None:
        self._upstream = upstream
        super().__init__(*arguments)  # type: ignore[arg-type] # the server's own: socket, address, itself

    def _serve(self) -> None:
        headers: dict[str, list[str]] = defaultdict(list)
        for name, value in self.headers.items():
            headers[name.lower()].append(value)
        self._upstream.arrivals.append(Arrival(self.command, self.path, dict(headers)))
        notes = self._upstream.notes[self.headers.get("x-profile-id", "")]
        if self.command == "POST":
            notes.append(self.rfile.read(int(self.headers["content-length"])).decode())
        if self.command == "DELETE":
            notes.clear()
        body = json.dumps(notes).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the server's own names

    def log_message(self, *_: object) -> None:
        """Say nothing into pytest's output."""
