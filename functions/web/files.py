"""Files as answers: compressed for clients that accept it, which is every browser."""

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType

from shared.http import Request, Response

SAFELY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
}
"""Headers of every file."""


@dataclass(frozen=True, slots=True)
class FileResponse(Response):
    """A text file as an answer; `packed` is its content, compressed by gzip."""

    packed: bytes = b""
    as_it_is: bool = False
    """The client does not accept a compressed answer."""

    def to_gateway(self, request_id: str) -> dict[str, object]:
        """The answer in API Gateway's format; a compressed body is base64."""
        answer = Response.to_gateway(self, request_id)
        headers = {**self.headers, "x-request-id": request_id, "vary": "accept-encoding"}
        headers["content-type"] = self.content_type
        if self.as_it_is:
            return {**answer, "headers": headers, "body": gzip.decompress(self.packed).decode()}
        headers["content-encoding"] = "gzip"
        body = base64.b64encode(self.packed).decode()
        return {**answer, "headers": headers, "body": body, "isBase64Encoded": True}


@dataclass(frozen=True, slots=True)
class File:
    """A text file, compressed beforehand."""

    media_type: str
    packed: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """The file, in an encoding that the client accepts."""
        as_it_is = not takes_gzip(request.headers.get("accept-encoding", ""))
        content_type = f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type
        return FileResponse(
            HTTPStatus.OK, headers=self.headers, content_type=content_type, packed=self.packed, as_it_is=as_it_is
        )


def page(html: str, *, connects_to: str, headers: Mapping[str, str] = MappingProxyType({})) -> File:
    """A page that loads only files of its own origin, and sends requests only to it and to `connects_to`."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {connects_to}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return File(
        media_type="text/html",
        packed=gzip.compress(html.encode()),
        headers={
            **SAFELY,
            "cache-control": "no-cache",
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            **headers,
        },
    )


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a client with this Accept-Encoding header accepts gzip (RFC 9110, section 12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, quality = part.replace(" ", "").partition(";q=")
        if coding in {"gzip", "*"}:
            return quality.strip("0.") != "" or quality == ""
    return False
