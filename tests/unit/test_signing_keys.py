"""The pool's public keys: fetched seldom, kept while the pool is away."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from auth.published_keys import KeysUnavailableError, UnknownKeyError
from auth.signing_keys import SigningKeys
from infra.operations import AUTHORIZER
from local.serving import in_background

PUBLIC_KEY = json.loads(
    jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key())
)


def a_key_set(*key_ids: str) -> bytes:
    """A JSON Web Key Set of keys called `key_ids`."""
    keys = [{**PUBLIC_KEY, "kid": key_id, "use": "sig", "alg": "RS256"} for key_id in key_ids]
    return json.dumps({"keys": keys}).encode()


class Pool:
    """A user pool's web server. It publishes `document` with `status`, and counts how often it was asked."""

    def __init__(self) -> None:
        self.document = a_key_set("key-1")
        self.status = 200
        self.asked = 0
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pool.asked += 1
                self.send_response(pool.status)
                self.send_header("content-length", str(len(pool.document)))
                self.end_headers()
                self.wfile.write(pool.document)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/pool/.well-known/jwks.json"

    def go_away(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@contextmanager
def silent_pool() -> Iterator[str]:
    """The address of a pool that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/keys"


def timed(ask: Callable[[], object]) -> float:
    """The seconds that `ask` takes."""
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def refused_key(keys: SigningKeys, why: type[Exception]) -> None:
    """Ask for a key that can't be had."""
    with pytest.raises(why):
        keys.key("key-2")


class Clock:
    """The clock that time is measured with, moved on at will."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._real = time.monotonic

    def monotonic(self) -> float:
        return self._real() + self._offset

    def pass_time(self, seconds: float) -> None:
        self._offset += seconds


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.go_away()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return clock


def test_a_known_key_is_fetched_once(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    assert keys.key("key-1").key_id == "key-1"
    clock.pass_time(24 * 3600)
    assert keys.key("key-1").key_id == "key-1"
    assert pool.asked == 1


def test_nothing_is_fetched_before_it_is_needed(pool: Pool) -> None:
    SigningKeys(pool.url)
    assert pool.asked == 0


def test_a_forged_key_id_makes_us_fetch_once_a_minute_at_most(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    for key_id in ("forged-1", "forged-2", "", "forged-1"):
        with pytest.raises(UnknownKeyError):
            keys.key(key_id)
    assert pool.asked == 1
    clock.pass_time(61)
    for key_id in ("forged-1", "forged-2"):
        with pytest.raises(UnknownKeyError):
            keys.key(key_id)
    assert pool.asked == 2


def test_a_thousand_forged_key_ids_make_us_fetch_once(pool: Pool) -> None:
    keys = SigningKeys(pool.url)
    for number in range(1000):
        with pytest.raises(UnknownKeyError):
            keys.key(f"forged-{number}")
    assert pool.asked == 1


def test_forged_key_ids_over_an_hour_make_us_fetch_once_a_minute(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    for second in range(3600):
        clock.pass_time(1)
        with pytest.raises(UnknownKeyError):
            keys.key(f"forged-{second}")
    assert 59 <= pool.asked - 1 <= 60


def test_a_new_key_is_found_once_the_minute_is_over(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    pool.document = a_key_set("key-1", "key-2")
    clock.pass_time(61)
    assert keys.key("key-2").key_id == "key-2"
    assert pool.asked == 2


def test_a_key_that_was_withdrawn_is_known_no_more_after_the_next_fetch(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    pool.document = a_key_set("key-2")
    clock.pass_time(61)
    keys.key("key-2")
    with pytest.raises(UnknownKeyError):
        keys.key("key-1")


BAD_ANSWERS = {
    "not found": (404, b"{}"),
    "broken": (500, a_key_set("key-2")),
    "no JSON": (200, b"<html>"),
    "empty": (200, b""),
    "no keys": (200, b'{"keys":[]}'),
    "other JSON": (200, b"{}"),
    "binary": (200, b"\xff\xfe"),
}


@pytest.mark.parametrize(("status", "document"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_keys_are_kept_when_the_pool_answers_badly(pool: Pool, clock: Clock, status: int, document: bytes) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    pool.status, pool.document = status, document
    clock.pass_time(61)
    with pytest.raises(UnknownKeyError):
        keys.key("key-2")
    assert pool.asked == 2
    assert keys.key("key-1").key_id == "key-1"
    assert keys.document() == a_key_set("key-1")


def test_keys_are_kept_while_the_pool_is_away(pool: Pool, clock: Clock) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    pool.go_away()
    clock.pass_time(61)
    with pytest.raises(UnknownKeyError):
        keys.key("key-2")
    assert keys.key("key-1").key_id == "key-1"


def test_a_pool_that_does_not_answer_costs_one_request_its_timeout_and_the_next_ones_nothing() -> None:
    with silent_pool() as url:
        keys = SigningKeys(url)
        seconds = [timed(lambda: refused_key(keys, KeysUnavailableError)) for _ in range(3)]
    budget = AUTHORIZER.timeout_seconds
    assert seconds[0] < budget / 2
    assert max(seconds[1:]) < 0.1


def test_a_known_key_is_had_at_once_while_the_pool_does_not_answer(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = SigningKeys(pool.url)
    keys.key("key-1")
    with silent_pool() as url:
        monkeypatch.setattr(keys, "_url", url)
        clock.pass_time(61)
        assert timed(lambda: refused_key(keys, UnknownKeyError)) < AUTHORIZER.timeout_seconds / 2
        assert timed(lambda: keys.key("key-1")) < 0.1
        assert timed(lambda: refused_key(keys, UnknownKeyError)) < 0.1


@pytest.mark.parametrize(("status", "document"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_without_any_keys_they_are_unavailable_until_the_pool_is_well(
    pool: Pool, clock: Clock, status: int, document: bytes
) -> None:
    good = pool.document
    pool.status, pool.document = status, document
    keys = SigningKeys(pool.url)
    with pytest.raises(KeysUnavailableError):
        keys.key("key-1")
    with pytest.raises(KeysUnavailableError):
        keys.document()
    assert pool.asked == 1
    pool.status, pool.document = 200, good
    clock.pass_time(5)
    assert keys.key("key-1").key_id == "key-1"


def test_the_document_is_handed_on_as_the_pool_publishes_it(pool: Pool) -> None:
    keys = SigningKeys(pool.url)
    assert keys.document() == keys.document() == a_key_set("key-1")
    keys.key("key-1")
    assert pool.asked == 1


def test_a_server_that_no_trusted_authority_vouches_for_is_not_believed(tmp_path: Path) -> None:
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with in_background(server), pytest.raises(KeysUnavailableError) as refused:
        SigningKeys(f"https://localhost:{server.server_port}/keys").document()
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.value.__cause__)
