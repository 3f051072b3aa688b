"""GET /.well-known/jwks.json"""

from http import HTTPStatus
from typing import Any, cast

from auth.signing_keys import KeysUnavailableError, SigningKeys
from shared.http import Request, Response, operation
from shared.problems import DependencyUnavailableError
from shared.wire import read_json

keys = SigningKeys.of_stage()


@operation
def handler(_request: Request) -> Response:
    """The public keys that verify our tokens (RFC 7517); may be kept for an hour."""
    try:
        document = cast("dict[str, Any]", read_json(keys.document()))
    except KeysUnavailableError:
        raise DependencyUnavailableError from None
    return Response(HTTPStatus.OK, document, {"cache-control": "public, max-age=3600"})
