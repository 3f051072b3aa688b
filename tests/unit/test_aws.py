"""Answers of AWS that are cut short are failures, not empty answers: what has no item is another thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zlib import crc32

import pytest

from local.serving import in_background
from shared import aws
from shared.dynamodb import Table

ITEM = b'{"Item":{"profileId":{"S":"ada"},"balance":{"N":"1250"}}}'


@contextmanager
def table(*, body: bytes, length: int, checksum: int | None) -> Iterator[Table]:
    """A table whose server answers every call with `body`, and says of it what is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(HTTPStatus.OK)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(length))
            if checksum is not None:
                self.send_header("x-amz-crc32", str(checksum))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        aws.client.cache_clear()  # type: ignore[attr-defined] # it is cached, and overloaded
        yield Table("Accounts")
        aws.client.cache_clear()  # type: ignore[attr-defined] # it is cached, and overloaded


def test_a_whole_answer_is_read() -> None:
    with table(body=ITEM, length=len(ITEM), checksum=crc32(ITEM)) as accounts:
        assert accounts.get({"profileId": "ada"}) == {"profileId": "ada", "balance": 1250}


def test_an_empty_answer_means_that_there_is_no_item() -> None:
    with table(body=b"{}", length=2, checksum=crc32(b"{}")) as accounts:
        assert accounts.get({"profileId": "ada"}) is None


@pytest.mark.parametrize("kept", [0, 1, 20, len(ITEM) - 1])
@pytest.mark.parametrize(
    ("says_its_length", "says_its_checksum"),
    [(True, True), (True, False), (False, True)],
    ids=["both", "length", "checksum"],
)
def test_an_answer_that_is_cut_short_is_a_failure(kept: int, *, says_its_length: bool, says_its_checksum: bool) -> None:
    length, checksum = (len(ITEM) if says_its_length else kept), (crc32(ITEM) if says_its_checksum else None)
    with (
        table(body=ITEM[:kept], length=length, checksum=checksum) as accounts,
        pytest.raises(aws.DamagedAnswerError, match="GetItem was cut short"),
    ):
        accounts.get({"profileId": "ada"})
