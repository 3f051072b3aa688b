"""API Gateway's own front on AWS, before the local cloud: TLS with a certificate for its name, and no other host."""

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.serving import in_background

NAME = "abcdefghij.execute-api.eu-central-1.amazonaws.com"
"""The API's name in the configurations of docs/gateway."""

_PREFIX = "/api/v1"


@dataclass(slots=True)
class Front:
    """The front, once it runs."""

    port: int
    certificates: Path
    """What a client must trust."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each question, oldest first."""


@contextmanager
def api_front(api_url: str, directory: Path) -> Iterator[Front]:
    """The API of the local cloud, as it is reached on AWS."""
    certificate = _certificate(directory)
    front = Front(0, certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with httpx.Client(timeout=30) as api:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, front, api, api_url))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        front.port = server.server_port
        with in_background(server):
            yield front


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, front: Front, api: httpx.Client, api_url: str, *arguments: object) -> None:
        self._front = front
        self._api = api
        self._api_url = api_url
        super().__init__(*arguments)  # type: ignore[arg-type] # the server's own: socket, address, itself

    def _pass_on(self) -> None:
        self._front.asked.append((self.command, self.path))
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers["host"] != NAME or not self.path.startswith(f"{_PREFIX}/"):
            self._answer(403, {}, b'{"message":"Forbidden"}')
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        url = self._api_url + self.path.removeprefix(_PREFIX)
        answer = self._api.request(self.command, url, headers=headers, content=body)
        self._answer(answer.status_code, dict(answer.headers), answer.content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on  # noqa: N815 - the server's own names

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "content-encoding"}:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing into pytest's output."""


def _certificate(directory: Path) -> Path:
    """A file with a key and a certificate for it, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = directory / "front.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
