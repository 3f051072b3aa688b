"""GET /.well-known/jwks.json"""

from http import HTTPStatus
from typing import TypedDict, cast

from auth.signing_keys import SigningKeys
from shared.contract import Contract, contract
from shared.http import Request, Response, operation
from shared.wire import read_json

keys = SigningKeys.of_stage()


class KeySetView(TypedDict):
    """A JSON Web Key Set."""

    keys: list[dict[str, str]]


@operation
@contract(Contract(gives=KeySetView))
def handler(_request: Request) -> Response:
    """The public keys that verify our tokens.

    A JSON Web Key Set (RFC 7517); may be kept for an hour.
    """
    document = cast("KeySetView", read_json(keys.document()))
    return Response(HTTPStatus.OK, document, {"cache-control": "public, max-age=3600"})
