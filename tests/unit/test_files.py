"""Files as answers: compressed for those who can read that, the same text for the others."""

import base64
import gzip

import pytest

from tests.unit.gateway import request
from web.files import File, takes_gzip

TEXT = "a contract with an é in it; " * 100
FILE = File(media_type="text/css", packed=gzip.compress(TEXT.encode()), headers={"cache-control": "no-cache"})


@pytest.mark.parametrize(
    ("accept_encoding", "takes"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.2", True),
        ("*", True),
        ("gzip;q=1", True),
        ("", False),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("xgzip", False),
    ],
)
def test_who_takes_a_compressed_answer(accept_encoding: str, takes: bool) -> None:
    assert takes_gzip(accept_encoding) is takes


def test_a_file_goes_compressed_to_who_takes_it() -> None:
    answer = FILE.answer(request(headers={"accept-encoding": "gzip"})).to_gateway("request-1")
    assert answer["isBase64Encoded"] is True
    assert gzip.decompress(base64.b64decode(str(answer["body"]))).decode() == TEXT
    assert answer["headers"] == {
        "cache-control": "no-cache",
        "content-encoding": "gzip",
        "content-type": "text/css; charset=utf-8",
        "vary": "accept-encoding",
        "x-request-id": "request-1",
    }


def test_a_file_goes_as_text_to_all_others() -> None:
    answer = FILE.answer(request(headers={})).to_gateway("request-1")
    assert answer["body"] == TEXT
    assert "isBase64Encoded" not in answer
    assert "content-encoding" not in answer["headers"]  # type: ignore[operator]
